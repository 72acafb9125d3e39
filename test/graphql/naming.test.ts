import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine, type GraphqlEngineOptions } from '../../src/graphql/engine.ts'
import { experimentalFeatures } from '../../src/graphql/experimental-features.ts'
import type { HasuraMetadata, MetadataCustomization } from '../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { RawClient, startEndpoint } from './support/endpoint.ts'
import type { Answer } from './support/library.ts'

const SQL = `
CREATE TABLE author_local (id serial PRIMARY KEY, full_name text UNIQUE, favourite_day text, settings jsonb, score double precision,
  is_active boolean, "tags__of" text[]);
CREATE TABLE article_local (id serial PRIMARY KEY, author_id integer REFERENCES author_local, word_count integer);
CREATE TABLE days_of_the_week (day_name text PRIMARY KEY);
INSERT INTO days_of_the_week VALUES ('Monday'), ('Sunday');
ALTER TABLE author_local ADD FOREIGN KEY (favourite_day) REFERENCES days_of_the_week;
INSERT INTO author_local (full_name, favourite_day, settings, score, is_active) VALUES
  ('Ann', 'Sunday', '{"a": {"b": 1}, "k": 1}', 1.5, true), ('Bob', NULL, NULL, NULL, false);
INSERT INTO article_local (author_id, word_count) VALUES (1, 10), (1, 20), (2, 30);
CREATE FUNCTION search_authors(search_term text) RETURNS SETOF author_local LANGUAGE sql STABLE AS
  $$ SELECT * FROM author_local WHERE full_name = search_term $$;
CREATE FUNCTION word_sum(author_local, min_words integer DEFAULT 0) RETURNS bigint LANGUAGE sql STABLE AS
  $$ SELECT sum(word_count) FROM article_local WHERE author_id = $1.id AND word_count >= min_words $$;
`

function metadataOf(customization: MetadataCustomization | undefined, customName?: string): HasuraMetadata {
  const table = (name: string) => ({ schema: 'public', name })
  return {
    version: 3,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        configuration: {},
        ...(customization === undefined ? {} : { customization }),
        tables: [
          {
            table: table('author_local'),
            configuration:
              customName === undefined
                ? {}
                : {
                    custom_name: customName,
                    custom_root_fields: { select_by_pk: { name: 'author_detail' } },
                    column_config: { full_name: { custom_name: 'the_name' } },
                  },
            array_relationships: [
              {
                name: 'all_articles',
                using: { kind: 'reverse_foreign_key', table: table('article_local'), columns: ['author_id'] },
              },
            ],
            computed_fields: [{ name: 'word_sum', definition: { function: table('word_sum') } }],
          },
          {
            table: table('article_local'),
            object_relationships: [{ name: 'author', using: { kind: 'foreign_key', columns: ['author_id'] } }],
          },
          {
            table: table('days_of_the_week'),
            is_enum: true,
            array_relationships: [
              {
                name: 'authors',
                using: { kind: 'reverse_foreign_key', table: table('author_local'), columns: ['favourite_day'] },
              },
            ],
          },
        ],
        functions: [{ function: table('search_authors') }],
      },
    ],
  }
}

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  await database.pool.query(SQL)
})
afterAll(() => database.drop())

const start = (metadata: HasuraMetadata, options: Partial<GraphqlEngineOptions> = {}): Promise<GraphqlEngine> =>
  createGraphqlEngine({ pool: database.pool, metadata, ...options })

async function ask(engine: GraphqlEngine, query: string, variables: object = {}): Promise<Answer> {
  const { data, errors } = JSON.parse(await engine.execute({ query, variables }, { role: 'admin', variables: {} }))
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data
}
const refusal = (engine: GraphqlEngine, query: string) =>
  ask(engine, query).then(
    () => 'answered',
    error => JSON.parse(error.message)[0].message,
  )

describe('the naming convention graphql-default', () => {
  let engine: GraphqlEngine
  beforeAll(async () => {
    engine = await start(metadataOf({ naming_convention: 'graphql-default' }))
  })

  it('is for fields, arguments, operators and types of queries', async () => {
    expect(engine.inconsistencies).toEqual([])
    const data = await ask(
      engine,
      `query ($where: AuthorLocalBoolExp!, $by: [AuthorLocalOrderBy!]) {
        authorLocal(where: $where, orderBy: $by, distinctOn: [id], limit: 5) {
          __typename id fullName favouriteDay tagsOf word_sum(args: {minWords: 15})
          all_articles(orderBy: {wordCount: DESC}) { wordCount author { fullName } }
          all_articlesAggregate { __typename aggregate { count stddevPop { wordCount } max { wordCount } } nodes { id } }
        }
        authorLocalByPk(id: 2) { fullName }
        authorLocalAggregate(where: {settings: {_hasKeysAll: ["a", "k"]}}) { aggregate { count(columns: fullName) } }
        searchAuthors(args: {searchTerm: "Bob"}) { id }
        searchAuthorsAggregate(args: {searchTerm: "Bob"}) { aggregate { count } }
        byArticles: authorLocal(orderBy: {all_articlesAggregate: {max: {wordCount: DESC_NULLS_LAST}}}) { id }
        busy: authorLocal(where: {all_articlesAggregate: {count: {predicate: {_gt: 1}}}}) { id }
        days: authorLocalAggregate(where: {id: {_cast: {String: {_eq: "1"}}}}) {
          groupBy(keys: [{column: favouriteDay}]) { __typename groupKey { favouriteDay } aggregate { count } }
        }
      }`,
      {
        where: {
          fullName: { _isNull: false },
          favouriteDay: { _eq: 'SUNDAY' },
          settings: { _containedIn: { a: { b: 1 }, k: 1 } },
        },
        by: [{ id: 'ASC' }, { fullName: 'DESC_NULLS_LAST' }],
      },
    )
    expect(data).toEqual({
      authorLocal: [
        {
          __typename: 'AuthorLocal',
          id: 1,
          fullName: 'Ann',
          favouriteDay: 'SUNDAY',
          tagsOf: null,
          word_sum: 20,
          all_articles: [
            { wordCount: 20, author: { fullName: 'Ann' } },
            { wordCount: 10, author: { fullName: 'Ann' } },
          ],
          all_articlesAggregate: {
            __typename: 'ArticleLocalAggregate',
            aggregate: { count: 2, stddevPop: { wordCount: 5 }, max: { wordCount: 20 } },
            nodes: [{ id: 1 }, { id: 2 }],
          },
        },
      ],
      authorLocalByPk: { fullName: 'Bob' },
      authorLocalAggregate: { aggregate: { count: 1 } },
      searchAuthors: [{ id: 2 }],
      searchAuthorsAggregate: { aggregate: { count: 1 } },
      byArticles: [{ id: 2 }, { id: 1 }],
      busy: [{ id: 1 }],
      days: {
        groupBy: [{ __typename: 'AuthorLocalGroupBy', groupKey: { favouriteDay: 'SUNDAY' }, aggregate: { count: 1 } }],
      },
    })
    for (const [query, message] of [
      ['{ author_local { id } }', `field 'author_local' not found in type: 'query_root'`],
      ['{ authorLocal(order_by: {id: ASC}) { id } }', `'authorLocal' has no argument named 'order_by'`],
      ['{ authorLocal(orderBy: {id: asc}) { id } }', "expected one of the values ['ASC',"],
      [
        '{ authorLocal(where: {id: {_is_null: true}}) { id } }',
        `field '_is_null' not found in type: 'IntComparisonExp'`,
      ],
      [
        '{ authorLocal(where: {favouriteDay: {_eq: Sunday}}) { id } }',
        "expected one of the values ['MONDAY', 'SUNDAY']",
      ],
    ] as const)
      expect(await refusal(engine, query)).toContain(message)
  })

  it('is for mutations', async () => {
    const data = await ask(
      engine,
      `mutation ($rows: [AuthorLocalInsertInput!]!, $conflict: AuthorLocalOnConflict) {
        insertAuthorLocal(objects: $rows, onConflict: $conflict) { __typename affectedRows returning { fullName favouriteDay } }
        insertAuthorLocalOne(object: {fullName: "Di", settings: {a: [1, 2]}, all_articles: {data: [{wordCount: 1}]}}) { all_articles { wordCount } }
        updateAuthorLocal(where: {fullName: {_eq: "Cy"}}, _set: {favouriteDay: SUNDAY}, _inc: {score: 2}) { returning { favouriteDay score } }
        updateAuthorLocalByPk(pkColumns: {id: 2}, _set: {score: 1}) { score }
        updateAuthorLocalMany(updates: [{where: {fullName: {_eq: "Di"}}, _deleteAtPath: {settings: ["a", "0"]}}]) { returning { settings } }
        deleteAuthorLocalByPk(id: 99) { id }
        deleteArticleLocal(where: {wordCount: {_eq: 1}}) { affectedRows }
        deleteAuthorLocal(where: {fullName: {_in: ["Cy", "Di"]}}) { affectedRows }
      }`,
      {
        rows: [{ fullName: 'Cy', favouriteDay: 'MONDAY', score: 1 }],
        conflict: { constraint: 'author_local_full_name_key', updateColumns: ['favouriteDay'] },
      },
    )
    expect(data).toEqual({
      insertAuthorLocal: {
        __typename: 'AuthorLocalMutationResponse',
        affectedRows: 1,
        returning: [{ fullName: 'Cy', favouriteDay: 'MONDAY' }],
      },
      insertAuthorLocalOne: { all_articles: [{ wordCount: 1 }] },
      updateAuthorLocal: { returning: [{ favouriteDay: 'SUNDAY', score: 3 }] },
      updateAuthorLocalByPk: { score: 1 },
      updateAuthorLocalMany: [{ returning: [{ settings: { a: [2] } }] }],
      deleteAuthorLocalByPk: null,
      deleteArticleLocal: { affectedRows: 1 },
      deleteAuthorLocal: { affectedRows: 2 },
    })
  })

  it('is for subscriptions', async () => {
    const endpoint = await startEndpoint(engine)
    const client = await new RawClient(endpoint.socketUrl).init()
    try {
      client.subscribe(
        '1',
        'subscription { articleLocalStream(batchSize: 2, cursor: [{initialValue: {wordCount: 25}, ordering: ASC}]) { wordCount } }',
      )
      expect((await client.next()).payload).toEqual({ data: { articleLocalStream: [{ wordCount: 30 }] } })
    } finally {
      client.close()
      await endpoint.stop()
    }
  })

  it('gives types these names', () => {
    const names = Object.keys(engine.schema('admin').getTypeMap())
    for (const name of [
      ...['AuthorLocalAggregateBoolExp', 'AuthorLocalAggregateBoolExpBool_and', 'AuthorLocalAggregateBoolExpCount'],
      'AuthorLocalSelectColumnAuthorLocalAggregateBoolExpBool_andArgumentsColumns',
      ...['AuthorLocalStddevPopFields', 'ArticleLocalStddevPopOrderBy', 'ArticleLocalAggregateOrderBy'],
      ...['AuthorLocalSetInput', 'AuthorLocalDeleteAtPathInput', 'AuthorLocalPkColumnsInput', 'AuthorLocalUpdates'],
      ...['AuthorLocalStreamCursorInput', 'AuthorLocalStreamCursorValueInput', 'CursorOrdering', 'OrderBy'],
      ...[
        'StringComparisonExp',
        'StringArrayComparisonExp',
        'JsonbCastExp',
        'Float8ComparisonExp',
        'SearchAuthorsArgs',
      ],
      ...[
        'AuthorLocalConstraint',
        'AuthorLocalUpdateColumn',
        'AuthorLocalObjRelInsertInput',
        'ArticleLocalArrRelInsertInput',
      ],
      ...['DaysOfTheWeekEnum', 'DaysOfTheWeekEnumComparisonExp', 'query_root', 'mutation_root', 'subscription_root'],
    ]) {
      expect(names, name).toContain(name)
    }
    expect(
      names.filter(name => /_/.test(name.replace(/^__|_root$|Bool_(and|or)|(Covar|Stddev|Var)_samp/g, ''))),
    ).toEqual([])
  })

  it('keeps names that the metadata gives, and puts prefixes and suffixes around all', async () => {
    const custom = await start(metadataOf({ naming_convention: 'graphql-default' }, 'author_details'))
    expect(
      await ask(
        custom,
        '{ author_details(where: {the_name: {_eq: "Ann"}}) { __typename the_name isActive } author_detail(id: 1) { id } author_detailsAggregate { __typename } }',
      ),
    ).toEqual({
      author_details: [{ __typename: 'author_details', the_name: 'Ann', isActive: true }],
      author_detail: { id: 1 },
      author_detailsAggregate: { __typename: 'author_detailsAggregate' },
    })
    const around = await start(
      metadataOf({
        naming_convention: 'graphql-default',
        root_fields: { prefix: 'test', suffix: 'query' },
        type_names: { prefix: 'My', suffix: 'type' },
      }),
    )
    expect(
      await ask(
        around,
        '{ testAuthorLocalByPkQuery(id: 1) { __typename } testAuthorLocalAggregateQuery { __typename } }',
      ),
    ).toEqual({
      testAuthorLocalByPkQuery: { __typename: 'MyAuthorLocalType' },
      testAuthorLocalAggregateQuery: { __typename: 'MyAuthorLocalAggregateType' },
    })
  })

  it('is the default where the environment says so, and a source may differ', async () => {
    const options = { defaultNamingConvention: 'graphql-default' } as const
    const query = '{ authorLocalByPk(id: 1) { id } }'
    expect(await ask(await start(metadataOf(undefined), options), query)).toEqual({ authorLocalByPk: { id: 1 } })
    const own = await start(metadataOf({ naming_convention: 'hasura-default' }), options)
    expect(await ask(own, '{ author_local_by_pk(id: 1) { id } }')).toEqual({ author_local_by_pk: { id: 1 } })
  })
})

describe('a namespace for root fields', () => {
  const customization = { root_fields: { namespace: 'blog', prefix: 'a_' }, type_names: { prefix: 'b_' } }

  it('holds queries and mutations', async () => {
    const engine = await start(metadataOf(customization))
    const query = `{
      __typename
      blog { __typename a_author_local_by_pk(id: 1) { __typename id } }
      again: blog { one: a_article_local_by_pk(id: 1) { word_count } }
      blog { two: a_article_local_by_pk(id: 2) { word_count } }
      none: blog { a_author_local @skip(if: true) { id } }
    }`
    expect(await engine.execute({ query }, { role: 'admin', variables: {} })).toBe(
      '{"data":{"__typename":"query_root","blog":{"__typename":"b_blog_query","a_author_local_by_pk":{"__typename":"b_author_local","id":1},"two":{"word_count":20}},"again":{"one":{"word_count":10}},"none":{}}}',
    )
    expect(
      await ask(engine, 'mutation { blog { a_delete_article_local(where: {id: {_eq: 99}}) { affected_rows } } }'),
    ).toEqual({ blog: { a_delete_article_local: { affected_rows: 0 } } })
    expect(await refusal(engine, '{ a_author_local { id } }')).toBe(
      "field 'a_author_local' not found in type: 'query_root'",
    )
    expect(await refusal(engine, '{ blog }')).toBe("missing selection set for 'b_blog_query'")
    expect(await refusal(engine, '{ blog { gone { id } } }')).toBe("field 'gone' not found in type: 'b_blog_query'")
    const { __type: type } = await ask(engine, '{ __type(name: "b_blog_mutation") { fields { name } } }')
    expect(type.fields.map((field: Answer) => field.name)).toContain('a_insert_author_local')
  })

  it('holds subscriptions, one field at a time', async () => {
    const engine = await start(metadataOf(customization))
    const endpoint = await startEndpoint(engine)
    const client = await new RawClient(endpoint.socketUrl).init()
    try {
      client.subscribe('1', 'subscription { blog { a_author_local_by_pk(id: 1) { id } } }')
      expect((await client.next()).payload).toEqual({ data: { blog: { a_author_local_by_pk: { id: 1 } } } })
      client.subscribe('2', 'subscription { blog { a_author_local { id } a_article_local { id } } }')
      expect(await client.next()).toMatchObject({
        type: 'error',
        payload: [{ message: 'subscriptions must select one top level field' }],
      })
    } finally {
      client.close()
      await endpoint.stop()
    }
  })
})

describe('experimental features', () => {
  it('make schemas smaller, are on already, or are not known', async () => {
    const { hidden, warnings } = experimentalFeatures([
      ...['hide_update_many_fields', 'hide_aggregation_predicates', 'hide_stream_fields'],
      ...['naming_convention', 'inherited_roles', 'streaming_subscriptions', 'apollo_federation'],
    ])
    expect(warnings).toEqual([expect.stringContaining('apollo_federation is not supported')])
    const names = async (options: Partial<GraphqlEngineOptions>): Promise<string[]> => {
      const engine = await start(metadataOf(undefined), options)
      const schema = engine.schema('admin')
      const [author] = [schema.getType('author_local_bool_exp')]
      return [schema.getMutationType(), schema.getSubscriptionType(), author].flatMap(type =>
        Object.keys((type as Answer).getFields()),
      )
    }
    const [all, fewer] = [await names({}), await names({ hidden })]
    expect(all.filter(name => !fewer.includes(name)).sort()).toEqual([
      'all_articles_aggregate',
      'article_local_stream',
      'author_local_stream',
      'days_of_the_week_stream',
      'update_article_local_many',
      'update_author_local_many',
      'update_days_of_the_week_many',
    ])
  })

  it('leave the names of hidden fields to other tables', async () => {
    await database.pool.query('CREATE TABLE article_local_stream (id integer)')
    const metadata = metadataOf(undefined)
    metadata.sources[0]?.tables.push({ table: { schema: 'public', name: 'article_local_stream' } })
    const [all, fewer] = [await start(metadata), await start(metadata, { hidden: { stream: true } })]
    await database.pool.query('DROP TABLE article_local_stream')
    expect(all.inconsistencies).toEqual([
      'table public.article_local_stream: something else is named article_local_stream already; give it a custom_name',
    ])
    expect(fewer.inconsistencies).toEqual([])
    expect(fewer.schema('admin').getType('article_local_stream')).toBeDefined()
  })
})

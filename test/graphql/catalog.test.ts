import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine } from '../../src/graphql/engine.ts'
import type { HasuraMetadata, MetadataSource } from '../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { LIBRARY_METADATA, LIBRARY_SQL } from './support/library.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  await database.pool.query(LIBRARY_SQL)
  await database.pool.query(
    'CREATE TABLE lib."wild;table" (id int); CREATE TABLE lib.search_articles (id int); CREATE TABLE lib.other (id int, "select" text)',
  )
})
afterAll(() => database.drop())

const withSource = (change: Partial<MetadataSource>): HasuraMetadata => ({
  version: 3,
  sources: [{ ...(LIBRARY_METADATA.sources[0] as MetadataSource), ...change }],
})
const start = (metadata: HasuraMetadata, sourceName?: string) =>
  createGraphqlEngine({ pool: database.pool, metadata, ...(sourceName === undefined ? {} : { sourceName }) })

describe('the catalog', () => {
  it('gives names the prefixes and suffixes of the source', async () => {
    const engine = await start(
      withSource({
        customization: { root_fields: { prefix: 'o_', suffix: '_x' }, type_names: { prefix: 'O', suffix: 'X' } },
      }),
    )
    const query =
      '{ o_author_by_pk_x(id: 1) { __typename articles_aggregate { __typename } } o_search_articles_x(args: {term: "Alpha"}) { id } }'
    expect(await engine.execute({ query }, { role: 'admin', variables: {} })).toBe(
      '{"data":{"o_author_by_pk_x":{"__typename":"OauthorX","articles_aggregate":{"__typename" : "Oarticle_aggregateX"}},"o_search_articles_x":[{"id":1}]}}',
    )
  })

  it('describes what it has by comments of the metadata, else of the database; an empty one is none', async () => {
    const engine = await start(
      withSource({
        tables: [
          {
            table: { schema: 'public', name: 'author' },
            configuration: { column_config: { email: { comment: '' }, age: { comment: 'In years' } } },
          },
          {
            table: { schema: 'public', name: 'article' },
            configuration: {
              comment: '',
              custom_root_fields: { select: { comment: '' }, select_by_pk: { comment: 'One of them' } },
            },
          },
        ],
        functions: [],
      }),
    )
    const query = `{
      author: __type(name: "author") { description fields { name description } }
      article: __type(name: "article") { description }
      root: __type(name: "query_root") { fields { name description } }
    }`
    const { data } = JSON.parse(await engine.execute({ query }, { role: 'admin', variables: {} }))
    const of = (fields: { name: string; description: string | null }[]) =>
      Object.fromEntries(fields.map(field => [field.name, field.description]))
    expect(data.author.description).toBe('People who write')
    expect(of(data.author.fields)).toMatchObject({ name: 'As on the cover', email: null, age: 'In years', id: null })
    expect(data.article.description).toBe(null)
    expect(of(data.root.fields)).toMatchObject({
      author: 'fetch data from the table: "author"',
      article: null,
      article_by_pk: 'One of them',
    })
  })

  it('leaves out what the database does not have, says so, and serves the rest', async () => {
    const source = LIBRARY_METADATA.sources[0] as MetadataSource
    const engine = await start(
      withSource({
        tables: [
          ...source.tables,
          { table: { schema: 'public', name: 'gone' } },
          { table: { schema: 'public', name: 'author' } },
          { table: { schema: 'lib', name: 'wild;table' } },
          { table: { schema: 'lib', name: 'search_articles' }, configuration: { custom_name: 'article' } },
          {
            table: { schema: 'lib', name: 'other' },
            configuration: { column_config: { gone: { custom_name: 'x' } } },
            array_relationships: [
              {
                name: 'rows',
                using: {
                  kind: 'manual',
                  remote_table: { schema: 'public', name: 'gone' },
                  column_mapping: { id: 'id' },
                },
              },
              {
                name: 'select',
                using: { kind: 'manual', remote_table: { schema: 'public', name: 'author' }, column_mapping: {} },
              },
            ],
            object_relationships: [{ name: 'one', using: { kind: 'foreign_key', columns: ['id'] } }],
          },
        ],
        functions: [
          ...source.functions,
          { function: { schema: 'lib', name: 'search' }, configuration: { custom_name: 'author' } },
          { function: { schema: 'lib', name: 'gone' } },
        ],
      }),
    )
    expect(engine.inconsistencies).toEqual([
      'table public.gone does not exist',
      'table public.author: it is tracked twice',
      'table lib.wild;table: "lib_wild;table" is not a GraphQL name; give it a custom_name',
      'table lib.search_articles: something else is named article already; give it a custom_name',
      'column gone of lib.other is configured but does not exist',
      'relationship one of lib.other: there is no foreign key on id',
      'relationship rows of lib.other: table public.gone is not tracked',
      'relationship select of lib.other: a column has the same name',
      'function lib.search: something else is named author already; give it a custom_name',
      'function lib.gone does not exist',
    ])
    const query = '{ author_by_pk(id: 1) { id } }'
    expect(await engine.execute({ query }, { role: 'admin', variables: {} })).toBe('{"data":{"author_by_pk":{"id":1}}}')
  })

  it('refuses metadata it cannot serve, saying why', async () => {
    const refuse = (metadata: HasuraMetadata, name?: string) =>
      start(metadata, name).then(
        () => 'served',
        error => error.message,
      )
    expect(await refuse({ version: 3, sources: [] })).toBe(
      'the metadata has 0 sources (): say which one to serve with sourceName',
    )
    expect(await refuse(LIBRARY_METADATA, 'other')).toBe('the metadata has no source other; it has default')
    expect(await refuse(withSource({ kind: 'mssql' }))).toBe('source default is of kind mssql; only postgres is served')
  })
})

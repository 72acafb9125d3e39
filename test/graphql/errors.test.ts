import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLibrary, type Library } from './support/library.ts'

let library: Library
beforeAll(async () => {
  library = await createLibrary()
})
afterAll(() => library.database.drop())

const AT = '$.selectionSet.article'

describe("mistakes are answered in Hasura's words", () => {
  it.each<[string, string, string, (string | undefined)?, object?]>([
    // [document, message, path, code, variables]
    ['{ articl { id } }', `field 'articl' not found in type: 'query_root'`, '$.selectionSet.articl'],
    ['{ article { nam } }', `field 'nam' not found in type: 'article'`, `${AT}.selectionSet.nam`],
    ['{ a: article { b: nam } }', `field 'nam' not found in type: 'article'`, `${AT}.selectionSet.nam`],
    ['{ __proto__ }', `field '__proto__' not found in type: 'query_root'`, '$.selectionSet.__proto__'],
    [
      '{ article { constructor } }',
      `field 'constructor' not found in type: 'article'`,
      `${AT}.selectionSet.constructor`,
    ],
    [
      '{ article(where: {toString: {}}) { id } }',
      `field 'toString' not found in type: 'article_bool_exp'`,
      `${AT}.args.where.toString`,
    ],
    [
      '{ article(where: {id: {_ne: 1}}) { id } }',
      `field '_ne' not found in type: 'bigint_comparison_exp'`,
      `${AT}.args.where.id._ne`,
    ],
    [
      '{ article(where: {title: {_eq: null}}) { id } }',
      `unexpected null value for type 'String'`,
      `${AT}.args.where.title._eq`,
    ],
    [
      '{ article(where: {id: {_in: null}}) { id } }',
      `unexpected null value for type '[bigint!]'`,
      `${AT}.args.where.id._in`,
    ],
    [
      'query ($t: String) { article(where: {title: {_eq: $t}}) { id } }',
      `unexpected null value for type 'String'`,
      `${AT}.args.where.title._eq`,
      undefined,
      { t: null },
    ],
    [
      '{ article(where: {id: null}) { id } }',
      `expected an object for type 'bigint_comparison_exp', but found null`,
      `${AT}.args.where.id`,
    ],
    ['{ article(where: {_and: null}) { id } }', `expected a list, but found null`, `${AT}.args.where._and`],
    [
      '{ article(where: {author: null}) { id } }',
      `expected an object for type 'author_bool_exp', but found null`,
      `${AT}.args.where.author`,
    ],
    [
      '{ article(where: 5) { id } }',
      `expected an object for type 'article_bool_exp', but found an integer`,
      `${AT}.args.where`,
    ],
    [
      '{ article(where: {title: {_eq: 5}}) { id } }',
      `expected a string for type 'String', but found an integer`,
      `${AT}.args.where.title._eq`,
    ],
    [
      '{ article(where: {author_id: {_eq: "5"}}) { id } }',
      `expected a 32-bit integer for type 'Int', but found a string`,
      `${AT}.args.where.author_id._eq`,
    ],
    [
      '{ article(where: {author_id: {_in: [1, "5"]}}) { id } }',
      `expected a 32-bit integer for type 'Int', but found a string`,
      `${AT}.args.where.author_id._in[1]`,
    ],
    [
      '{ article(where: {author_id: {_eq: 2147483648}}) { id } }',
      'The value 2.147483648e9 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?',
      `${AT}.args.where.author_id._eq`,
      'parse-failed',
    ],
    [
      '{ article(where: {published: {_eq: "yes"}}) { id } }',
      `expected a boolean for type 'Boolean', but found a string`,
      `${AT}.args.where.published._eq`,
    ],
    [
      '{ article(where: {secret: {_eq: 5}}) { id } }',
      'parsing UUID failed, expected String, but encountered Number',
      `${AT}.args.where.secret._eq`,
      'parse-failed',
    ],
    [
      '{ article(where: {secret: {_eq: "no uuid"}}) { id } }',
      'invalid input syntax for type uuid: "no uuid"',
      '$',
      'data-exception',
    ],
    [
      '{ article(where: {title: {_like: "Alph\\\\"}}) { id } }',
      'LIKE pattern must not end with escape character',
      '$',
      'bad-request',
    ],
    [
      '{ article(limit: -1) { id } }',
      `expected a non-negative 32-bit integer for type 'Int', but found an integer`,
      `${AT}.args.limit`,
    ],
    [
      '{ article(limit: "1") { id } }',
      `expected a non-negative 32-bit integer for type 'Int', but found a string`,
      `${AT}.args.limit`,
    ],
    [
      'query ($l: String) { article(limit: $l) { id } }',
      `variable 'l' is declared as 'String', but used where 'Int' is expected`,
      `${AT}.args.limit`,
      undefined,
      { l: '1' },
    ],
    [
      'query ($l: Int) { article(limit: $l) { id } }',
      `expected a non-negative 32-bit integer for type 'Int', but found a number`,
      `${AT}.args.limit`,
      undefined,
      { l: -3 },
    ],
    [
      'query ($i: Int) { article(where: {score: {_eq: $i}}) { id } }',
      `variable 'i' is declared as 'Int', but used where 'float8' is expected`,
      `${AT}.args.where.score._eq`,
      undefined,
      { i: 1 },
    ],
    [
      'query ($i: String) { article(where: {id: {_eq: $i}}) { id } }',
      `variable 'i' is declared as 'String', but used where 'bigint' is expected`,
      `${AT}.args.where.id._eq`,
      undefined,
      { i: '1' },
    ],
    [
      'query ($i: [Int!]!) { article(where: {author_id: {_eq: $i}}) { id } }',
      `variable 'i' is declared as '[Int!]!', but used where 'Int' is expected`,
      `${AT}.args.where.author_id._eq`,
      undefined,
      { i: [1] },
    ],
    [
      'query ($id: Int) { author_by_pk(id: $id) { id } }',
      `variable 'id' is declared as 'Int', but used where 'Int!' is expected`,
      '$.selectionSet.author_by_pk.args.id',
      undefined,
      { id: 1 },
    ],
    ['query ($id: Int!) { author_by_pk(id: $id) { id } }', 'expecting a value for non-nullable variable: "id"', '$'],
    [
      'query ($id: Int!) { author_by_pk(id: $id) { id } }',
      'null value found for non-nullable type: "Int!"',
      '$',
      undefined,
      { id: null },
    ],
    [
      'query ($id: Int!) { author_by_pk(id: $id) { id } }',
      'unexpected variables in variableValues: "x"',
      '$',
      undefined,
      { id: 1, x: 2 },
    ],
    ['{ author_by_pk(id: $id) { id } }', 'unbound variable "id"', '$.selectionSet.author_by_pk.args.id'],
    ['{ author_by_pk { id } }', `missing required field 'id'`, '$.selectionSet.author_by_pk.args.id'],
    [
      '{ article(order_by: {id: up}) { id } }',
      `expected one of the values ['asc', 'asc_nulls_first', 'asc_nulls_last', 'desc', 'desc_nulls_first', 'desc_nulls_last'] for type 'order_by', but found 'up'`,
      `${AT}.args.order_by[0].id`,
    ],
    [
      '{ article(order_by: {id: "asc"}) { id } }',
      `expected an enum value for type 'order_by', but found a string`,
      `${AT}.args.order_by[0].id`,
    ],
    [
      '{ article(distinct_on: id, order_by: {title: asc}) { id } }',
      '"distinct_on" columns must match initial "order_by" columns',
      `${AT}.args`,
    ],
    ['{ article(size: 1) { id } }', `'article' has no argument named 'size'`, AT],
    [
      '{ article_aggregate { aggregate { count(column: id) } } }',
      `'count' has no argument named 'column'`,
      '$.selectionSet.article_aggregate.selectionSet.aggregate.selectionSet.count',
    ],
    [
      '{ article_aggregate { aggregate { avg { title } } } }',
      `field 'title' not found in type: 'article_avg_fields'`,
      '$.selectionSet.article_aggregate.selectionSet.aggregate.selectionSet.avg.selectionSet.title',
    ],
    [
      '{ author(where: {articles_aggregate: {}}) { id } }',
      'exactly one predicate should be specified',
      '$.selectionSet.author.args.where.articles_aggregate',
    ],
    [
      '{ author(where: {articles_aggregate: {count: {}}}) { id } }',
      `missing required field 'predicate'`,
      '$.selectionSet.author.args.where.articles_aggregate.count.predicate',
    ],
    ['{ article }', `missing selection set for 'article'`, AT],
    ['{ article { id { x } } }', 'unexpected subselection set for non-object field', `${AT}.selectionSet.id`],
    ['{ article { id @exclude(if: true) } }', `directive 'exclude' is not defined in the schema`, `${AT}.selectionSet`],
    [
      '{ article { id @include(if: true) @include(if: true) } }',
      `the following directives are used more than once: ['include']`,
      `${AT}.selectionSet`,
    ],
    ['query @include(if: true) { article { id } }', `directive 'include' is not allowed on a query`, '$'],
    [
      '{ article { id: title id } }',
      `selection of both 'title' and 'id' specified under the same response name/alias 'id'`,
      `${AT}.selectionSet`,
    ],
    [
      '{ a: article(limit: 1) { id } a: article(limit: 2) { id } }',
      `inconsistent arguments between multiple selections of field 'article'`,
      '$.selectionSet',
    ],
    [
      '{ author { ...authorFragment } } fragment authorFragment on author { articles { ...articleFragment } } fragment articleFragment on article { author { ...authorFragment } }',
      'the fragment definition(s) authorFragment and articleFragment form a cycle',
      '$.selectionSet.author.selectionSet.authorFragment.selectionSet.articles.selectionSet.articleFragment.selectionSet.author.selectionSet',
    ],
    ['{ article { ...nowhere } }', 'reference to undefined fragment "nowhere"', `${AT}.selectionSet`],
    ['{ article { id }', 'not a valid graphql query', '$.query'],
    ['type A { b: Int }', 'not a valid graphql query', '$.query'],
    ['', 'not a valid graphql query', '$.query'],
    [
      'query A { article { id } } query B { article { id } }',
      'exactly one operation has to be present in the document when operationName is not specified',
      '$',
    ],
    [
      'mutation { insert_nonsense { id } }',
      "field 'insert_nonsense' not found in type: 'mutation_root'",
      '$.selectionSet.insert_nonsense',
    ],
    ['mutation @include(if: true) { __typename }', "directive 'include' is not allowed on a mutation", '$'],
    [
      'subscription { article { id } }',
      'subscriptions are not supported over HTTP, use websockets instead',
      '$',
      'unexpected-payload',
    ],
    ['{ search_articles { id } }', `missing required field 'args'`, '$.selectionSet.search_articles.args.args'],
    [
      '{ search_articles(args: {}) { id } }',
      'Non default arguments cannot be omitted',
      '$.selectionSet.search_articles.args.args',
      'not-supported',
    ],
    [
      '{ article { meta(path: "a..b") } }',
      'parse json path error: unexpected "..b"',
      `${AT}.selectionSet.meta.args.path`,
      'parse-failed',
    ],
    [
      '{ __type(nam: "x") { name } }',
      'Unknown argument "nam" on field "query_root.__type". Did you mean "name"?',
      '$.selectionSet.__type',
    ],
  ])('%s', async (document, message, path, code = 'validation-failed', variables = {}) => {
    expect(await library.errors(document, variables)).toEqual({ message, extensions: { path, code } })
  })

  it.each<[unknown, string, string]>([
    [null, 'expected an object with a query', 'validation-failed'],
    ['{ article { id } }', 'expected an object with a query', 'validation-failed'],
    [{}, 'key "query" is missing; it is the text of the document', 'validation-failed'],
    [{ query: 5 }, 'key "query" is missing; it is the text of the document', 'validation-failed'],
    [{ query: '{ article { id } }', variables: [] }, '"variables" must be an object', 'validation-failed'],
    [{ query: '{ article { id } }', operationName: 5 }, '"operationName" must be a string', 'validation-failed'],
    [
      { query: '{ article { id } }', extensions: { persistedQuery: {} } },
      'Automatic Persisted Queries is not enabled',
      'not-supported',
    ],
    [{ extensions: { persistedQuery: {} } }, 'Automatic Persisted Queries is not enabled', 'not-supported'],
  ])('a body like %j', async (body, message, code) => {
    const answer = JSON.parse(await library.engine.execute(body, { role: 'admin', variables: {} }))
    expect(answer).toEqual({ errors: [{ message, extensions: { path: '$', code } }] })
  })

  it('shows what Postgres said to the admin only', async () => {
    const document = '{ article(where: {secret: {_eq: "no uuid"}}) { id } }'
    expect(await library.text(document)).toContain('"internal":{"error":{"status_code":"22P02"')
    expect(
      await library.text('{ article(where: {title: {_like: "Alph\\\\"}}) { id } }', {}, 'user', {
        'x-hasura-user-id': '1',
      }),
    ).not.toContain('internal')
  })
})

describe('limits', () => {
  it('refuses what is nested too deeply', async () => {
    const nested = (levels: number) => `{ author { ${'manager { '.repeat(levels)}id${' }'.repeat(levels)} } }`
    expect(await library.data(nested(5))).toBeDefined()
    expect((await library.errors(nested(60))).message).toBe(
      'the query is nested more than 30 levels deep, which is the limit',
    )
    expect((await library.errors(nested(30_000))).message).toBe('not a valid graphql query')
    const filter = (levels: number) => `{ author(where: ${'{_not: '.repeat(levels)}{}${'}'.repeat(levels)}) { id } }`
    expect(await library.data(filter(20))).toBeDefined()
    expect((await library.errors(filter(400))).message).toBe('arguments may be nested at most 200 levels deep')
    let where: object = {}
    for (let level = 0; level < 5_000; level++) where = { _not: where }
    const error = await library.errors('query ($w: author_bool_exp) { author(where: $w) { id } }', { w: where })
    expect(error.message).toBe('arguments may be nested at most 200 levels deep')
  })

  it('refuses JSON nested deeper than the stack', async () => {
    const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const query = 'query ($j: jsonb) { article(where: {meta: {_contains: $j}}) { id } }'
    expect((await library.errors(query, { j: JSON.parse(text) })).message).toBe('the request is nested too deeply')
  })

  it('refuses fragments that grow beyond the number of fields', async () => {
    let document = '{ author { ...f0 } } fragment f12 on author { id }'
    for (let level = 0; level < 12; level++) {
      document += ` fragment f${level} on author { a: manager { ...f${level + 1} } b: manager { ...f${level + 1} } }`
    }
    expect((await library.errors(document)).message).toBe('the query has more than 5000 fields, which is the limit')
  })

  const times = (count: number, make: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => make(i)).join(' ')

  it('refuses to tell the schema over and over', async () => {
    expect(await library.data(getIntrospectionQuery({ inputValueDeprecation: true }))).toBeDefined()
    const everything =
      '{ types { name fields { name args { name type { name } } type { name } } inputFields { name } } }'
    for (const document of [
      `{ ${times(50, i => `s${i}: __schema ${everything}`)} }`,
      `{ __schema { ${times(50, i => `t${i}: ${everything.slice(2, -2)}`)} } }`,
      `{ __schema { types { ${times(3_000, i => `n${i}: name`)} } } }`,
      `{ __schema { types { ...f0 } } } fragment f25 on __Type { name } ${times(25, i => `fragment f${i} on __Type { ...f${i + 1} a${i}: name ...f${i + 1} }`)}`,
    ]) {
      expect((await library.errors(document)).message).toMatch(/^this asks for the schema \d+ times over; 3 times is/)
    }
  })

  it('refuses filters that lead through too many tables, and more than Postgres can take', async () => {
    const through = (count: number) => `{ author(where: ${'{manager: '.repeat(count)}{}${'}'.repeat(count)}) { id } }`
    expect(await library.data(through(30))).toEqual({ author: [] })
    expect((await library.errors(through(31))).message).toMatch(/more than 30 levels deep/)
    const or = 'query ($w: author_bool_exp) { author(where: $w) { id } }'
    const many = Array.from({ length: 65_536 }, (_, id) => ({ id: { _eq: id } }))
    expect((await library.errors(or, { w: { _or: many } })).message).toBe(
      'the query has more than 65535 values, which is the limit',
    )
    const orders = `{ article(order_by: [${times(1_700, () => '{author: {id: asc}}')}]) { id } }`
    const { message, extensions } = await library.errors(orders)
    expect([message, extensions.code]).toEqual([
      'this is too much at once: target lists can have at most 1664 entries',
      'validation-failed',
    ])
  })

  it('takes objects with as many fields as there are, whatever their names', async () => {
    const long = 'x'.repeat(70)
    const aggregate = await library.data(
      `{ author_aggregate { aggregate { ${times(120, i => `a${i}: count`)} max { ${times(60, i => `${long}${i}: age`)} } } } }`,
    )
    const counts = Object.entries(aggregate.author_aggregate.aggregate)
    expect(counts.slice(0, 120)).toEqual(Array.from({ length: 120 }, (_, i) => [`a${i}`, 3]))
    expect(Object.values(aggregate.author_aggregate.aggregate.max)).toEqual(Array(60).fill(40))
    const { author_by_pk: author } = await library.data(`{ author_by_pk(id: 1) { ${times(2_000, i => `i${i}: id`)} } }`)
    expect(Object.keys(author)).toHaveLength(2_000)
    const named = await library.data(`{ author_by_pk(id: 1) { ${times(101, i => `${long}${i}: name`)} } }`)
    expect(Object.keys(named.author_by_pk)[100]).toBe(`${long}100`)
  })

  it('stops statements that take too long', async () => {
    const slow = await createLibrary({ statementTimeoutMs: 50 })
    await slow.database.pool.query(
      `CREATE OR REPLACE VIEW lib.published AS SELECT id, author_id, title FROM article, pg_sleep(5) WHERE published`,
    )
    const error = await slow.errors('{ lib_published { id } }')
    expect(error).toEqual({
      message: 'the query took longer than the limit of 50 ms; ask for less',
      extensions: { path: '$', code: 'timeout' },
    })
    // The connection is as good as before, and its own limit was not touched.
    expect(await slow.data('{ author_by_pk(id: 1) { id } }')).toEqual({ author_by_pk: { id: 1 } })
    await slow.database.drop()
  })

  it('answers when the database is gone', async () => {
    const told: unknown[] = []
    const lost = await createLibrary({ onUnexpected: error => told.push(error) })
    await lost.database.drop()
    const answer = JSON.parse(await lost.text('{ author { id } }'))
    expect(answer.errors[0].extensions.code).toBe('unexpected')
    expect(told).toHaveLength(1)
  })
})

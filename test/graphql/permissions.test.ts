import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLibrary, type Library } from './support/library.ts'

let library: Library
beforeAll(async () => {
  library = await createLibrary()
})
afterAll(() => library.database.drop())

const asUser = (query: string, id = '1') => library.data(query, {}, 'user', { 'x-hasura-user-id': id })

describe('a role', () => {
  it('sees the rows its filter lets through, everywhere', async () => {
    const query =
      '{ article(order_by: {id: asc}) { id } article_aggregate { aggregate { count } } author(order_by: {id: asc}) { articles { id } articles_aggregate { aggregate { count } } } article_by_pk(id: 2) { id } search_articles(args: {term: "beta"}) { id } }'
    expect(await asUser(query, '1')).toMatchObject({
      article_aggregate: { aggregate: { count: 4 } },
      article_by_pk: { id: 2 },
      search_articles: [{ id: 2 }],
    })
    expect(await asUser(query, '2')).toEqual({
      article: [{ id: 1 }, { id: 3 }, { id: Number('9007199254740993') }],
      article_aggregate: { aggregate: { count: 3 } },
      author: [
        { articles: [{ id: 1 }], articles_aggregate: { aggregate: { count: 1 } } },
        { articles: [{ id: 3 }, { id: Number('9007199254740993') }], articles_aggregate: { aggregate: { count: 2 } } },
        { articles: [], articles_aggregate: { aggregate: { count: 0 } } },
      ],
      article_by_pk: null,
      search_articles: [],
    })
  })

  it('cannot ask through filters and orders about rows hidden from it', async () => {
    const count = (where: string, id: string) =>
      asUser(`{ author(where: ${where}) { id } }`, id).then(data => data.author.length)
    expect(await count('{articles: {title: {_eq: "Beta_x"}}}', '1')).toBe(1)
    expect(await count('{articles: {title: {_eq: "Beta_x"}}}', '2')).toBe(0)
    expect(await count('{articles_aggregate: {count: {predicate: {_eq: 2}}}}', '2')).toBe(1)
    const order = '{ author(order_by: {articles_aggregate: {min: {title: desc_nulls_last}}}) { id } }'
    expect((await asUser(order, '2')).author.map((row: { id: number }) => row.id)).toEqual([2, 1, 3])
  })

  it('finds no columns, tables, functions or root fields it was not given', async () => {
    const refuse = async (query: string) =>
      (await library.errors(query, {}, 'user', { 'x-hasura-user-id': '1' })).message
    expect(await refuse('{ author { mail } }')).toBe(`field 'mail' not found in type: 'author'`)
    expect(await refuse('{ author { manager { id } articles { secret } } }')).toBe(
      `field 'secret' not found in type: 'article'`,
    )
    expect(await refuse('{ author(where: {mail: {_eq: ""}}) { id } }')).toBe(
      `field 'mail' not found in type: 'author_bool_exp'`,
    )
    expect(await refuse('{ author(order_by: {mail: asc}) { id } }')).toBe(
      `field 'mail' not found in type: 'author_order_by'`,
    )
    expect(await refuse('{ article(distinct_on: secret) { id } }')).toContain(`but found 'secret'`)
    expect(await refuse('{ author_aggregate { aggregate { count } } }')).toBe(
      `field 'author_aggregate' not found in type: 'query_root'`,
    )
    expect(await refuse('{ oddOnes { id } }')).toBe(`field 'oddOnes' not found in type: 'query_root'`)
    expect(await refuse('{ lib_published { id } }')).toBe(`field 'lib_published' not found in type: 'query_root'`)
    const types = JSON.stringify(
      await asUser('{ __schema { types { name fields { name } inputFields { name } enumValues { name } } } }'),
    )
    for (const hidden of ['mail', 'secret', 'odd_table', 'userName']) expect(types).not.toContain(`"${hidden}"`)
  })

  it('has to have the session variables that its filter needs', async () => {
    expect(await library.errors('{ article { id } }', {}, 'user')).toEqual({
      message: 'missing session variable: "x-hasura-user-id"',
      extensions: { path: '$', code: 'not-found' },
    })
    // Only what the object itself has is a session variable.
    expect(
      (await library.errors('{ article { id } }', {}, 'user', Object.create({ 'x-hasura-user-id': '1' }))).message,
    ).toContain('missing')
  })

  it('reads relationships, _exists and lists of session variables in filters', async () => {
    const ids = async (session: Record<string, string>) =>
      (await library.data('{ article(order_by: {id: asc}) { id } }', {}, 'manager', session)).article.map(
        (row: { id: number }) => row.id,
      )
    expect(await ids({ 'x-hasura-user-id': '1', 'x-hasura-allowed-ids': '{}' })).toEqual([
      3,
      Number('9007199254740993'),
    ])
    expect(await ids({ 'x-hasura-user-id': '3', 'x-hasura-allowed-ids': '{2,3}' })).toEqual([])
    expect(await ids({ 'x-hasura-user-id': '3', 'x-hasura-allowed-ids': '{1}' })).toHaveLength(4)
  })

  it('compares with the row its permission is about, wherever that row is met', async () => {
    const query = `{
      article(order_by: {id: asc}) { title }
      author(order_by: {id: asc}) { articles { title } }
      having: author(where: {articles: {title: {_eq: "Alpha"}}}) { name }
      others: author(where: {articles: {title: {_eq: "Beta_x"}}}) { name }
    }`
    expect(await library.data(query, {}, 'root')).toEqual({
      article: [{ title: 'Beta_x' }, { title: 'Huge' }],
      author: [{ articles: [{ title: 'Beta_x' }] }, { articles: [{ title: 'Huge' }] }, { articles: [] }],
      having: [],
      others: [{ name: 'Ann' }],
    })
  })

  it('gets at most its limit of rows, in nested lists too; counts are over all', async () => {
    const limited = (query: string, variables = {}) => library.data(query, variables, 'limited')
    expect((await limited('{ article { id } }')).article).toHaveLength(2)
    expect((await limited('{ article(limit: 1) { id } }')).article).toHaveLength(1)
    expect((await limited('query ($l: Int) { article(limit: $l) { id } }', { l: 100 })).article).toHaveLength(2)
    expect((await limited('{ article(order_by: {id: asc}, offset: 3) { id } }')).article).toHaveLength(1)
    expect(await limited('{ article_aggregate { aggregate { count } nodes { id } } }')).toEqual({
      article_aggregate: { aggregate: { count: 4 }, nodes: [{ id: 1 }, { id: 2 }] },
    })
  })

  it('without any permission gets an almost empty schema', async () => {
    expect(await library.errors('{ author { id } }', {}, 'stranger')).toEqual({
      message: `field 'author' not found in type: 'query_root'`,
      extensions: { path: '$.selectionSet.author', code: 'validation-failed' },
    })
    expect(
      (await library.data('{ __schema { queryType { fields { name } } } }', {}, 'stranger')).__schema.queryType.fields,
    ).toEqual([{ name: 'no_queries_available' }])
  })

  it('never gets the plan of another role', async () => {
    const query = '{ author { id mail } }'
    expect((await library.data(query)).author).toHaveLength(3)
    expect((await library.errors(query, {}, 'user')).message).toBe(`field 'mail' not found in type: 'author'`)
    expect((await library.data(query)).author).toHaveLength(3)
  })
})

import { buildClientSchema, getIntrospectionQuery, parse, printSchema, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLibrary, type Library } from './support/library.ts'

let library: Library
beforeAll(async () => {
  library = await createLibrary()
})
afterAll(() => library.database.drop())

describe('introspection', () => {
  it('gives clients and code generators a schema they can build and validate with', async () => {
    for (const role of ['admin', 'user']) {
      const schema = buildClientSchema(await library.data(getIntrospectionQuery(), {}, role))
      expect(validate(schema, parse('{ author(where: {id: {_eq: 1}}) { name articles { title } } }'))).toEqual([])
    }
  })

  it("has Hasura's names", async () => {
    const sdl = printSchema(buildClientSchema(await library.data(getIntrospectionQuery())))
    for (const line of [
      'author(',
      '): [author!]!',
      'author_by_pk(id: Int!): author',
      '): author_aggregate!',
      'input author_bool_exp {',
      '_and: [author_bool_exp!]',
      'articles_aggregate: article_aggregate_bool_exp',
      'enum author_select_column {',
      'input author_order_by {',
      'input article_aggregate_order_by {',
      'type article_avg_fields {',
      'input String_comparison_exp {',
      '_nsimilar: String',
      'input String_array_comparison_exp {',
      'input jsonb_cast_exp {',
      'input search_articles_args {',
      'search_articles(',
      'count(columns: [author_select_column!], distinct: Boolean): Int!',
      'scalar timestamptz',
      'asc_nulls_first',
      'author: author!',
      'manager: author\n',
      'meta(',
      'tags: [String!]',
      '"""People who write"""',
      '"""As on the cover"""',
      '"""Where to write"""',
    ]) {
      expect(sdl).toContain(line)
    }
  })

  it('answers __type with variables and aliases, beside data', async () => {
    const query =
      'query ($n: String!) { t: __type(name: $n) { name ...F } author_by_pk(id: 1) { id } none: __type(name: "x") { name } } fragment F on __Type { kind }'
    expect(await library.text(query, { n: 'author' })).toBe(
      '{"data":{"t":{"name":"author","kind":"OBJECT"},"author_by_pk":{"id":1},"none":null}}',
    )
  })

  it('cannot be made to grow without end', async () => {
    const nested = `${'fields { type { '.repeat(8)}name${' } }'.repeat(8)}`
    const error = await library.errors(`{ __schema { types { ${nested} } } }`)
    expect(error.message).toBe('Maximum introspection depth exceeded')
  })
})

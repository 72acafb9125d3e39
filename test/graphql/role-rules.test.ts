import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createLibrary, LIBRARY_METADATA, type Library } from './support/library.ts'

const FILES = {
  'version.yaml': 'version: 3\n',
  'query_collections.yaml': `
- name: everyone
  definition: { queries: [{ name: names, query: "query Names { author { id name } }" }] }
- name: some
  definition: { queries: [{ name: titles, query: "query Titles($n: Int) { article(limit: $n) { title author { name } } }" }] }
- name: unlisted
  definition: { queries: [{ name: ages, query: "{ author { name id } }" }] }
`,
  'allow_list.yaml':
    '- collection: everyone\n- { collection: some, scope: { global: false, roles: [limited, root] } }\n',
  'graphql_schema_introspection.yaml': 'disabled_for_roles: [limited]\n',
  'api_limits.yaml':
    'depth_limit: { global: 3, per_role: { limited: 2 } }\nnode_limit: { global: 6 }\nbatch_limit: { global: 2 }\n',
}

let library: Library
let listed: GraphqlEngine
let bounded: GraphqlEngine
beforeAll(async () => {
  library = await createLibrary()
  const directory = await mkdtemp(path.join(tmpdir(), 'role-rules-'))
  for (const [name, content] of Object.entries(FILES)) await writeFile(path.join(directory, name), content)
  const { sources: _, ...rules } = await readMetadata(directory)
  await rm(directory, { recursive: true, force: true })
  const { api_limits: limits, ...lists } = rules
  const { pool } = library.database
  listed = await createGraphqlEngine({ pool, metadata: { ...LIBRARY_METADATA, ...lists }, allowList: true })
  bounded = await createGraphqlEngine({ pool, metadata: { ...LIBRARY_METADATA, ...rules }, maxRows: 2 })
  expect(limits).toBeDefined()
})
afterAll(() => library.database.drop())

const ask = async (engine: GraphqlEngine, query: string, role: string, variables = {}) => {
  const body = JSON.parse(await engine.execute({ query, variables }, { role, variables: { 'x-hasura-user-id': '1' } }))
  return body.errors?.[0].message ?? 'answered'
}

describe('the allow list', () => {
  it('lets roles run what is listed for them, however it is laid out', async () => {
    const names = '# theirs\nquery   Names {\n author { __typename id, name } }'
    expect(await ask(listed, names, 'user')).toBe('answered')
    expect(
      await ask(
        listed,
        'query Titles($n: Int) { article(limit: $n) { title author { name __typename } __typename } }',
        'limited',
        { n: 1 },
      ),
    ).toBe('answered')
  })

  it.each([
    ['query Titles($n: Int) { article(limit: $n) { title author { name } } }', 'user'],
    ['query Names { author { name id } }', 'user'],
    ['query Other { author { id name } }', 'user'],
    ['query Names { author { id name } } query More { author { id } }', 'user'],
    ['{ author { name id } }', 'limited'],
    ['{ __schema { types { name } } }', 'limited'],
    ['{', 'user'],
  ])('refuses %s as %s', async (query, role) => {
    expect(await ask(listed, query, role)).toBe('query is not allowed')
  })

  it('holds for subscriptions too, and not for the admin', async () => {
    expect(await ask(listed, '{ author { name age } }', 'admin')).toBe('answered')
    const errors: string[] = []
    const session = { role: 'user', variables: {} }
    const listener = { next: () => {}, complete: () => {}, error: (text: string) => errors.push(text) }
    listed.start({ query: 'subscription { author { id } }' }, session, listener)
    expect(errors).toEqual([
      '[{"message":"query is not allowed","extensions":{"path":"$","code":"validation-failed"}}]',
    ])
  })
})

describe('limits of the metadata', () => {
  it('bound depth, fields and batches of roles, not of the admin', async () => {
    expect(await ask(bounded, '{ article { author { name } } }', 'user')).toBe('answered')
    expect(await ask(bounded, '{ article { author { name } } }', 'limited')).toMatch(/more than 2 levels deep/)
    const wide = '{ author { a: id b: id c: id d: id e: id f: id } }'
    expect(await ask(bounded, wide, 'user')).toMatch(/more than 6 fields/)
    expect(await ask(bounded, wide, 'admin')).toBe('answered')
    const batch = Array(3).fill({ query: '{ author { id } }' })
    expect(await bounded.execute(batch, { role: 'user', variables: {} })).toContain('at most 2 requests')
    expect(await bounded.execute(batch, { role: 'admin', variables: {} })).not.toContain('errors')
  })

  it('hide the schema from roles', async () => {
    const query = '{ __schema { queryType { name } } }'
    expect(await ask(bounded, query, 'limited')).toBe("field '__schema' not found in type: 'query_root'")
    expect(await ask(bounded, query, 'user')).toBe('answered')
  })

  it('bound the rows of every list, and no count', async () => {
    const text = await bounded.execute(
      { query: '{ author(limit: 3) { id articles { id } } author_aggregate { aggregate { count } nodes { id } } }' },
      { role: 'admin', variables: {} },
    )
    const { data } = JSON.parse(text)
    expect([data.author.length, data.author_aggregate.nodes.length]).toEqual([2, 2])
    expect(data.author_aggregate.aggregate.count).toBe(3)
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { RequestRate } from '../../src/graphql/request-rate.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createLibrary, LIBRARY_METADATA, type Library, select } from './support/library.ts'

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
  'api_limits.yaml': `
depth_limit: { global: 3, per_role: { limited: 2 } }
node_limit: { global: 6 }
batch_limit: { global: 2 }
time_limit: { per_role: { hurried: 1 } }
rate_limit:
  per_role:
    all: { max_reqs_per_min: 3, unique_params: null }
    each: { max_reqs_per_min: 2, unique_params: [X-Hasura-User-Id] }
    nearby: { max_reqs_per_min: 1, unique_params: IP }
`,
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
  await pool.query('CREATE VIEW slow AS SELECT id FROM author, pg_sleep(0.7)')
  const slow = { table: { schema: 'public', name: 'slow' }, select_permissions: [select('hurried', {})] }
  const sources = LIBRARY_METADATA.sources.map(source => ({ ...source, tables: [...source.tables, slow] }))
  listed = await createGraphqlEngine({ pool, metadata: { ...LIBRARY_METADATA, ...lists }, allowList: true })
  bounded = await createGraphqlEngine({ pool, metadata: { ...rules, sources }, maxRows: 2 })
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

  it('bound the time of an operation, all of its statements together', async () => {
    expect(await ask(bounded, '{ slow { id } }', 'hurried')).toBe('answered')
    expect(await ask(bounded, '{ a: slow { id } b: slow { id } }', 'admin')).toBe('answered')
    const tooLong = 'the query took longer than the limit of 1000 ms; ask for less'
    expect(await ask(bounded, '{ a: slow { id } b: slow { id } }', 'hurried')).toBe(tooLong)
    expect(await ask(bounded, '{ slow(where: {_not: {id: {_eq: 0}}}) { id } }', 'hurried')).toBe('answered')
  })

  it('bound the requests within a minute of a role, of each of its users, or of each address', async () => {
    const request = { query: '{ __typename }' }
    const asked = async (role: string, times: number, userId = '1', address = '10.0.0.1') => {
      const codes: string[] = []
      for (let time = 0; time < times; time++) {
        const session = { role, variables: { 'x-hasura-user-id': userId }, address }
        const { errors } = JSON.parse(await bounded.execute(request, session))
        codes.push(errors?.[0].extensions.code ?? 'answered')
      }
      return codes.join(' ')
    }
    const MUCH = 'rate-limit-exceeded'
    expect(await asked('all', 2, '1')).toBe('answered answered')
    expect(await asked('all', 2, '2')).toBe(`answered ${MUCH}`)
    expect(await asked('each', 3, '1')).toBe(`answered answered ${MUCH}`)
    expect(await asked('each', 1, '2')).toBe('answered')
    expect(await asked('nearby', 2, '1')).toBe(`answered ${MUCH}`)
    expect(await asked('nearby', 2, '1', '10.0.0.2')).toBe(`answered ${MUCH}`)
    expect(await asked('admin', 4)).not.toContain(MUCH)
    // Subscriptions are requests, too.
    const errors: string[] = []
    const listener = { next: () => {}, complete: () => {}, error: (text: string) => errors.push(text) }
    bounded.start({ query: 'subscription { __typename }' }, { role: 'all', variables: {} }, listener)
    expect(errors[0]).toContain('rate limit exceeded: at most 3 requests per minute; wait ')
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

describe('a count of requests', () => {
  it('begins anew every minute, and takes no more memory than for so many callers', () => {
    let now = 0
    const rate = new RequestRate(() => now)
    const count = (caller: string) => {
      try {
        rate.count(caller, 1)
        return true
      } catch {
        return false
      }
    }
    expect([count('a'), count('a'), count('b')]).toEqual([true, false, true])
    now = 59_999
    expect(count('a')).toBe(false)
    now = 60_000
    expect(count('a')).toBe(true)
    const many = Array.from({ length: 10_001 }, (_, index) => count(`caller ${index}`))
    expect(many.filter(Boolean)).toHaveLength(10_000)
  })
})

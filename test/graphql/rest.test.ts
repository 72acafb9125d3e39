import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { createGraphqlEngine } from '../../src/graphql/engine.ts'
import { type MetadataRestEndpoint, readMetadata } from '../../src/hasura/metadata.ts'
import { exampleCollection } from '../../src/hasura/own-metadata.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type Endpoint, startEndpoint } from './support/endpoint.ts'
import { createLibrary, LIBRARY_METADATA, type Library } from './support/library.ts'
import { seedChain } from './support/seed-chain.ts'

const QUERIES = {
  Author: 'query Author($id: Int!) { author_by_pk(id: $id) { id name } }',
  Articles: `query Articles($term: String!, $published: Boolean, $min: numeric = 0, $limit: Int) {
    article(limit: $limit, order_by: {id: asc}, where: {title: {_ilike: $term}, published: {_eq: $published}, rating: {_gte: $min}}) { id title rating } }`,
  Ids: 'query Ids($ids: [Int!]!) { author(where: {id: {_in: $ids}}, order_by: {id: asc}) { id } }',
  Rename:
    'mutation Rename($id: Int!, $name: String!) { update_author_by_pk(pk_columns: {id: $id}, _set: {name: $name}) { name } }',
  Live: 'subscription Live { author { id } }',
  Two: 'query A { author { id } } query B { author { id } }',
}
const endpoint = (name: string, url: string, methods: string[], query: string): MetadataRestEndpoint => ({
  name,
  url,
  methods,
  definition: { query: { collection_name: 'saved', query_name: query } },
})
const ENDPOINTS = [
  endpoint('author', 'authors/:id', ['GET', 'POST'], 'Author'),
  endpoint('articles', '/articles/', ['GET', 'POST'], 'Articles'),
  endpoint('ids', 'ids', ['GET', 'POST'], 'Ids'),
  endpoint('rename', 'authors/:id', ['PATCH'], 'Rename'),
  endpoint('either', 'either/:id', ['GET'], 'Author'),
  endpoint('or', 'either/1', ['GET'], 'Articles'),
  endpoint('live', 'live', ['GET'], 'Live'),
  endpoint('two', 'two', ['GET'], 'Two'),
  endpoint('gone', 'gone', ['GET'], 'Gone'),
  endpoint('by-link', 'by-link', ['GET'], 'Rename'),
]

describe('/api/rest', () => {
  let library: Library
  let server: Endpoint
  beforeAll(async () => {
    library = await createLibrary({
      metadata: {
        ...LIBRARY_METADATA,
        query_collections: [
          {
            name: 'saved',
            definition: { queries: Object.entries(QUERIES).map(([name, query]) => ({ name, query })) },
          },
        ],
        rest_endpoints: ENDPOINTS,
      },
    })
    server = await startEndpoint(library.engine, { auth: { adminSecret: 's3cret', unauthorizedRole: 'user' } })
  })
  afterAll(async () => {
    await server.stop()
    await library.database.drop()
  })

  const SECRET = { 'x-hasura-admin-secret': 's3cret' }
  async function call(path: string, init: RequestInit = {}): Promise<[number, string]> {
    const url = new URL(`/api/rest/${path}`, server.url)
    const response = await fetch(url, { headers: SECRET, ...init })
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    return [response.status, await response.text()]
  }
  const refusal = (error: string, code: string, path = '$') => JSON.stringify({ path, error, code })

  it('takes variables from the URL, the query string and the body', async () => {
    expect(await call('authors/2')).toEqual([200, '{"author_by_pk":{"id":2,"name":"Bob"}}'])
    expect(await call('authors/2/')).toEqual([200, '{"author_by_pk":{"id":2,"name":"Bob"}}'])
    const found = '{"article":[{"id":1,"title":"Alpha","rating":4.50}]}'
    expect(await call('articles?term=alp%25&published&min=4.5&limit=1')).toEqual([200, found])
    expect(await call('articles?term=alp%25&published=false')).toEqual([200, '{"article":[]}'])
    // An empty text is nothing where nothing may be given.
    expect(await call('articles?term=alp%25&limit=')).toEqual([200, found])
    const body = JSON.stringify({ term: 'alp%', published: true, limit: 5 })
    expect(await call('articles', { method: 'POST', body })).toEqual([200, found])
    expect(await call('articles?term=alp%25', { method: 'POST', body: JSON.stringify({ term: 'no' }) })).toEqual([
      200,
      found,
    ])
    expect(await call('ids', { method: 'POST', body: '{"ids":[3,1]}' })).toEqual([
      200,
      expect.stringMatching(/^\{"author":\[\{"id":1\},\s*\{"id":3\}\]\}$/),
    ])
  })

  it('keeps the digits of large numbers', async () => {
    expect((await call('articles?term=huge'))[1]).toContain('"id":9007199254740993')
  })

  it('changes data where the metadata says so, but never on GET', async () => {
    const init = { method: 'PATCH', body: '{"name":"Robert"}' }
    expect(await call('authors/2', init)).toEqual([200, '{"update_author_by_pk":{"name":"Robert"}}'])
    expect(await call('authors/2', { ...init, body: '{"name":"Bob"}' })).toEqual([
      200,
      '{"update_author_by_pk":{"name":"Bob"}}',
    ])
    expect(library.engine.inconsistencies).toEqual([
      'REST endpoint live: query Live is a subscription',
      'REST endpoint two: query Two is not exactly one operation',
      'REST endpoint gone: there is no query Gone in a collection saved',
      'REST endpoint by-link: query Rename changes data, on GET',
    ])
  })

  it('asks as who the caller is', async () => {
    // Without the secret the role is that of strangers, whatever the header says.
    const asStranger = { headers: { 'x-hasura-role': 'admin', 'x-hasura-user-id': '1' } }
    expect(await call('authors/1', asStranger)).toEqual([200, '{"author_by_pk":{"id":1,"name":"Ann"}}'])
    const update = { ...asStranger, method: 'PATCH', body: '{"name":"x"}' }
    expect(await call('authors/1', update)).toEqual([400, refusal('no mutations exist', 'validation-failed')])
    expect(await call('authors/1', { headers: { 'x-hasura-admin-secret': 'wrong' } })).toEqual([
      401,
      refusal('invalid x-hasura-admin-secret/x-hasura-access-key', 'access-denied'),
    ])
  })

  it('says what is wrong, with a status', async () => {
    for (const [path, init, status, body] of [
      ['nowhere', {}, 404, refusal('Endpoint not found', 'not-found')],
      ['live', {}, 404, refusal('Endpoint not found', 'not-found')],
      ['authors/1', { method: 'DELETE' }, 405, refusal('Allowed methods: GET, PATCH, POST', 'method-not-allowed')],
      ['either/1', {}, 500, refusal('Multiple endpoints match request', 'unexpected')],
      ['authors/1?nothing=1', {}, 400, refusal('Unexpected variable nothing', 'bad-request')],
      ['ids?ids=1', {}, 400, expect.stringContaining('List variables are not currently supported')],
      ['ids', { method: 'POST', body: '{' }, 400, refusal('the body is not valid JSON', 'invalid-json')],
      ['ids', { method: 'POST', body: '[1]' }, 400, expect.stringContaining('must be a JSON object')],
      ['authors/x', {}, 400, expect.stringMatching(/"path":"\$\..*"code":"validation-failed"/)],
      ['articles', {}, 400, refusal('expecting a value for non-nullable variable: "term"', 'validation-failed')],
    ] as const) {
      expect(await call(path, init), path).toEqual([status, body])
    }
  })
})

describe('our own endpoints', () => {
  let database: TestDatabase
  let server: Endpoint
  let chain: Awaited<ReturnType<typeof seedChain>>
  beforeAll(async () => {
    database = await createTestDatabase()
    chain = await seedChain(database.pool)
    const engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    expect(engine.inconsistencies).toEqual([])
    server = await startEndpoint(engine, { auth: { adminSecret: null, unauthorizedRole: null } })
  })
  afterAll(async () => {
    await server.stop()
    await database.drop()
  })

  it('ask the example queries (else: METADATA=write)', () => {
    const file = 'hasura-metadata/query_collections.yaml'
    const made = stringify([exampleCollection(readFileSync('model/example-queries.graphql', 'utf8'))], { lineWidth: 0 })
    if (process.env.METADATA === 'write') writeFileSync(file, made)
    expect(readFileSync(file, 'utf8')).toBe(made)
  })

  it('answer, all of them, to the viewer', async () => {
    const { rest_endpoints: endpoints = [] } = await readMetadata('hasura-metadata')
    expect(endpoints.length).toBeGreaterThan(5)
    const { orders } = chain.ids
    const values: Record<string, string> = {
      search: `?term=${chain.correlationId}`,
      slowest: '?since=2020-01-01&limit=2',
      performance: '?since=2020-01-01&kind=function',
      'chain/:invocationId': orders,
      'waterfall/:rootId': orders,
      'trace/:traceId': '0af7651916cd43dd8448eb211c80319c',
    }
    const answers: Record<string, Record<string, unknown[]>> = {}
    for (const { url, name } of endpoints) {
      const value = values[url.replace('observability/', '')] ?? ''
      const path = url.includes(':') ? url.replace(/:.*/, value) : `${url}${value}`
      const response = await fetch(new URL(`/api/rest/${path}`, server.url), {
        headers: { 'x-hasura-role': 'observability_viewer' },
      })
      const text = await response.text()
      expect(response.status, `${name}: ${text}`).toBe(200)
      answers[url.replace(/^observability\//, '').replace(/\/.*/, '')] = JSON.parse(text)
    }
    expect(answers.search?.search_invocations).toHaveLength(3)
    expect(Object.values(answers.chain ?? {})[0]).toHaveLength(3)
    expect(Object.values(answers.slowest ?? {})[0]).toHaveLength(2)
    expect(Object.values(answers.failing ?? {})[0]).toHaveLength(1)
  })
})

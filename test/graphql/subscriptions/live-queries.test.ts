import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Endpoint, RawClient, startEndpoint } from '../support/endpoint.ts'
import { createLibrary, type Library } from '../support/library.ts'

const INTERVAL = { refetchIntervalMs: 50, batchSize: 100 }
const unexpected: unknown[] = []
let library: Library
let endpoint: Endpoint
const clients: RawClient[] = []

beforeAll(async () => {
  library = await createLibrary({
    subscriptions: { live: INTERVAL, streaming: INTERVAL },
    onUnexpected: error => unexpected.push(error),
  })
  endpoint = await startEndpoint(library.engine)
})
beforeEach(() => library.database.pool.query('UPDATE author SET age = id * 10'))
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await expect.poll(() => library.engine.subscriptions).toEqual({ subscribers: 0, groups: 0 })
})
afterAll(async () => {
  await endpoint.stop()
  await library.database.drop()
})

async function connect(payload?: object): Promise<RawClient> {
  const client = await new RawClient(endpoint.socketUrl).init(payload)
  clients.push(client)
  return client
}

/** How often a connection was lent while something was done: once for each poll, when nothing else is asked. */
async function polls(work: () => Promise<unknown>): Promise<number> {
  const { pool } = library.database
  let lent = 0
  const count = (): void => {
    lent++
  }
  pool.on('acquire', count)
  await work()
  pool.off('acquire', count)
  return lent
}

const AGE = 'subscription ($id: Int!) { author_by_pk(id: $id) { name age } }'

describe('a live query', () => {
  it('sends its result first, then whenever it has changed, and nothing in between', async () => {
    const client = await connect()
    client.subscribe('1', AGE, { id: 2 })
    expect(await client.next()).toEqual({
      type: 'next',
      id: '1',
      payload: { data: { author_by_pk: { name: 'Bob', age: 20 } } },
    })
    await pause(300)
    expect(client.unread).toEqual([])
    await library.database.pool.query('UPDATE author SET age = 31 WHERE id = 2')
    expect((await client.next()).payload).toEqual({ data: { author_by_pk: { name: 'Bob', age: 31 } } })
    // Another row of the table changes, not the one that was asked for.
    await library.database.pool.query('UPDATE author SET age = 99 WHERE id = 3')
    await pause(200)
    expect(client.unread).toEqual([])
    client.send({ type: 'complete', id: '1' })
    await library.database.pool.query('UPDATE author SET age = 32 WHERE id = 2')
    await pause(200)
    expect(client.unread).toEqual([])
  })

  it('serves many subscribers with different variables by one statement for each poll', async () => {
    const client = await connect()
    const startedAt = performance.now()
    const seen = await polls(async () => {
      for (let i = 0; i < 30; i++) client.subscribe(String(i), AGE, { id: (i % 3) + 1 })
      for (let i = 0; i < 30; i++) {
        const { id, payload } = await client.next()
        expect(payload.data.author_by_pk.age).toBe(((Number(id) % 3) + 1) * 10)
      }
      expect(library.engine.subscriptions).toEqual({ subscribers: 30, groups: 1 })
      await pause(500)
    })
    // Besides one for each interval, however long that took: thirty would have been needed for the first answers alone.
    expect(seen - (performance.now() - startedAt) / INTERVAL.refetchIntervalMs).toBeLessThan(20)
    await library.database.pool.query('UPDATE author SET age = 77 WHERE id = 3')
    const told = await Promise.all(Array.from({ length: 10 }, () => client.next()))
    expect(told.map(message => Number(message.id) % 3)).toEqual(Array(10).fill(2))
  })

  it('keeps roles and session variables apart', async () => {
    const query = 'subscription { article(order_by: {id: asc}) { title } }'
    const ann = await connect({ headers: { 'X-Hasura-Role': 'user', 'x-hasura-user-id': '1' } })
    const bob = await connect({ headers: { 'X-Hasura-Role': 'user', 'x-hasura-user-id': '2', 'x-hasura-extra': 'x' } })
    const admin = await connect()
    for (const client of [ann, bob, admin]) client.subscribe('a', query)
    const titles = (message: { payload: { data: { article: { title: string }[] } } }) =>
      message.payload.data.article.map(row => row.title).join()
    expect(titles(await ann.next())).toBe('Alpha,Beta_x,Gamma,Huge')
    expect(titles(await bob.next())).toEqual('Alpha,Gamma,Huge')
    expect(titles(await admin.next())).toEqual('Alpha,Beta_x,Gamma,Huge')
    expect(library.engine.subscriptions).toEqual({ subscribers: 3, groups: 2 })
    const missing = await connect({ headers: { 'x-hasura-role': 'user' } })
    missing.subscribe('a', query)
    expect(await missing.next()).toEqual({
      type: 'error',
      id: 'a',
      payload: [
        { message: 'missing session variable: "x-hasura-user-id"', extensions: { path: '$', code: 'not-found' } },
      ],
    })
  })

  it('asks nothing when nobody listens', async () => {
    const client = await connect()
    client.subscribe('1', AGE, { id: 1 })
    await client.next()
    client.close()
    await expect.poll(() => library.engine.subscriptions.groups).toBe(0)
    expect(await polls(() => pause(300))).toBe(0)
  })

  it('tells an error only those whom it concerns, and goes on for the others', async () => {
    const client = await connect()
    const query = 'subscription ($p: String!) { author(where: {name: {_regex: $p}}) { age } }'
    client.subscribe('good', query, { p: '^Ann' })
    client.subscribe('bad', query, { p: '(' })
    const first = [await client.next(), await client.next()].sort((a, b) => a.id.localeCompare(b.id))
    expect(first).toEqual([
      {
        type: 'error',
        id: 'bad',
        payload: [
          {
            message: 'invalid regular expression: parentheses () not balanced',
            extensions: { path: '$', code: 'data-exception', internal: expect.anything() },
          },
        ],
      },
      { type: 'next', id: 'good', payload: { data: { author: [{ age: 10 }] } } },
    ])
    await library.database.pool.query('UPDATE author SET age = 41 WHERE id = 1')
    expect((await client.next()).payload).toEqual({ data: { author: [{ age: 41 }] } })
    // The id is free again.
    client.subscribe('bad', query, { p: '^Cy' })
    expect((await client.next()).payload).toEqual({ data: { author: [{ age: 30 }] } })
  })

  it('tells when a poll fails because of new data, and when it works again', async () => {
    const client = await connect()
    await library.database.pool.query('UPDATE article SET code = NULL')
    await library.database.pool.query(
      `CREATE OR REPLACE FUNCTION lib.search(term text, min_rating numeric DEFAULT 0) RETURNS SETOF article
         LANGUAGE sql STABLE AS $$ SELECT * FROM article WHERE 1 / (SELECT age FROM author WHERE id = length(term)) < 2 AND id = 1 $$`,
    )
    const query = 'subscription ($t: String!) { search_articles(args: {term: $t}) { id } }'
    client.subscribe('one', query, { t: 'a' })
    client.subscribe('two', query, { t: 'ab' })
    await client.next()
    await client.next()
    await library.database.pool.query('UPDATE author SET age = 0 WHERE id = 1')
    expect(await client.next()).toMatchObject({
      type: 'next',
      id: 'one',
      payload: { data: null, errors: [{ message: 'division by zero', extensions: { code: 'data-exception' } }] },
    })
    await pause(200)
    expect(client.unread).toEqual([])
    await library.database.pool.query('UPDATE author SET age = 10 WHERE id = 1')
    expect(await client.next()).toMatchObject({ id: 'one', payload: { data: { search_articles: [{ id: 1 }] } } })
  })

  it('survives a lost connection', async () => {
    const client = await connect()
    client.subscribe('1', AGE, { id: 1 })
    await client.next()
    const { pool } = library.database
    const cut = () =>
      pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      )
    for (let i = 0; i < 5; i++) await cut()
    await pool.query('UPDATE author SET age = 50 WHERE id = 1')
    for (;;) {
      const { payload } = await client.next()
      if (payload.data?.author_by_pk.age === 50) break
      expect(payload.errors?.[0].extensions.code ?? 'unexpected').toBe('unexpected')
    }
  })

  it('shares a result with one who comes later, who sees the newest', async () => {
    const [early, late] = [await connect(), await connect()]
    early.subscribe('1', AGE, { id: 1 })
    await early.next()
    await library.database.pool.query('UPDATE author SET age = 60 WHERE id = 1')
    late.subscribe('1', 'subscription ($id: Int!) { him: author_by_pk(id: $id) { name age } }', { id: 1 })
    expect((await late.next()).payload).toEqual({ data: { him: { name: 'Ann', age: 60 } } })
    expect(library.engine.subscriptions).toEqual({ subscribers: 2, groups: 1 })
  })

  it('takes every kind of value: lists, JSON, dates, nulls in filters, limits', async () => {
    const client = await connect()
    const query = `subscription ($ids: [bigint!], $tags: [String!], $meta: jsonb, $at: timestamptz, $n: Int, $s: uuid) {
      article(where: {_or: [{id: {_in: $ids}, tags: {_contains: $tags}, meta: {_contains: $meta}, at: {_lte: $at}},
        {secret: {_eq: $s}}]}, limit: $n, offset: 0, order_by: {id: asc}) { id tags meta(path: "$.a.b") }
    }`
    const variables = {
      ids: [1, '2', 9007199254740991],
      tags: ['red', 'blue'],
      meta: { k: 1, a: { b: [10] } },
      at: '2030-01-01',
      n: 1,
      s: '22222222-2222-4222-8222-222222222222',
    }
    client.subscribe('1', query, variables)
    expect((await client.next()).payload).toEqual({
      data: { article: [{ id: 1, tags: ['red', 'blue'], meta: [10, 20] }] },
    })
    client.subscribe('2', query, { ...variables, tags: ['a"b\\,{}', 'NULL'] })
    expect((await client.next()).payload).toEqual({ data: { article: [] } })
  })

  it('counts, and reads what hangs on rows', async () => {
    const client = await connect()
    client.subscribe(
      '1',
      `subscription ($min: Int!) { author_aggregate(where: {articles_aggregate: {count: {predicate: {_gte: $min}}}}, order_by: {id: asc}) {
         aggregate { count max { age } } nodes { name articles(order_by: {id: desc}, limit: $min) { title } } } }`,
      { min: 2 },
    )
    expect((await client.next()).payload.data.author_aggregate).toEqual({
      aggregate: { count: 2, max: { age: 20 } },
      nodes: [
        { name: 'Ann', articles: [{ title: 'Beta_x' }, { title: 'Alpha' }] },
        { name: 'Bob', articles: [{ title: 'Huge' }, { title: 'Gamma' }] },
      ],
    })
  })
})

describe('a subscription that is not right', () => {
  it.each([
    ['subscription { author { id } article { id } }', 'subscriptions must select one top level field', '$'],
    [
      'subscription { nothing { id } }',
      "field 'nothing' not found in type: 'subscription_root'",
      '$.selectionSet.nothing',
    ],
    [
      'subscription { __schema { types { name } } }',
      "field '__schema' not found in type: 'subscription_root'",
      '$.selectionSet.__schema',
    ],
    ['subscription @cached { author { id } }', "directive 'cached' is not allowed on a subscription", '$'],
    ['subscription {', 'not a valid graphql query', '$.query'],
  ])('is refused: %s', async (query, message, path) => {
    const client = await connect()
    client.subscribe('1', query)
    expect(await client.next()).toEqual({
      type: 'error',
      id: '1',
      payload: [{ message, extensions: { path, code: 'validation-failed' } }],
    })
  })

  it('may have several fields under the directive of Hasura’s tests', async () => {
    const client = await connect()
    client.subscribe(
      '1',
      'subscription @_multiple_top_level_fields { a: author_by_pk(id: 1) { name } __typename b: author_by_pk(id: 9) { name } }',
    )
    expect((await client.next()).payload).toEqual({
      data: { a: { name: 'Ann' }, __typename: 'subscription_root', b: null },
    })
  })

  it('is refused over HTTP', async () => {
    expect(await library.errors('subscription { author { id } }')).toEqual({
      message: 'subscriptions are not supported over HTTP, use websockets instead',
      extensions: { path: '$', code: 'unexpected-payload' },
    })
  })
})

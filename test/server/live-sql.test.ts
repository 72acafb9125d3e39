import { readFileSync } from 'node:fs'
import { type Client, createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { readServerConfig } from '../../src/config.ts'
import { eventually } from '../support/eventually.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { post } from './ingest/support.ts'

// biome-ignore lint/suspicious/noExplicitAny: each query has its own shape
type Any = any

const SECRET = 'some-long-admin-secret'
const KEY = 'k5Jd0wq81LmZx3Tb'
const [failures, rates] = [...readFileSync('docs/live.md', 'utf8').matchAll(/```graphql\n([\s\S]*?)```/g)].map(
  ([, text]) => text as string,
)

describe('live queries over the hot window, as docs/live.md has them', () => {
  let server: TestServer
  const clients: Client[] = []

  beforeAll(async () => {
    const { endpoint, ingest } = readServerConfig({
      HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '100',
      OBSERVABILITY_API_KEYS: `all:ingest:*:${KEY}`,
    })
    server = await startTestServer({ shop: false, shopDbUrl: null, hasuraAdminSecret: SECRET, endpoint, ingest })
  })
  afterAll(async () => {
    for (const client of clients) await client.dispose()
    await server.stop()
  })

  /** Every answer of a subscription so far. */
  function subscribe(query: string, role = 'observability_operator'): Any[] {
    const answers: Any[] = []
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/v1/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { headers: { 'x-hasura-admin-secret': SECRET, 'x-hasura-role': role } },
    })
    clients.push(client)
    client.subscribe(
      { query },
      { next: answer => answers.push(answer), error: error => answers.push({ error }), complete: () => {} },
    )
    return answers
  }
  const span = (id: string, changes: object = {}) => ({
    id,
    event_type: 'trace',
    event_name: 'GET /orders',
    ns: 'shop',
    service_name: 'checkout',
    outcome: 'error',
    duration_ms: 40,
    timestamp: new Date(Date.now() - 1_000).toISOString(),
    ...changes,
  })
  async function store(...events: object[]): Promise<void> {
    const answer = await post(server, '/api/broadcast', events, { authorization: `Bearer ${KEY}` })
    expect([answer.status, answer.body.rejected]).toEqual([200, 0])
  }

  it('count, filter and average, and change as events come', async () => {
    const answers = subscribe(failures as string)
    const latest = () => answers.at(-1)?.data?.live_events_aggregate.aggregate
    await eventually(() => expect(latest()).toEqual({ count: 0, avg: { duration_ms: null }, max: { timestamp: null } }))
    await store(
      span('a'),
      span('b', { duration_ms: 60 }),
      span('fine', { outcome: 'success' }),
      span('other', { service_name: 'search' }),
      span('old', { timestamp: new Date(Date.now() - 120_000).toISOString() }),
    )
    await eventually(() => expect(latest()).toMatchObject({ count: 2, avg: { duration_ms: 50 } }))
    await store(span('c', { duration_ms: 80 }))
    await eventually(() => expect(latest()).toMatchObject({ count: 3, avg: { duration_ms: 60 } }))
  })

  it('forget what becomes older than the window, though nothing new comes', async () => {
    const answers = subscribe(
      'subscription { live_events_aggregate(args: {seconds: 6}, where: {ns: {_eq: "brief"}}) { aggregate { count } } }',
    )
    const latest = () => answers.at(-1)?.data?.live_events_aggregate.aggregate.count
    await store(span('brief', { ns: 'brief', timestamp: new Date().toISOString() }))
    await eventually(() => expect(latest()).toBe(1))
    await eventually(() => expect(latest()).toBe(0))
  })

  it('say what comes from whom', async () => {
    const answers = subscribe(rates as string, 'observability_viewer')
    await store(span('rate-1', { ns: 'rates', duration_ms: 10 }), span('rate-2', { ns: 'rates', duration_ms: 30 }))
    const rows = () => answers.at(-1)?.data?.live_event_rates.filter((row: Any) => row.ns === 'rates')
    await eventually(() =>
      expect(rows()).toMatchObject([
        {
          event_type: 'trace',
          service_name: 'checkout',
          events: 2,
          errors: 2,
          avg_duration_ms: 20,
          p95_duration_ms: expect.closeTo(29, 6),
          events_per_second: expect.closeTo(2 / 300, 9),
        },
      ]),
    )
  })

  it('show a viewer no payloads, and nothing older than five minutes', async () => {
    const refused = subscribe('subscription { live_events { data } }', 'observability_viewer')
    await eventually(() => expect(JSON.stringify(refused)).toMatch(/field 'data' not found/))
    await store(span('six minutes ago', { ns: 'past', timestamp: new Date(Date.now() - 360_000).toISOString() }))
    const rows = subscribe(
      'subscription { live_events(args: {seconds: 86400}, where: {ns: {_in: ["past", "shop"]}}) { id } }',
      'observability_viewer',
    )
    await eventually(() => expect(rows.at(-1)?.data.live_events.length).toBeGreaterThan(3))
    expect(JSON.stringify(rows)).not.toContain('six minutes')
  })
})

import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { readServerConfig } from '../../src/config.ts'
import { silentLogger } from '../../src/log.ts'
import { startServer } from '../../src/server/main.ts'
import { RawClient } from '../graphql/support/endpoint.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

describe('the server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.stop())

  it('answers where Hasura answers', async () => {
    expect(await (await fetch(`${server.url}/healthz`)).text()).toBe('OK')
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(await (await fetch(`${server.url}/v1/version`)).json()).toEqual({
      version,
      server_type: 'hasura-event-detector-observability',
    })
  })

  it('serves the dashboard at every page’s address, and its configuration', async () => {
    for (const address of ['/', '/invocations', '/chains/0f8fad5b-d9cb-469f-a165-70867728950e']) {
      const response = await fetch(`${server.url}${address}`, { headers: { accept: 'text/html' } })
      expect(response.status, address).toBe(200)
      expect(await response.text()).toContain('<div id="root">')
    }
    expect(await (await fetch(`${server.url}/config.json`)).json()).toEqual({
      graphqlEndpoint: '/v1/graphql',
      graphqlPrefix: '',
      pollIntervalMs: 500,
      overviewPollIntervalMs: 30_000,
      defaultRange: 'now-24h',
      subscriptions: true,
      features: { correlationChains: true, rawPayloads: true },
      replay: { target: 'process', name: 'the detector of this server', dryRun: true },
      retention: { days: 30, failedDays: 90 },
      shopUrl: '/shop',
    })
  })

  it('says what is not there instead of answering with a page', async () => {
    const response = await fetch(`${server.url}/v1/nothing`)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: 'nothing is at GET /v1/nothing' })
    expect((await fetch(`${server.url}/assets/none.js`, { headers: { accept: 'text/html' } })).status).toBe(404)
    // Names in a page's address may have dots.
    const page = await fetch(`${server.url}/modules/orders.placed`, { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-type')).toContain('text/html')
  })

  it('answers GraphQL, errors with status 200 as Hasura does', async () => {
    const ask = (body: string) =>
      fetch(`${server.url}/v1/graphql`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    const good = await ask(JSON.stringify({ query: '{ invocations(limit: 1) { id } }' }))
    expect(await good.json()).toEqual({ data: { invocations: [] } })
    const bad = await ask(JSON.stringify({ query: '{ nothing }' }))
    expect(bad.status).toBe(200)
    expect(await bad.json()).toMatchObject({ errors: [{ extensions: { code: 'validation-failed' } }] })
  })

  it('tells subscribers what was recorded', async () => {
    const client = await new RawClient(`${server.url.replace('http', 'ws')}/v1/graphql`).init()
    client.subscribe('1', 'subscription { invocations(limit: 1) { source_function } }')
    expect((await client.next()).payload).toEqual({ data: { invocations: [] } })
    await server.observability.pool.query(
      `INSERT INTO event_detector_observability.invocations (id, correlation_id, source_function)
       VALUES (gen_random_uuid(), gen_random_uuid(), 'orders')`,
    )
    expect((await client.next()).payload).toEqual({ data: { invocations: [{ source_function: 'orders' }] } })
    client.close()
    await server.observability.pool.query('DELETE FROM event_detector_observability.invocations')
  })

  it('tells the live stream of events that a mutation inserted, once they are there', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/events?topic=by-mutation`)
    const heard: Record<string, unknown>[] = []
    socket.on('message', data => heard.push(JSON.parse(String(data))))
    await expect.poll(() => heard.map(({ type }) => type)).toContain('subscribed')
    const event = (id: string, timestamp: string) => ({
      id,
      timestamp,
      event_type: 'log',
      event_name: 'm',
      ns: 'by-mutation',
    })
    const insert = async (fields: string, objects: object[]): Promise<unknown> => {
      const query = `mutation ($objects: [events_insert_input!]!) { insert_events(objects: $objects) { affected_rows } ${fields} }`
      const body = JSON.stringify({ query, variables: { objects } })
      const headers = { 'content-type': 'application/json' }
      return (await fetch(`${server.url}/v1/graphql`, { method: 'POST', body, headers })).json()
    }
    // One of the two is undone with the field that fails after it.
    const failing = 'again: insert_events(objects: $objects) { affected_rows }'
    expect(await insert(failing, [event('undone', new Date().toISOString())])).toMatchObject({ errors: [{}] })
    const times = [new Date().toISOString(), '2026-01-02T03:04:05.678Z']
    const rows = times.map((timestamp, n) => event(`kept-${n}`, timestamp))
    expect(await insert('', rows)).toEqual({ data: { insert_events: { affected_rows: 2 } } })
    const events = () => heard.filter(({ type }) => type === 'event').map(({ id }) => id)
    await expect.poll(events).toEqual(['kept-1', 'kept-0'])
    socket.close()
  })

  it('answers only as localhost while it listens on loopback', async () => {
    const url = new URL(server.url)
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      request({ host: '127.0.0.1', port: url.port, path: '/healthz', headers: { host: 'evil.example' } }, response => {
        let body = ''
        response.on('data', chunk => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode, body }))
      })
        .on('error', reject)
        .end()
    })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('only as localhost')
  })
})

describe('a server that cannot start', () => {
  const start = (env: Record<string, string>) =>
    startServer({ config: readServerConfig({ PORT: '0', EXAMPLE_SHOP: 'off', ...env }), logger: silentLogger })

  it('says that no Postgres answers', async () => {
    await expect(start({ OBSERVABILITY_DB_URL: 'postgresql://u:secret@127.0.0.1:9/obs' })).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringMatching(/^(?!.*secret).*no Postgres answers at 127\.0\.0\.1:9/),
    })
  })

  it('says that the database does not exist, and how to make it', async () => {
    const server = await startTestServer()
    const url = new URL(server.observability.url)
    url.pathname = '/not-there'
    await expect(start({ OBSERVABILITY_DB_URL: url.href })).rejects.toMatchObject({
      code: 'DATABASE_MISSING',
      message: expect.stringContaining('CREATE DATABASE "not-there"'),
    })
    await server.stop()
  })

  it('says that the port is taken', async () => {
    const server = await startTestServer()
    const { port } = new URL(server.url)
    await expect(start({ PORT: port, OBSERVABILITY_DB_URL: server.observability.url })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `port ${port} is taken by another program: stop it, or choose another, for example ${Number(port) + 1}, with PORT (or --port)`,
    })
    await server.stop()
  })

  it('works with a schema of another name', async () => {
    const server = await startTestServer({ schema: 'own_schema', shop: false, shopDbUrl: null })
    const { rows } = await server.observability.pool.query(
      `SELECT to_regclass('own_schema.invocations') IS NOT NULL AS made`,
    )
    expect(rows).toEqual([{ made: true }])
    const response = await fetch(`${server.url}/v1/graphql`, {
      method: 'POST',
      body: JSON.stringify({ query: '{ invocations { id } dashboard_stats { hour_bucket } }' }),
      headers: { 'content-type': 'application/json' },
    })
    expect(await response.json()).toEqual({ data: { invocations: [], dashboard_stats: [] } })
    await server.stop()
  })
})

import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type Endpoint, type EndpointOptions, RawClient, startEndpoint } from '../support/endpoint.ts'
import { createLibrary, type Library } from '../support/library.ts'

const INTERVAL = { refetchIntervalMs: 50, batchSize: 100 }
const MODERN = 'graphql-transport-ws'
const LEGACY = 'graphql-ws'
let library: Library
let endpoint: Endpoint
const clients: RawClient[] = []
const endpoints: Endpoint[] = []

beforeAll(async () => {
  library = await createLibrary({ subscriptions: { live: INTERVAL, streaming: INTERVAL } })
  endpoint = await startEndpoint(library.engine)
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  for (const started of endpoints.splice(0)) await started.stop()
})
afterAll(async () => {
  await endpoint.stop()
  await library.database.drop()
})

function connect(protocol: string | null, options: WebSocket.ClientOptions = {}, at = endpoint): RawClient {
  const client = new RawClient(at.socketUrl, protocol, options)
  clients.push(client)
  return client
}
async function other(options: EndpointOptions): Promise<Endpoint> {
  const started = await startEndpoint(library.engine, options)
  endpoints.push(started)
  return started
}
const SECRET = { auth: { adminSecret: 'hush', unauthorizedRole: null } }
const NAMES = '{ author(order_by: {id: asc}, limit: 1) { name } }'
const ANN = { data: { author: [{ name: 'Ann' }] } }

describe('graphql-transport-ws', () => {
  it('runs queries, which end by themselves, and refuses what is wrong with a list of errors', async () => {
    const client = await connect(MODERN).init()
    client.subscribe('q', NAMES)
    expect(await client.next()).toEqual({ type: 'next', id: 'q', payload: ANN })
    expect(await client.next()).toEqual({ type: 'complete', id: 'q' })
    client.subscribe('q', '{ nothing }')
    expect(await client.next()).toEqual({
      type: 'error',
      id: 'q',
      payload: [
        {
          message: "field 'nothing' not found in type: 'query_root'",
          extensions: { path: '$.selectionSet.nothing', code: 'validation-failed' },
        },
      ],
    })
    client.subscribe('q', '{ article(where: {secret: {_eq: "x"}}) { id } }')
    expect(await client.next()).toMatchObject({
      type: 'next',
      payload: { data: null, errors: [{ extensions: { code: 'data-exception' } }] },
    })
    expect(await client.next()).toEqual({ type: 'complete', id: 'q' })
    client.send({ type: 'ping', payload: { a: 1 } })
    expect(await client.next()).toEqual({ type: 'pong', payload: { a: 1 } })
    client.send({ type: 'pong' })
    client.send({ type: 'complete', id: 'unknown' })
    client.send({ type: 'ping' })
    expect(await client.next()).toEqual({ type: 'pong' })
  })

  it.each([
    ['no JSON', ['{'], 4400, /Invalid message received: not JSON/],
    ['a list', ['[]'], 4400, /not an object/],
    ['a number as type', ['{"type": 1}'], 4400, /"type" is not a string/],
    ['an unknown type', ['{"type": "start", "id": "1"}'], 4400, /unknown message type "start"/],
    ['a number as id', ['{"type": "subscribe", "id": 1}'], 4400, /"id" is not a string/],
    ['no id', ['{"type": "complete"}'], 4400, /"complete" needs an id/],
    ['subscribe before connection_init', ['{"type": "subscribe", "id": "1", "payload": {}}'], 4401, /^Unauthorized$/],
    [
      'connection_init twice',
      ['{"type": "connection_init"}', '{"type": "connection_init"}'],
      4429,
      /^Too many initialisation requests$/,
    ],
  ])('closes the socket after %s', async (_, messages, code, reason) => {
    const client = await connect(MODERN).open()
    for (const message of messages) client.send(message)
    expect(await client.closed).toEqual({ code, reason: expect.stringMatching(reason) })
  })

  it('closes the socket when an id is in use, and when connection_init does not come', async () => {
    const client = await connect(MODERN).init()
    client.subscribe('1', `subscription ${NAMES}`)
    client.subscribe('1', `subscription ${NAMES}`)
    expect(await client.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' })
    const hasty = await other({ initTimeoutMs: 100 })
    const silent = await connect(MODERN, {}, hasty).open()
    expect(await silent.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' })
  })

  it('takes the secret from connection_init, and closes the socket without it', async () => {
    const guarded = await other(SECRET)
    const client = await connect(MODERN, {}, guarded).init({ headers: { 'X-Hasura-Admin-Secret': 'hush' } })
    client.subscribe('1', NAMES)
    expect((await client.next()).payload).toEqual(ANN)
    const wrong = await connect(MODERN, {}, guarded).open()
    wrong.send({ type: 'connection_init', payload: { headers: { 'x-hasura-admin-secret': 'no' } } })
    expect(await wrong.closed).toEqual({
      code: 4403,
      reason: 'invalid x-hasura-admin-secret/x-hasura-access-key',
    })
    // Of the request that opened the socket, headers count as well.
    await connect(MODERN, { headers: { 'x-hasura-admin-secret': 'hush' } }, guarded).init()
  })
})

describe('graphql-ws, the older protocol', () => {
  it.each([LEGACY, null])('runs everything; sub-protocol offered: %s', async protocol => {
    const client = await connect(protocol).open()
    client.send({ type: 'connection_init', payload: {} })
    // Apollo's client does not wait.
    client.send({ type: 'start', id: '1', payload: { query: NAMES } })
    expect(await client.next()).toEqual({ type: 'connection_ack' })
    expect(await client.next()).toEqual({ type: 'data', id: '1', payload: ANN })
    expect(await client.next()).toEqual({ type: 'complete', id: '1' })
    client.subscribe('2', `subscription ${NAMES}`)
    expect(await client.next()).toEqual({ type: 'data', id: '2', payload: ANN })
    client.send({ type: 'stop', id: '2' })
    client.subscribe('3', '{ nothing }')
    expect(await client.next()).toMatchObject({
      type: 'error',
      id: '3',
      payload: { errors: [{ message: "field 'nothing' not found in type: 'query_root'" }] },
    })
    expect(await client.next()).toEqual({ type: 'complete', id: '3' })
    client.send({ type: 'connection_terminate' })
    expect((await client.closed).code).toBe(1000)
  })

  it('answers mistakes with messages and stays open', async () => {
    const client = await connect(LEGACY).init()
    for (const message of ['{', '{"type": "test"}', '{"type": "stop"}', '{"type": "subscribe", "id": "1"}']) {
      client.send(message)
      expect(await client.next()).toEqual({
        type: 'connection_error',
        payload: expect.stringMatching(/^parsing ClientMessage failed: /),
      })
    }
    client.subscribe('1', NAMES)
    expect((await client.next()).payload).toEqual(ANN)
  })

  it('refuses operations before and after a connection_init that failed, which may be repeated', async () => {
    const guarded = await other(SECRET)
    const client = await connect(LEGACY, {}, guarded).open()
    client.subscribe('1', NAMES)
    const refused = (message: string) => ({
      type: 'error',
      id: '1',
      payload: { errors: [{ message, extensions: { path: '$', code: 'start-failed' } }] },
    })
    expect(await client.next()).toEqual(refused('start received before the connection is initialised'))
    expect(await client.next()).toEqual({ type: 'complete', id: '1' })
    client.send({ type: 'connection_init' })
    const reason = 'x-hasura-admin-secret/x-hasura-access-key required, but not found'
    expect(await client.next()).toEqual({ type: 'connection_error', payload: reason })
    client.subscribe('1', NAMES)
    expect(await client.next()).toEqual(refused(`cannot start as connection_init failed with: ${reason}`))
    expect(await client.next()).toEqual({ type: 'complete', id: '1' })
    client.send({ type: 'connection_init', payload: { headers: { 'x-hasura-admin-secret': 'hush' } } })
    expect(await client.next()).toEqual({ type: 'connection_ack' })
    client.subscribe('1', NAMES)
    expect((await client.next()).payload).toEqual(ANN)
  })

  it('shows signs of life', async () => {
    const lively = await other({ keepAliveMs: 50 })
    const client = new WebSocket(lively.socketUrl, LEGACY)
    const types: string[] = []
    client.on('message', data => types.push(JSON.parse(String(data)).type))
    client.on('open', () => client.send('{"type": "connection_init"}'))
    await expect.poll(() => types.length).toBeGreaterThan(3)
    expect(types.slice(0, 4)).toEqual(['connection_ack', 'ka', 'ka', 'ka'])
    client.terminate()
  })
})

describe('sockets', () => {
  const upgrade = (headers: Record<string, string>, at: Endpoint, path = '/v1/graphql') =>
    new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const { port } = new URL(at.url)
      const key = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
      const asked = request({
        host: '127.0.0.1',
        port,
        path,
        headers: { ...key, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', host: `localhost:${port}`, ...headers },
      })
      asked.on('upgrade', (_response, socket) => {
        socket.destroy()
        resolve({ status: 101, body: '' })
      })
      asked.on('response', response => {
        let body = ''
        response.on('data', chunk => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode, body }))
      })
      asked.on('error', reject)
      asked.end()
    })

  it('are for this machine’s own pages only', async () => {
    const { port } = new URL(endpoint.url)
    expect(await upgrade({}, endpoint)).toEqual({ status: 101, body: '' })
    expect((await upgrade({ origin: `http://localhost:${port}` }, endpoint)).status).toBe(101)
    for (const origin of ['https://evil.example', 'http://localhost:1', 'null']) {
      const { status, body } = await upgrade({ origin }, endpoint)
      expect([status, body], origin).toEqual([403, expect.stringContaining('may not call this server')])
    }
    const rebound = await upgrade({ host: 'evil.example', origin: 'http://evil.example' }, endpoint)
    expect([rebound.status, rebound.body]).toEqual([403, expect.stringContaining('answers only as localhost')])
    const open = await other({ callers: { allowedOrigins: ['https://app.example'] } })
    expect((await upgrade({ origin: 'https://app.example' }, open)).status).toBe(101)
    // Behind a proxy that changes Host.
    const proxied = { origin: 'https://obs.example', 'x-forwarded-host': 'obs.example' }
    expect((await upgrade(proxied, open)).status).toBe(101)
  })

  it('are at one address and know two sub-protocols', async () => {
    expect(await upgrade({}, endpoint, '/elsewhere')).toEqual({
      status: 404,
      body: '{"error":"no WebSocket is at /elsewhere"}',
    })
    const { status, body } = await upgrade({ 'sec-websocket-protocol': 'soap' }, endpoint)
    expect([status, body]).toEqual([400, expect.stringContaining('graphql-transport-ws and graphql-ws')])
  })

  it('are bounded in number, and in operations', async () => {
    const small = await other({ maxSockets: 1, maxOperations: 2 })
    const client = await connect(MODERN, {}, small).init()
    expect(await upgrade({}, small)).toEqual({ status: 503, body: '{"error":"too many connections"}' })
    for (const id of ['1', '2', '3']) client.subscribe(id, `subscription ${NAMES}`)
    const messages = [await client.next(), await client.next(), await client.next()]
    expect(messages.find(message => message.type === 'error')).toEqual({
      type: 'error',
      id: '3',
      payload: [
        {
          message: 'a connection may have at most 2 operations at a time',
          extensions: { path: '$', code: 'start-failed' },
        },
      ],
    })
  })

  it('are told when the server stops', async () => {
    const stopping = await startEndpoint(library.engine)
    const client = await connect(MODERN, {}, stopping).init()
    client.subscribe('1', `subscription ${NAMES}`)
    await client.next()
    await stopping.stop()
    expect(await client.closed).toEqual({ code: 1001, reason: 'the server is stopping' })
    expect(library.engine.subscriptions.subscribers).toBe(0)
  })

  it('are closed when their client does not read', async () => {
    const strict = await other({ maxWaitingBytes: 100_000 })
    const client = await connect(MODERN, {}, strict).init()
    client.socket.pause()
    await library.database.pool.query(`UPDATE author SET email = repeat('x', 4000000) WHERE id = 1`)
    const query = 'subscription { author(where: {id: {_eq: 1}}) { mail age } }'
    for (let i = 0; i < 20; i++) client.subscribe(String(i), query)
    await expect.poll(() => library.engine.subscriptions.subscribers, { timeout: 10_000 }).toBe(0)
    client.socket.resume()
    expect(await client.closed).toEqual({ code: 1013, reason: expect.stringContaining('bytes wait to be read') })
    await library.database.pool.query(`UPDATE author SET email = 'ann@example.com' WHERE id = 1`)
  })

  it('end when their session does', async () => {
    const brief = await other({
      authenticate: async () => ({ session: { role: 'admin', variables: {} }, expiresAt: Date.now() + 300 }),
    })
    const client = await connect(MODERN, {}, brief).init()
    client.subscribe('1', `subscription ${NAMES}`)
    await client.next()
    expect(await client.closed).toEqual({ code: 4403, reason: 'the token has expired' })
  })

  it('stand whatever is sent to them', async () => {
    let seed = 20_240_607
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
      return seed % below
    }
    const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T
    const values = [
      '',
      'x',
      null,
      1,
      [],
      {},
      { query: NAMES },
      { query: 7 },
      { query: 'subscription { author { id } }' },
    ]
    const types = [
      'connection_init',
      'subscribe',
      'start',
      'stop',
      'complete',
      'ping',
      'pong',
      'connection_terminate',
      7,
      '',
    ]
    for (let round = 0; round < 150; round++) {
      const client = connect(pick([MODERN, LEGACY, null]))
      await client.open()
      for (let i = 0; i < 12; i++) {
        if (client.socket.readyState !== WebSocket.OPEN) break
        const message = JSON.stringify({ type: pick(types), id: pick(values), payload: pick(values) })
        const cut = pick([message, message, message, message.slice(0, random(message.length + 1)), '\u0000'])
        client.socket.send(random(10) === 0 ? Buffer.from(cut) : cut)
      }
      client.close()
    }
    // A frame that is too large, one that is none, and thousands of subscriptions.
    const large = await connect(MODERN).init()
    large.send(`{"type":"${'x'.repeat(11 * 1024 * 1024)}"}`)
    expect((await large.closed).code).toBe(1009)
    const greedy = await connect(MODERN).init()
    for (let i = 0; i < 3_000; i++) greedy.subscribe(`s${i}`, `subscription ${NAMES}`)
    let refused = 0
    for (let i = 0; i < 3_000; i++) if ((await greedy.next()).type === 'error') refused++
    expect(refused).toBe(2_000)
    greedy.close()
    await pause(50)
    const client = await connect(MODERN).init()
    client.subscribe('1', NAMES)
    expect((await client.next()).payload).toEqual(ANN)
    await expect.poll(() => library.engine.subscriptions).toEqual({ subscribers: 0, groups: 0 })
  })
})

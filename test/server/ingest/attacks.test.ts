import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { readServerConfig } from '../../../src/config.ts'
import { MIB } from '../../../src/units.ts'
import { otlpJson } from '../../event/otlp-bytes.ts'
import { SCHEMA } from '../../support/postgres.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { countEvents, post, span, spanIdAt, storedEvents } from './support.ts'

const KEY = 'k5Jd0wq81LmZx3Tb'
const BANK = 'b9Jd0wq81LmZx3Tb'
const READER = 'r-5Jd0wq81LmZx3Tb'
/** Of bodies, packed and unpacked, as it is by default. */
const MAX_BODY = 16 * MIB
const event = (id: string, changes: object = {}) => ({
  id,
  event_type: 'log',
  event_name: 'app.log',
  ns: 'shop',
  timestamp: '2026-11-21T10:00:00Z',
  ...changes,
})
const own = { authorization: `Bearer ${KEY}` }

/** A refusal over a bare connection: what the server says before it ends it. */
interface Spoken {
  answer: string
  /** Bytes that it let us send. */
  sent: number
}

/**
 * What people with bad intentions send, to a server as it is by default, with keys. While they do, somebody else's events are
 * stored, and the memory that the server takes for them stays within what all requests together may have.
 */
describe('attacks', () => {
  let server: TestServer
  const sockets: Socket[] = []

  beforeAll(async () => {
    server = await startTestServer({
      shop: false,
      shopDbUrl: null,
      ingest: readServerConfig({
        OBSERVABILITY_API_KEYS: `web:ingest:shop:${KEY},bank:ingest:bank:${BANK},reader:read:shop:${READER}`,
        INGEST_BODY_TIMEOUT_MS: '3000',
      }).ingest,
    })
  })
  afterAll(() => server.stop())
  beforeEach(() => server.observability.pool.query(`DELETE FROM ${SCHEMA}.events`))
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })

  /** Somebody else, meanwhile. */
  async function othersAreServed(): Promise<void> {
    const answer = await post(server, '/api/broadcast', event(`other-${performance.now()}`), own)
    expect([answer.status, answer.body.accepted]).toEqual([200, 1])
  }

  async function dial(): Promise<Socket> {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }

  /** Sends a body, chunk by chunk, until it is all there or the server has had enough. */
  async function pour(path: string, headers: readonly string[], chunks: AsyncIterable<Buffer>): Promise<Spoken> {
    const socket = await dial()
    let answer = ''
    let isOver = false
    socket.on('data', data => {
      answer += data
    })
    const ended = new Promise<void>(resolve => {
      for (const end of ['end', 'close', 'error']) socket.once(end, () => resolve())
    }).then(() => {
      isOver = true
    })
    socket.write(
      [`POST ${path} HTTP/1.1`, 'host: localhost', `authorization: Bearer ${KEY}`, ...headers, '', ''].join('\r\n'),
    )
    let sent = 0
    for await (const chunk of chunks) {
      if (isOver || answer !== '') break
      sent += chunk.length
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), ended])
    }
    await Promise.race([ended, sleep(5_000)])
    return { answer, sent }
  }

  /** Runs it, and gives by how many MiB the memory outside and inside of the heap grew at most meanwhile. */
  async function growthWhile<T>(work: () => Promise<T>): Promise<{ result: T; growthMib: number }> {
    const before = process.memoryUsage().rss
    let most = before
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss)
    }, 5)
    try {
      const result = await work()
      return { result, growthMib: (most - before) / MIB }
    } finally {
      clearInterval(timer)
    }
  }

  async function* zeros(bytes: number): AsyncGenerator<Buffer> {
    const chunk = Buffer.alloc(256 * 1_024, 0x20)
    for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk
  }

  it('a body of 1 GB is refused by what it says of its length, and when it says nothing, at the limit', async () => {
    const declared = await pour(
      '/api/broadcast',
      [`content-length: ${1_024 * MIB}`, 'content-type: application/json'],
      zeros(MIB),
    )
    expect(declared.answer).toMatch(/^HTTP\/1.1 413 .*INGEST_BODY_TOO_LARGE/s)

    async function* chunked(): AsyncGenerator<Buffer> {
      for await (const chunk of zeros(1_024 * MIB))
        yield Buffer.concat([Buffer.from('40000\r\n'), chunk, Buffer.from('\r\n')])
    }
    const headers = ['transfer-encoding: chunked', 'content-type: application/json']
    const { result, growthMib } = await growthWhile(async () => {
      const poured = pour('/api/broadcast', headers, chunked())
      await othersAreServed()
      return poured
    })
    expect(result.answer).toMatch(/^HTTP\/1.1 413 .*INGEST_BODY_TOO_LARGE/s)
    // What the kernel holds for both ends comes on top of the limit.
    expect(result.sent).toBeLessThan(MAX_BODY + 32 * MIB)
    expect(growthMib).toBeLessThan(256)
  })

  it('a gzip bomb of 1 GB is refused as soon as too much comes out of it', async () => {
    // Members of a gzip file one after another are one file.
    const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(64 * MIB), { level: 1 })))
    expect(bomb.length).toBeLessThan(8 * MIB)
    const { result, growthMib } = await growthWhile(async () => {
      const bombs = ['/api/broadcast', '/v1/traces', '/v1/batch', '/api/ingest/cdc'].map(path =>
        post(server, path, bomb, { ...own, 'content-encoding': 'gzip' }),
      )
      await othersAreServed()
      return Promise.all(bombs)
    })
    for (const { status, body } of result) expect([status, body.code]).toEqual([413, 'INGEST_BODY_TOO_LARGE'])
    expect(growthMib).toBeLessThan(256)
    expect(await countEvents(server)).toBe(1)
  }, 60_000)

  it('a million attributes are refused, wherever they stand', async () => {
    const many = Array.from({ length: 1_000_000 }, (_, n) => `"${n}":1`).join()
    const asEvent = JSON.stringify(event('many')).replace(/}$/, `,"attributes":{${many}}}`)
    const [broadcast] = await Promise.all([post(server, '/api/broadcast', asEvent, own), othersAreServed()])
    expect([broadcast.status, broadcast.body.code]).toEqual([413, 'EVENT_TOO_LARGE'])

    // As many as fit into a request.
    const attributes = Array.from({ length: 300_000 }, (_, n) => `{"key":"k${n}","value":{"intValue":1}},`).join('')
    const text = JSON.stringify(otlpJson('traces', [span(spanIdAt(0)), span(spanIdAt(1))])).replace(
      '"attributes":[{"key":"http.response.status_code"',
      `"attributes":[${attributes}{"key":"http.response.status_code"`,
    )
    const otlp = await post(server, '/v1/traces', text, own)
    expect([otlp.status, otlp.body.partialSuccess?.rejectedSpans]).toEqual([200, '1'])
    expect(otlp.body.partialSuccess.errorMessage).toMatch(/^item 0: EVENT_TOO_LARGE: /)
    expect((await storedEvents(server, `id = 'many'`)).length).toBe(0)
    await othersAreServed()
  }, 60_000)

  it.each(['/api/broadcast', '/v1/traces', '/v1/logs', '/v1/metrics', '/v1/track', '/v1/batch', '/api/ingest/cdc'])(
    '%s refuses JSON that is 10,000 deep, and keys that name prototypes stay data',
    async path => {
      const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
      const { status, body } = await post(
        server,
        path,
        `{${['resourceSpans', 'resourceLogs', 'resourceMetrics', 'batch', 'a'].map(key => `"${key}":${deep}`)}}`,
        own,
      )
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
      expect(String(body.code)).toMatch(/^(?:INGEST_|EVENT_)/)
      const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
      await post(server, path, poison, own)
      await post(
        server,
        path,
        `{"batch":[${poison}],"resourceSpans":[${poison}],"context":${poison},"items":[${poison}]}`,
        own,
      )
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      await othersAreServed()
    },
  )

  it.each(['/api/broadcast', '/v1/traces', '/v1/track', '/v1/batch', '/api/ingest/cdc'])(
    '%s refuses bytes that are no UTF-8, and content types it does not know',
    async path => {
      const bytes = await post(server, path, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), own)
      expect([bytes.status, bytes.body.code]).toEqual([400, 'INGEST_BODY_INVALID'])
      const xml = await post(server, path, '<a/>', { ...own, 'content-type': 'application/xml' })
      expect([xml.status, xml.body.code]).toEqual([415, 'INGEST_MEDIA_TYPE_UNSUPPORTED'])
      expect(await countEvents(server)).toBe(0)
      await othersAreServed()
    },
  )

  it('bodies that trickle or do not come are given up and told so, and a hundred of them delay nobody', async () => {
    async function* trickle(): AsyncGenerator<Buffer> {
      for (let n = 0; n < 120; n++) {
        yield Buffer.from(' ')
        await sleep(50)
      }
    }
    const headers = ['content-length: 1000', 'content-type: application/json']
    const slow = Array.from({ length: 100 }, () => pour('/api/broadcast', headers, trickle()))
    async function* silence(): AsyncGenerator<Buffer> {
      for (let n = 0; n < 120; n++) {
        yield Buffer.from(n === 0 ? '{' : '')
        await sleep(50)
      }
    }
    const silent = ['application/json', 'application/x-ndjson'].map(type =>
      pour('/api/broadcast', ['content-length: 1000', `content-type: ${type}`], silence()),
    )
    for (let n = 0; n < 5; n++) await othersAreServed()
    // Ended long before they would have been through.
    for (const { answer, sent } of await Promise.all(slow)) {
      expect(answer).toMatch(/^HTTP\/1.1 408 .*INGEST_BODY_SLOW/s)
      expect(sent).toBeLessThan(120)
    }
    const [json, lines] = await Promise.all(silent)
    expect(json?.answer).toMatch(/^HTTP\/1.1 408 .*the body was not here after 3 s.*INGEST_BODY_SLOW/s)
    expect(lines?.answer).toMatch(/^HTTP\/1.1 408 .*nothing came for 3 s.*INGEST_BODY_SLOW/s)
    expect(await countEvents(server)).toBe(5)
  })

  it.each(['/api/broadcast', '/v1/traces', '/v1/logs', '/v1/metrics', '/v1/track', '/v1/batch', '/api/ingest/cdc'])(
    '%s takes nothing without a key, with a wrong one, with one that may only read',
    async path => {
      const send = (headers: Record<string, string>) => post(server, path, event('a'), headers)
      expect([(await send({})).status, (await send({})).body.code]).toEqual([401, 'INGEST_UNAUTHORIZED'])
      const wrong = await send({ authorization: `Bearer ${KEY.slice(0, -1)}x` })
      expect([wrong.status, wrong.body.code]).toEqual([401, 'INGEST_UNAUTHORIZED'])
      const reader = await send({ authorization: `Bearer ${READER}` })
      expect([reader.status, reader.body.code]).toEqual([403, 'INGEST_FORBIDDEN'])
      // What is refused is not read, however long it is.
      expect(await countEvents(server)).toBe(0)
    },
  )

  it('a key of another namespace writes nothing into this one', async () => {
    const bank = { authorization: `Bearer ${BANK}` }
    const foreign = await post(server, '/api/broadcast', [event('a'), event('b', { ns: 'bankrupt' })], bank)
    expect([foreign.status, foreign.body.code]).toEqual([403, 'NAMESPACE_FORBIDDEN'])
    // Where no namespace is stated, it is the key's own.
    await post(server, '/v1/traces', otlpJson('traces', [span(spanIdAt(0))]), bank)
    await post(server, '/v1/track', { event: 'e', userId: 'u', messageId: 'm' }, bank)
    await post(
      server,
      '/api/ingest/web-vital',
      { context: { ns: 'shop' }, items: [{ name: 'CLS', value: 0, id: 'v' }] },
      bank,
    )
    expect(new Set((await storedEvents(server)).map(row => row.ns))).toEqual(new Set(['bank']))
  })

  it('pages elsewhere get no WebSocket, whatever they claim to be', async () => {
    const socketUrl = server.url.replace('http', 'ws')
    const refusalOf = (path: string, headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${socketUrl}${path}`, path === '/v1/graphql' ? ['graphql-transport-ws'] : [], {
          headers,
        })
        socket.once('open', () => {
          socket.terminate()
          reject(new Error(`${path} was opened`))
        })
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
        socket.on('error', () => {})
      })
    for (const path of [`/api/events?topic=*&token=${READER}`, '/v1/graphql']) {
      for (const origin of ['https://evil.example', 'null', `${server.url}.evil.example`, 'http://localhost:1']) {
        expect(await refusalOf(path, { origin, cookie: 'session=anything' }), `${path} from ${origin}`).toBe(403)
      }
      // A name that resolves to this machine.
      expect(await refusalOf(path, { origin: 'http://rebound.example', host: 'rebound.example' })).toBe(403)
    }
    const welcome = new WebSocket(`${socketUrl}/api/events?topic=*&token=${READER}`, {
      headers: { origin: server.url },
    })
    await once(welcome, 'open')
    welcome.terminate()
  })
})

import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../../src/config.ts'
import { otlpBytes, otlpJson } from '../../event/otlp-bytes.ts'
import { SCHEMA } from '../../support/postgres.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { countEvents, post, span, spanIdAt, storedEvents } from './support.ts'

const MAX = 1_024 * 1_024
const event = (n: number, changes: object = {}) => ({
  id: `e-${n}`,
  event_type: 'log',
  event_name: 'app.log',
  ns: 'shop',
  timestamp: '2026-11-21T10:00:00Z',
  ...changes,
})

describe('/api/broadcast and what may come to it', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({
      shop: false,
      shopDbUrl: null,
      ingest: readServerConfig({ INGEST_MAX_BODY_BYTES: String(MAX), INGEST_BODY_TIMEOUT_MS: '300' }).ingest,
    })
  })
  afterAll(() => server.stop())
  beforeEach(() => server.observability.pool.query(`DELETE FROM ${SCHEMA}.events`))

  it('takes one event, an array and lines, and stores 99 of 100', async () => {
    const one = await post(server, '/api/broadcast', event(0))
    expect([one.status, one.body]).toEqual([
      200,
      { success: true, accepted: 1, rejected: 0, id: 'e-0', event_type: 'log' },
    ])
    const hundred = Array.from({ length: 100 }, (_, n) => event(n, n === 7 ? { http_status: 'many' } : {}))
    const many = await post(server, '/api/broadcast', hundred)
    const refused = {
      index: 7,
      code: 'EVENT_INVALID',
      message: 'http_status is "many", not a whole number of at most 64 bits',
    }
    expect(many.body).toEqual({ success: true, accepted: 99, rejected: 1, errors: [refused] })
    expect(await countEvents(server)).toBe(99)
    const lines = [...hundred.map(item => JSON.stringify(item)), '{"broken'].join('\n')
    const stream = await post(server, '/api/broadcast', lines, { 'content-type': 'application/x-ndjson' })
    expect(stream.body).toMatchObject({
      accepted: 99,
      rejected: 2,
      errors: [refused, { index: 100, code: 'EVENT_INVALID' }],
    })
    expect(await countEvents(server)).toBe(99)
  })

  it('gives an event without id and time the same row again', async () => {
    const { id: _, timestamp: __, ...nameless } = event(0)
    for (let n = 0; n < 2; n++) expect((await post(server, '/api/broadcast', [nameless, nameless])).status).toBe(200)
    expect(await countEvents(server)).toBe(2)
  })

  it('takes what other sources call their events, with what they share', async () => {
    const vital = { name: 'CLS', value: 0, delta: 0, id: 'v5-1', timestamp: 1795252800123 }
    const answer = await post(server, '/api/ingest/web-vital', {
      context: { ns: 'shop.web', sessionId: 's' },
      items: [vital],
    })
    expect(answer.status).toBe(200)
    expect(await storedEvents(server)).toMatchObject([
      { event_type: 'vital', ns: 'shop.web', session_id: 's', vital_value: 0 },
    ])
    expect((await post(server, '/api/ingest/none', {})).status).toBe(404)
  })

  it.each<[string, () => Promise<{ status: number; body: { code?: string } }>, number, string]>([
    [
      'a gzip bomb',
      () => post(server, '/api/broadcast', gzipSync(Buffer.alloc(64 * MAX)), { 'content-encoding': 'gzip' }),
      413,
      'INGEST_BODY_TOO_LARGE',
    ],
    [
      'a zstd frame that asks for 2 GB',
      () =>
        post(server, '/v1/traces', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0]), {
          'content-encoding': 'zstd',
        }),
      413,
      'INGEST_BODY_TOO_LARGE',
    ],
    [
      'damaged gzip',
      () => post(server, '/api/broadcast', Buffer.from('no gzip'), { 'content-encoding': 'gzip' }),
      400,
      'INGEST_BODY_INVALID',
    ],
    [
      'a body that is too long',
      () => post(server, '/api/broadcast', 'x'.repeat(MAX + 1)),
      413,
      'INGEST_BODY_TOO_LARGE',
    ],
    [
      'JSON that is 10,000 deep',
      () =>
        post(
          server,
          '/api/broadcast',
          `{"event_type":"log","event_name":"a","ns":"n","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
        ),
      413,
      'EVENT_TOO_LARGE',
    ],
    [
      'an attribute that is 10,000 deep',
      () =>
        post(
          server,
          '/v1/traces',
          JSON.stringify(otlpJson('traces', [span(spanIdAt(0), { name: 'deep' })])).replace(
            '"attributes":[{',
            `"attributes":[{"key":"d","value":${'{"arrayValue":{"values":['.repeat(10_000)}{}${']}}'.repeat(10_000)}},{`,
          ),
        ),
      200,
      '',
    ],
    [
      '100,000 attributes',
      () =>
        post(
          server,
          '/api/broadcast',
          event(0, { attributes: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [n, 1])) }),
        ),
      413,
      'EVENT_TOO_LARGE',
    ],
    [
      'text that is no UTF-8',
      () => post(server, '/api/broadcast', Buffer.from([0x22, 0xff, 0x22])),
      400,
      'INGEST_BODY_INVALID',
    ],
    [
      'another content type',
      () => post(server, '/api/broadcast', '<a/>', { 'content-type': 'application/xml' }),
      415,
      'INGEST_MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'a page elsewhere',
      () => post(server, '/api/broadcast', event(0), { origin: 'https://evil.example', 'content-type': 'text/plain' }),
      403,
      'INGEST_ORIGIN_REFUSED',
    ],
  ])('refuses %s, and goes on', async (_, send, status, code) => {
    const answer = await send()
    expect([answer.status, answer.body.code ?? '']).toEqual([status, code])
    // OTLP answers 200 with what it rejected.
    if (status === 200) expect(JSON.stringify(answer.body)).toContain('EVENT_TOO_LARGE')
    expect(await countEvents(server)).toBe(0)
    expect((await post(server, '/api/broadcast', event(1))).status).toBe(200)
  })

  it('keeps keys that name prototypes, poisonous text and large numbers as what they are', async () => {
    const body = `{"id":"p","event_type":"log","event_name":"a\\u0000b","ns":"n","timestamp":"2026-11-21T10:00:00Z","__proto__":{"polluted":1},"constructor":7,"data":{"__proto__":{"x":1},"big":9007199254740993,"bad":"\\ud800"}}`
    expect((await post(server, '/api/broadcast', body)).status).toBe(200)
    const [row] = await storedEvents(server)
    expect(row?.event_name).toBe('a\ufffdb')
    expect(JSON.stringify(row?.data)).toBe('{"bad":"\ufffd","big":"9007199254740993","__proto__":{"x":1}}')
    expect(JSON.stringify(row?.attributes)).toContain('"constructor":7')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('reads a span in protobuf beside one that is nested too deeply', async () => {
    let value: unknown = { stringValue: 'x' }
    for (let n = 0; n < 40; n++) value = { arrayValue: { values: [value] } }
    const deep = span(spanIdAt(1), { attributes: [{ key: 'd', value }] })
    const answer = await post(server, '/v1/traces', otlpBytes('traces', span(spanIdAt(0)), deep), {
      'content-type': 'application/x-protobuf',
    })
    expect([answer.status, await countEvents(server)]).toEqual([200, 1])
    expect(answer.body.toString()).toContain('EVENT_TOO_LARGE')
  })

  it('gives up on a body that does not come', async () => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      'POST /api/broadcast HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    )
    const closed = new Promise<void>(resolve =>
      socket
        .once('close', () => resolve())
        .once('error', () => resolve())
        .resume(),
    )
    await closed
    expect(await countEvents(server)).toBe(0)
  })
})

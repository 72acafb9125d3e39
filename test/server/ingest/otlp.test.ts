import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { otlpBytes, otlpJson } from '../../event/otlp-bytes.ts'
import { SCHEMA } from '../../support/postgres.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { countEvents, post, span, spanIdAt, storedEvents } from './support.ts'

const PROTOBUF = { 'content-type': 'application/x-protobuf' }

describe('OTLP over HTTP', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ shop: false, shopDbUrl: null })
  })
  afterAll(() => server.stop())
  beforeEach(() => server.observability.pool.query(`DELETE FROM ${SCHEMA}.events`))

  it('takes spans in JSON and in protobuf, and the same spans again change nothing', async () => {
    const json = await post(server, '/v1/traces', otlpJson('traces', [span(spanIdAt(0))]))
    expect([json.status, json.body]).toEqual([200, {}])
    const [stored] = await storedEvents(server)
    expect(stored).toMatchObject({
      event_type: 'trace',
      event_name: 'GET /',
      ns: 'checkout',
      http_status: 200,
      duration_ms: 42,
    })
    const protobuf = await post(server, '/v1/traces', otlpBytes('traces', span(spanIdAt(0))), PROTOBUF)
    expect([protobuf.status, protobuf.body.length]).toEqual([200, 0])
    expect(protobuf.headers.get('content-type')).toBe('application/x-protobuf')
    expect(await storedEvents(server)).toEqual([stored])
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['zstd', zstdFrame],
    ['identity', (bytes: Uint8Array) => bytes],
  ])('takes bodies packed with %s', async (encoding, pack) => {
    const long = 'x'.repeat(400)
    const bytes = Buffer.from(otlpBytes('traces', span(spanIdAt(1), { name: long })))
    const answer = await post(server, '/v1/traces', pack(bytes), { ...PROTOBUF, 'content-encoding': encoding })
    expect([answer.status, await countEvents(server)]).toEqual([200, 1])
  })

  it('stores 99 of 100 spans and says which one it refused, and why', async () => {
    const spans = Array.from({ length: 100 }, (_, n) => span(spanIdAt(n), n === 41 ? { traceId: 'abc' } : {}))
    const answer = await post(server, '/v1/traces', otlpJson('traces', spans))
    expect(answer.status).toBe(200)
    expect(answer.body.partialSuccess.rejectedSpans).toBe('1')
    expect(answer.body.partialSuccess.errorMessage).toBe(
      'item 41: EVENT_INVALID: traceId is "abc", not 32 hex digits that are not all 0',
    )
    expect(await countEvents(server)).toBe(99)

    const again = await post(server, '/v1/traces', otlpBytes('traces', ...spans), PROTOBUF)
    expect(again.status).toBe(200)
    // ExportTraceServiceResponse.partial_success { rejected_spans, error_message }
    const reader = new BinaryReader(again.body)
    expect([reader.tag()[0], reader.uint32() > 0, reader.tag()[0], Number(reader.int64()), reader.tag()[0]]).toEqual([
      1,
      true,
      1,
      1,
      2,
    ])
    expect(reader.string()).toContain('item 41: EVENT_INVALID')
    expect(await countEvents(server)).toBe(99)
  })

  it('takes logs and metrics, too', async () => {
    const log = { timeUnixNano: '1795252800000000000', severityNumber: 17, body: { stringValue: 'boom' } }
    const sum = {
      name: 'orders',
      sum: { isMonotonic: true, dataPoints: [1, 2].map(n => ({ timeUnixNano: `179525280${n}000000000`, asInt: n })) },
    }
    await post(server, '/v1/logs', otlpJson('logs', [{ resource: {}, item: log }]))
    await post(server, '/v1/metrics', otlpBytes('metrics', { resource: {}, item: sum }), PROTOBUF)
    expect((await storedEvents(server)).map(row => [row.event_type, row.log_level ?? row.metric_value])).toEqual([
      ['log', 'error'],
      ['metric', 1],
      ['metric', 2],
    ])
  })

  it('answers what it cannot read in the encoding of the request', async () => {
    const json = await post(server, '/v1/traces', '{"resourceSpans": [')
    expect([json.status, json.body.code]).toEqual([400, 'INGEST_BODY_INVALID'])
    const protobuf = await post(server, '/v1/traces', Buffer.from('not protobuf at all'), PROTOBUF)
    expect(protobuf.status).toBe(400)
    const status = new BinaryReader(protobuf.body)
    expect([status.tag()[0], status.int32(), status.tag()[0]]).toEqual([1, 3, 2])
    expect(status.string()).toMatch(/^INGEST_BODY_INVALID: /)
    const text = await post(server, '/v1/traces', 'hello', { 'content-type': 'text/html' })
    expect([text.status, text.body.code]).toEqual([415, 'INGEST_MEDIA_TYPE_UNSUPPORTED'])
    const brotli = await post(server, '/v1/traces', 'x', { 'content-encoding': 'br' })
    expect(brotli.status).toBe(415)
    const wrong = await post(server, '/v1/traces', { resourceSpans: [7] })
    expect(wrong.status).toBe(400)
    expect(await countEvents(server)).toBe(0)
  })
})

/** What a compressor of zstd makes of incompressible bytes: a frame with one raw block. */
function zstdFrame(bytes: Uint8Array): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x60, 0, 0])
  header.writeUInt16LE(bytes.length - 256, 5)
  const block = Buffer.alloc(3)
  block.writeUIntLE((bytes.length << 3) | 1, 0, 3)
  return Buffer.concat([header, block, bytes])
}

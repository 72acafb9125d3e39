import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sources } from '../../../src/event/registry.ts'
import { otlpBytes, otlpJson } from '../../event/otlp-bytes.ts'
import { type Fixture, readFixtures, transform } from '../../event/support.ts'
import { SCHEMA } from '../../support/postgres.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { type Answer, countEvents, post, spanIdAt } from './support.ts'

type Item = Record<string, unknown>

const TIME = 1_795_252_800_123
/** What makes the n-th item of a source one of its own, by what the source itself tells items apart. */
const IDENTITY: Readonly<Record<string, (n: number) => Item>> = {
  unified: n => ({ id: `e-${n}` }),
  cdc: n => ({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` }),
  'web-vital': n => ({ id: `v5-${n}` }),
  'session-replay': n => ({ sequence: n }),
  snippet: n => ({ name: `https://shop.example/${n}.png`, requestId: `r-${n}` }),
  'api-request': n => ({ requestId: `r-${n}` }),
  'do-event': n => ({ id: `e-${n}` }),
  'do-action': n => ({ id: `act-${n}`, spanId: spanIdAt(n) }),
  tail: n => ({ eventTimestamp: TIME + n }),
  epcis: n => ({ eventID: `ni:///sha-256;${n}` }),
  'otlp-span': n => ({ spanId: spanIdAt(n) }),
  'otlp-log': n => ({ timeUnixNano: `${TIME + n}000000` }),
  'otlp-metric': n => ({ name: `orders.${n}` }),
  ...Object.fromEntries(
    ['track', 'identify', 'page', 'group', 'screen', 'alias'].map(call => [
      `segment-${call}`,
      (n: number) => ({ messageId: `m-${call}-${n}` }),
    ]),
  ),
}
const SIGNALS = { 'otlp-span': 'traces', 'otlp-log': 'logs', 'otlp-metric': 'metrics' } as const
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const NDJSON = { 'content-type': 'application/x-ndjson' }
const BAD_AT = 41

const first = (source: string): Fixture => readFixtures(source)[0] as Fixture
const isOtlp = (source: string): source is keyof typeof SIGNALS => source in SIGNALS

/** Like the first fixture, a hundred times, each its own event. */
function hundred(source: string): Item[] {
  const { input } = first(source)
  return Array.from({ length: 100 }, (_, n) => {
    const own = (IDENTITY[source] as (n: number) => Item)(n)
    if (!isOtlp(source)) return { ...(input as Item), ...own }
    return { ...(input as Item), item: { ...(input as { item: Item }).item, ...own } }
  })
}

describe('every source, over HTTP', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ shop: false, shopDbUrl: null })
  })
  afterAll(() => server.stop())
  beforeEach(() => server.observability.pool.query(`DELETE FROM ${SCHEMA}.events`))

  /** All columns of all rows; `ingested_at`, too: what is there is not even written again. */
  async function rows(): Promise<unknown[]> {
    const answer = await server.observability.pool.query(
      `SELECT to_jsonb(e) AS row FROM ${SCHEMA}.events e ORDER BY timestamp, id`,
    )
    return answer.rows.map(({ row }) => row)
  }

  /** Sends a request twice and expects the rows of one. */
  async function twice(send: () => Promise<Answer>, expected: number): Promise<Answer> {
    const answer = await send()
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    const once = await rows()
    expect(once).toHaveLength(expected)
    const again = await send()
    expect([again.status, again.body]).toEqual([200, answer.body])
    expect(await rows()).toEqual(once)
    return answer
  }

  it('is tested here', () => {
    expect(Object.keys(IDENTITY).sort()).toEqual([...sources.keys()].sort())
  })

  it.each([...sources.keys()].filter(source => !isOtlp(source)))(
    '%s: 99 of 100 are stored, the other is named, and the same request again changes nothing',
    async source => {
      const items: unknown[] = hundred(source)
      const { context } = first(source)
      const perItem = transform(source, [items[0]], context).rows.length
      items[BAD_AT] = {}
      const { refused } = transform(source, [{}], context)
      const errors = [{ index: BAD_AT, code: 'EVENT_INVALID', message: refused[0]?.message }]
      const path = source === 'unified' ? '/api/broadcast' : `/api/ingest/${source}`
      const body = source === 'unified' ? items : { context, items }
      const together = await twice(() => post(server, path, body), 99 * perItem)
      expect(together.body).toEqual({ success: true, accepted: 99 * perItem, rejected: 1, errors })
      // What the items share stands beside them, and lines have no place for it.
      if (context && source !== 'unified') return
      const before = await rows()
      const lines = await post(server, path, items.map(item => JSON.stringify(item)).join('\n'), NDJSON)
      expect(lines.body).toEqual(together.body)
      expect(await rows()).toEqual(before)
    },
  )

  it.each(['otlp-span', 'otlp-log', 'otlp-metric'] as const)(
    '%s: 99 of 100 are stored, the other is named, and the same request again changes nothing, in JSON and protobuf',
    async source => {
      const items = hundred(source) as unknown as Parameters<typeof otlpBytes>[1][]
      const perItem = transform(source, [items[0]]).rows.length
      const bad = { ...(items[BAD_AT] as { resource: unknown; item: Item }) }
      bad.item = source === 'otlp-metric' ? { name: 'none' } : { ...bad.item, traceId: '00' }
      items[BAD_AT] = bad
      const signal = SIGNALS[source]
      const json = await twice(() => post(server, `/v1/${signal}`, otlpJson(signal, items)), 99 * perItem)
      expect(json.body.partialSuccess).toMatchObject({
        errorMessage: expect.stringMatching(`^item ${BAD_AT}: EVENT_INVALID: `),
      })
      const stored = await rows()
      const bytes = otlpBytes(signal, ...items)
      const protobuf = await post(server, `/v1/${signal}`, bytes, PROTOBUF)
      expect(protobuf.status).toBe(200)
      expect(protobuf.body.toString()).toContain(`item ${BAD_AT}: EVENT_INVALID`)
      expect(await rows()).toEqual(stored)
    },
  )

  it.each(['track', 'identify', 'page', 'group', 'screen', 'alias'])(
    '/v1/%s alone, and the same call again changes nothing',
    async call => {
      await twice(() => post(server, `/v1/${call}`, first(`segment-${call}`).input), 1)
    },
  )

  it('/v1/batch of every call: 99 of 100 are stored, the other is named, and the batch again changes nothing', async () => {
    const calls = ['track', 'identify', 'page', 'group', 'screen', 'alias']
    const batch: Item[] = Array.from({ length: 100 }, (_, n) => {
      const call = calls[n % calls.length] as string
      return { ...(first(`segment-${call}`).input as Item), type: call, messageId: `b-${n}` }
    })
    batch[BAD_AT] = { type: 'track', userId: 'u-1', messageId: 'bad' }
    const { body } = await twice(() => post(server, '/v1/batch', { batch, sentAt: '2026-11-21T10:00:02Z' }), 99)
    const errors = [{ index: BAD_AT, code: 'EVENT_INVALID', message: 'event is missing' }]
    expect(body).toEqual({ success: true, accepted: 99, rejected: 1, errors })
    expect(await countEvents(server)).toBe(99)
  })
})

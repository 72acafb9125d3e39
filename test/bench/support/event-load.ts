/*
 * Requests as exporters send them, made at next to no cost: one is encoded, and of each further one only the ids and times
 * are written over. What makes requests must not compete with what is measured.
 */
import { randomFillSync } from 'node:crypto'
import { otlpRequestBytes } from '../../event/otlp-bytes.ts'

/** What the batch processor of OpenTelemetry's SDKs sends at a time. */
export const EVENTS_PER_REQUEST = 512

export interface Load {
  readonly path: string
  readonly type: string
  /** A new request: ids that no other has, times of now. */
  next(): Buffer
  /** The trace id of the first event of a request. */
  mark(body: Buffer): string
}

const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
})

const URL_OF = (n: number): string => `https://shop.example/orders/${1_000_000 + n}?full=1`
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64)'
// Ids of the template: nothing else in it looks like them.
const marker = (kind: number, n: number, bytes: number): Buffer => {
  const id = Buffer.alloc(bytes, 0xe0 + kind)
  id.writeUInt32BE(0xf0f0_0000 + n, 0)
  return id
}
const START = 0x7101_0203_0405_0000n
const END = 0x7201_0203_0405_0000n

/** Spans of one service: a resource, a scope, 512 spans with 10 attributes each. */
export function spans(): Load {
  const bytes = Buffer.from(
    otlpRequestBytes('traces', {
      resourceSpans: [
        {
          resource: {
            attributes: [
              ...[attribute('service.name', 'checkout'), attribute('service.version', '2.4.1')],
              ...[attribute('host.name', 'node-1'), attribute('k8s.pod.name', 'checkout-7')],
              attribute('telemetry.sdk.language', 'nodejs'),
            ],
          },
          scopeSpans: [
            { scope: { name: 'http' }, spans: Array.from({ length: EVENTS_PER_REQUEST }, (_, n) => span(n)) },
          ],
        },
      ],
    }),
  )
  const time = Buffer.alloc(8)
  const places = Array.from({ length: EVENTS_PER_REQUEST }, (_, n) => {
    const timeAt = (base: bigint): number => {
      time.writeBigUInt64LE(base + BigInt(n))
      return bytes.indexOf(time)
    }
    return {
      trace: bytes.indexOf(marker(0, n, 16)),
      span: bytes.indexOf(marker(1, n, 8)),
      parent: bytes.indexOf(marker(2, n, 8)),
      start: timeAt(START),
      end: timeAt(END),
    }
  })
  return {
    path: '/v1/traces',
    type: 'application/x-protobuf',
    next() {
      const body = Buffer.from(bytes)
      const start = BigInt(Date.now()) * 1_000_000n
      for (const [n, place] of places.entries()) {
        randomFillSync(body, place.trace, 16)
        randomFillSync(body, place.span, 8)
        randomFillSync(body, place.parent, 8)
        const at = start + BigInt(n) * 1_500n
        body.writeBigUInt64LE(at, place.start)
        body.writeBigUInt64LE(at + 42_000_000n + BigInt(n) * 1_000n, place.end)
      }
      return body
    },
    mark: body => body.toString('hex', places[0]?.trace, (places[0]?.trace ?? 0) + 16),
  }
}

function span(n: number): object {
  return {
    traceId: marker(0, n, 16).toString('hex'),
    spanId: marker(1, n, 8).toString('hex'),
    parentSpanId: marker(2, n, 8).toString('hex'),
    name: 'GET /orders/:id',
    kind: 2,
    startTimeUnixNano: String(START + BigInt(n)),
    endTimeUnixNano: String(END + BigInt(n)),
    attributes: [
      ...[attribute('http.request.method', 'GET'), attribute('url.full', URL_OF(n))],
      ...[attribute('http.response.status_code', 200), attribute('user_agent.original', AGENT)],
      ...[attribute('session.id', `s-${n}`), attribute('user.id', `u-${n % 100}`), attribute('order.items', n % 9)],
      ...[attribute('client.address', '203.0.113.7'), attribute('cache', 'miss'), attribute('region', 'eu-west-1')],
    ],
    status: { code: 1 },
  }
}

/** Lines of events with some twenty columns each. */
export function lines(): Load {
  const id = (kind: number, n: number, digits: number): string => marker(kind, n, digits / 2).toString('hex')
  const timeOf = (n: number): string => `2001-01-01T00:00:00.${String(n).padStart(3, '0')}Z`
  const text = Array.from({ length: EVENTS_PER_REQUEST }, (_, n) =>
    JSON.stringify({
      ...{ id: id(3, n, 32), event_type: 'trace', event_name: 'GET /orders/:id', ns: 'shop', timestamp: timeOf(n) },
      ...{ trace_id: id(0, n, 32), span_id: id(1, n, 16), parent_id: id(2, n, 16) },
      ...{ service_name: 'checkout', duration_ms: 42.5, http_method: 'GET', http_url: URL_OF(n), http_status: 200 },
      ...{ outcome: 'success', http_user_agent: AGENT, session_id: `s-${n}`, actor_id: `u-${n % 100}` },
      ...{ attributes: { items: n % 9, cache: 'miss', region: 'eu-west-1' }, data: { coupon: null, total: 4_200 } },
    }),
  ).join('\n')
  const bytes = Buffer.from(text)
  const places = Array.from({ length: EVENTS_PER_REQUEST }, (_, n) => ({
    ids: [
      ...[bytes.indexOf(id(3, n, 32)), bytes.indexOf(id(0, n, 32))].map(at => ({ at, digits: 32 })),
      ...[bytes.indexOf(id(1, n, 16)), bytes.indexOf(id(2, n, 16))].map(at => ({ at, digits: 16 })),
    ],
    time: bytes.indexOf(timeOf(n)),
  }))
  const random = Buffer.alloc(EVENTS_PER_REQUEST * 48)
  return {
    path: '/api/broadcast',
    type: 'application/x-ndjson',
    next() {
      const body = Buffer.from(bytes)
      const hex = randomFillSync(random).toString('hex')
      const now = Date.now()
      let used = 0
      for (const [n, { ids, time }] of places.entries()) {
        for (const { at, digits } of ids) {
          body.write(hex.slice(used, used + digits), at, 'latin1')
          used += digits
        }
        body.write(new Date(now + n).toISOString(), time, 'latin1')
      }
      return body
    },
    mark: body => body.toString('latin1', places[0]?.ids[1]?.at, (places[0]?.ids[1]?.at ?? 0) + 32),
  }
}

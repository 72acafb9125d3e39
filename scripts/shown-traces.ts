import { randomBytes } from 'node:crypto'

/** A span of an example: its times are milliseconds after the start of its trace. */
interface ShownSpan {
  service: string
  name: string
  /** Place of its parent in the list. */
  parent?: number
  at: number
  ms: number
  attributes?: Record<string, string>
  error?: string
}

const CHECKOUT: readonly ShownSpan[] = [
  { service: 'storefront', name: 'POST /checkout', at: 0, ms: 412, attributes: { 'http.request.method': 'POST' } },
  { service: 'storefront', name: 'validate cart', parent: 0, at: 4, ms: 21 },
  { service: 'orders-api', name: 'insert order', parent: 0, at: 31, ms: 96 },
  { service: 'postgres', name: 'INSERT orders', parent: 2, at: 38, ms: 11, attributes: { 'db.system': 'postgresql' } },
  {
    service: 'postgres',
    name: 'INSERT order_items',
    parent: 2,
    at: 52,
    ms: 64,
    attributes: { 'db.system': 'postgresql' },
  },
  { service: 'payments-api', name: 'authorize card', parent: 0, at: 140, ms: 254, attributes: { 'card.kind': 'visa' } },
]
const DECLINED: readonly ShownSpan[] = CHECKOUT.map(span =>
  span.service === 'payments-api' ? { ...span, error: 'card declined: insufficient funds' } : span,
)

/** Some traces as a shop with OpenTelemetry would send them, so that there is something to look at. */
export async function sendTraces(url: string): Promise<void> {
  const traces = [CHECKOUT, CHECKOUT, DECLINED, CHECKOUT]
  const resourceSpans = traces.flatMap((spans, index) => toResourceSpans(spans, Date.now() - (60 + index * 47) * 1_000))
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans }),
  })
  if (!response.ok) throw new Error(`the traces were answered with ${response.status}: ${await response.text()}`)
}

function toResourceSpans(spans: readonly ShownSpan[], startedAt: number): object[] {
  const traceId = randomBytes(16).toString('hex')
  const ids = spans.map(() => randomBytes(8).toString('hex'))
  const nanos = (ms: number) => `${Math.round(startedAt + ms)}000000`
  return spans.map(({ service, name, parent, at, ms, attributes = {}, error }, index) => ({
    resource: { attributes: toAttributes({ 'service.name': service }) },
    scopeSpans: [
      {
        spans: [
          {
            traceId,
            spanId: ids[index],
            ...(parent !== undefined && { parentSpanId: ids[parent] }),
            name,
            startTimeUnixNano: nanos(at),
            endTimeUnixNano: nanos(at + ms),
            attributes: toAttributes(attributes),
            status: error ? { code: 2, message: error } : { code: 1 },
          },
        ],
      },
    ],
  }))
}

function toAttributes(values: Record<string, string>): object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

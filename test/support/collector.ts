import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AnyValue, KeyValue, OtlpSpan } from '../../src/otlp/span.ts'

/** A span as a collector understands it. */
export interface ReceivedSpan extends Omit<OtlpSpan, 'attributes' | 'events' | 'links'> {
  attributes: Record<string, unknown>
  events: { name: string; timeUnixNano: string; attributes: Record<string, unknown> }[]
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[]
  resource: Record<string, unknown>
}

export interface CollectorRequest {
  atMs: number
  url: string
  headers: Record<string, unknown>
  spans: ReceivedSpan[]
}

/** An OTLP/HTTP collector. Decodes what arrives, and throws on what the protocol does not allow. */
export class Collector {
  readonly requests: CollectorRequest[] = []
  /** Spans of requests that were answered with 200. */
  readonly accepted: ReceivedSpan[] = []
  readonly mistakes: string[] = []
  /** Answers the next requests, one each; then 200. `silent` never answers. */
  answers: { status?: number; headers?: Record<string, string>; body?: string; silent?: boolean }[] = []
  #server: Server | null = null
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      let text = ''
      request.on('data', chunk => {
        text += chunk
      })
      request.on('end', () => this.#receive(request.url ?? '', request.headers, text, response))
    })
    // The same port again, so that a collector can come back.
    await new Promise<void>(resolve => this.#server?.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = null
    server?.closeAllConnections()
    if (server) await new Promise<void>(resolve => server.close(() => resolve()))
  }

  #receive(url: string, headers: Record<string, unknown>, text: string, response: ServerResponse): void {
    let spans: ReceivedSpan[] = []
    try {
      spans = decode(JSON.parse(text))
    } catch (error) {
      this.mistakes.push(String(error))
    }
    this.requests.push({ atMs: Date.now(), url, headers, spans })
    const { status = 200, headers: given = {}, body = '{}', silent = false } = this.answers.shift() ?? {}
    if (silent) return
    if (status === 200) this.accepted.push(...spans)
    response.writeHead(status, { 'content-type': 'application/json', ...given }).end(body)
  }
}

interface Export {
  resourceSpans: {
    resource: { attributes: KeyValue[] }
    scopeSpans: { scope: { name: string }; spans: OtlpSpan[] }[]
  }[]
}

function decode(body: Export): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(span => {
        expectForm(span.traceId, /^(?!0{32})[0-9a-f]{32}$/, 'traceId')
        expectForm(span.spanId, /^(?!0{16})[0-9a-f]{16}$/, 'spanId')
        if (span.parentSpanId !== undefined) expectForm(span.parentSpanId, /^[0-9a-f]{16}$/, 'parentSpanId')
        expectForm(span.startTimeUnixNano, /^\d{19}$/, 'startTimeUnixNano')
        expectForm(span.endTimeUnixNano, /^\d{19}$/, 'endTimeUnixNano')
        expectForm(scope.name, /./, 'scope.name')
        if (![1, 2, 3, 4, 5].includes(span.kind)) throw new Error(`kind ${span.kind}`)
        return {
          ...span,
          attributes: toObject(span.attributes),
          events: span.events.map(event => ({ ...event, attributes: toObject(event.attributes) })),
          links: span.links.map(link => ({ ...link, attributes: toObject(link.attributes) })),
          resource: toObject(resource.attributes),
        }
      }),
    ),
  )
}

function expectForm(value: unknown, form: RegExp, what: string): void {
  if (typeof value !== 'string' || !form.test(value)) throw new Error(`${what} is ${JSON.stringify(value)}`)
}

function toObject(attributes: KeyValue[]): Record<string, unknown> {
  const keys = attributes.map(({ key }) => key)
  if (new Set(keys).size !== keys.length) throw new Error(`a key twice in ${keys}`)
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]))
}

function toValue(value: AnyValue): unknown {
  const [kind, ...others] = Object.keys(value)
  if (others.length > 0) throw new Error(`several values at once: ${Object.keys(value)}`)
  switch (kind) {
    case 'stringValue':
    case 'boolValue':
      return Object.values(value)[0]
    case 'intValue':
      expectForm(Object.values(value)[0], /^-?\d+$/, 'intValue')
      return Number(Object.values(value)[0])
    case 'arrayValue':
      return (value as { arrayValue: { values: AnyValue[] } }).arrayValue.values.map(toValue)
    default:
      throw new Error(`a value of an unknown kind: ${kind}`)
  }
}

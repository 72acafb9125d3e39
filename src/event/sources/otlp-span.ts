import type { EventBuilder } from '../event-builder.ts'
import { isObject, merged } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import { plainAttributes } from '../otlp/any-value.ts'
import { mapAttributes } from '../otlp/conventions.ts'
import { spanIdOrNull, traceIdOrNull } from '../otlp/ids.ts'
import { hasKeys, namespaceOf, originOf, parseOtlpItem } from '../otlp/resource.ts'
import type { Source, SourceContext } from '../source.ts'
import { msBetween, nanosToTime, readNanos } from '../times.ts'
import { urlColumns, withoutPort } from '../url-columns.ts'

const HOSTS = ['server.address', 'http.host', 'net.host.name', 'net.peer.name']
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const

/** A span of OpenTelemetry, in OTLP's JSON form: a `trace` event, with its events and links in `data`. */
export const otlpSpan: Source = { name: 'otlp-span', fill }

function fill(item: unknown, context: SourceContext, event: EventBuilder): void {
  const { resource, scope, item: span } = parseOtlpItem(item, 'span')
  const traceId = traceIdOrNull(span.traceId)
  const spanId = spanIdOrNull(span.spanId)
  if (traceId === null || spanId === null) throw new ItemError(`${traceId === null ? 'traceId' : 'spanId'} is missing`)
  const parentId = spanIdOrNull(span.parentSpanId, 'parentSpanId')
  const start = readNanos(span.startTimeUnixNano)
  const end = readNanos(span.endTimeUnixNano)
  const origin = originOf(resource, scope)
  event.load(origin.columns)
  const rest = mapAttributes(plainAttributes(span.attributes), event)
  fillHttp(event, rest)
  const kind = kindOf(span.kind)
  const status = isObject(span.status) ? span.status : {}
  const outcome = outcomeOf(status.code)
  const message = textOrNull(status.message)
  const events = listOf(span.events, eventOf)
  const links = listOf(span.links, linkOf)
  const exception = events?.find(each => each.name === 'exception')?.attributes as Record<string, unknown> | undefined
  if (kind !== 'unspecified') rest['span.kind'] = kind

  event.set('id', `span:${traceId}:${spanId}`)
  event.set('event_type', 'trace')
  event.set('event_name', textOrNull(span.name) ?? 'unnamed span')
  event.set('ns', namespaceOf(origin, context))
  event.set('trace_id', traceId)
  event.set('span_id', spanId)
  event.set('parent_id', parentId)
  event.set('root_id', parentId === null ? spanId : null)
  event.set('is_root', parentId === null)
  event.set('depth', parentId === null ? 0 : null)
  const startedAt = start === null ? null : nanosToTime(start)
  event.set('started_at', startedAt)
  event.set('ended_at', end === null ? null : nanosToTime(end))
  event.set('timestamp', startedAt)
  event.set('timestamp_ns', start)
  event.set('duration_ms', msBetween(start, end))
  event.set('outcome', outcome)
  event.set('outcome_reason', outcome === 'error' ? null : message)
  event.set('status_code', event.get('http_status') ?? statusCode(event.get('rpc_status')))
  fillMissing(event, 'error_type', exception?.['exception.type'])
  if (outcome === 'error' && message !== null) event.set('error_message', message)
  fillMissing(event, 'error_message', exception?.['exception.message'])
  fillMissing(event, 'error_stack', exception?.['exception.stacktrace'])
  fillMissing(event, 'msg_operation', messagingOperation(kind, event.get('msg_system')))
  event.set('attributes', hasKeys(rest) ? rest : null)
  event.set('context', origin.context)
  event.set(
    'data',
    merged({
      events,
      links,
      trace_state: span.traceState === '' ? null : span.traceState,
      flags: span.flags === 0 ? null : span.flags,
      dropped_attributes: countOrNull(span.droppedAttributesCount),
      dropped_events: countOrNull(span.droppedEventsCount),
      dropped_links: countOrNull(span.droppedLinksCount),
    }),
  )
  event.set('event_source', 'otlp')
}

type TextColumn = 'error_type' | 'error_message' | 'error_stack' | 'msg_operation' | 'http_path' | 'http_query'

function fillMissing(event: EventBuilder, column: TextColumn, value: unknown): void {
  if (event.get(column) === null) event.set(column, textOrNull(value))
}

function kindOf(kind: unknown): (typeof KINDS)[number] {
  if (typeof kind === 'string') {
    return KINDS.find(name => kind === `SPAN_KIND_${name.toUpperCase()}`) ?? KINDS[Number(kind)] ?? 'unspecified'
  }
  return (typeof kind === 'number' && KINDS[kind]) || 'unspecified'
}

function outcomeOf(code: unknown): 'success' | 'error' | null {
  if (code === 1 || code === 'STATUS_CODE_OK') return 'success'
  return code === 2 || code === 'STATUS_CODE_ERROR' ? 'error' : null
}

// Where the parts of an address are, and whose: a database has an address, too, and that is no HTTP host.
function fillHttp(event: EventBuilder, rest: Record<string, unknown>): void {
  const url = event.get('http_url')
  const path = event.get('http_path')
  const query = event.get('http_query')
  if (event.get('http_method') === null && url === null && event.get('http_status') === null) return
  if (typeof url === 'string') event.load(urlColumns(url))
  const target = rest['http.target']
  if (typeof target === 'string') {
    const { http_path, http_query } = urlColumns(target)
    delete rest['http.target']
    fillMissing(event, 'http_path', http_path)
    fillMissing(event, 'http_query', http_query)
  }
  if (path) event.set('http_path', path)
  if (query) event.set('http_query', query.replace(/^\?/, ''))
  for (const name of HOSTS) {
    const given = rest[name]
    if (typeof given !== 'string' || given === '') continue
    const host = event.get('http_host') ?? withoutPort(given).toLowerCase()
    event.set('http_host', host)
    if (host === given) delete rest[name]
  }
}

function statusCode(rpcStatus: unknown): number | null {
  return typeof rpcStatus === 'string' && /^\d{1,9}$/.test(rpcStatus) ? Number(rpcStatus) : null
}

function messagingOperation(kind: string, system: string | null): string | null {
  if (kind === 'producer') return 'publish'
  return kind === 'consumer' || (kind === 'server' && system !== null) ? 'consume' : null
}

interface SpanEvent {
  name: unknown
  time: string | null
  attributes?: Record<string, unknown>
  dropped_attributes?: number
}

function eventOf(event: Record<string, unknown>): SpanEvent {
  const nanos = readNanos(event.timeUnixNano)
  const attributes = plainAttributes(event.attributes)
  const dropped = countOrNull(event.droppedAttributesCount)
  return {
    name: event.name ?? null,
    time: nanos === null ? null : nanosToTime(nanos),
    ...(hasKeys(attributes) ? { attributes } : {}),
    ...(dropped === null ? {} : { dropped_attributes: dropped }),
  }
}

function linkOf(link: Record<string, unknown>): Record<string, unknown> {
  const attributes = plainAttributes(link.attributes)
  return {
    trace_id: traceIdOrNull(link.traceId),
    span_id: spanIdOrNull(link.spanId),
    ...(typeof link.traceState === 'string' && link.traceState !== '' ? { trace_state: link.traceState } : {}),
    ...(typeof link.flags === 'number' && link.flags !== 0 ? { flags: link.flags } : {}),
    ...(hasKeys(attributes) ? { attributes } : {}),
  }
}

function listOf<T>(list: unknown, read: (item: Record<string, unknown>) => T): T[] | null {
  return Array.isArray(list) && list.length > 0 ? list.filter(isObject).map(read) : null
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const countOrNull = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null)

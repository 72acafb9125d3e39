import { isObject, merged } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import { plainAttributes } from '../otlp/any-value.ts'
import { mapAttributes } from '../otlp/conventions.ts'
import { spanIdOrNull, traceIdOrNull } from '../otlp/ids.ts'
import { hasKeys, namespaceOf, originOf, parseOtlpItem } from '../otlp/resource.ts'
import { spanDraft } from '../otlp/span-draft.ts'
import type { EventDraft, Source, SourceContext } from '../source.ts'
import { msBetween, nanosToTime, readNanos } from '../times.ts'
import { urlColumns, withoutPort } from '../url-columns.ts'

const HOSTS = ['server.address', 'http.host', 'net.host.name', 'net.peer.name']
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const

/** A span of OpenTelemetry, in OTLP's JSON form: a `trace` event, with its events and links in `data`. */
export const otlpSpan: Source = {
  name: 'otlp-span',
  toEvents: (item, context) => [toEvent(item, context)],
}

function toEvent(item: unknown, context: SourceContext): EventDraft {
  const { resource, scope, item: span } = parseOtlpItem(item, 'span')
  const traceId = traceIdOrNull(span.traceId)
  const spanId = spanIdOrNull(span.spanId)
  if (traceId === null || spanId === null) throw new ItemError(`${traceId === null ? 'traceId' : 'spanId'} is missing`)
  const parentId = spanIdOrNull(span.parentSpanId, 'parentSpanId')
  const start = readNanos(span.startTimeUnixNano)
  const end = readNanos(span.endTimeUnixNano)
  const origin = originOf(resource, scope)
  const name = typeof span.name === 'string' && span.name !== '' ? span.name : 'unnamed span'
  const draft = spanDraft(name, namespaceOf(origin, context))
  Object.assign(draft, origin.columns)
  const rest = mapAttributes(plainAttributes(span.attributes), draft)
  fillHttp(draft, rest)
  const kind = kindOf(span.kind)
  const status = isObject(span.status) ? span.status : {}
  const outcome = outcomeOf(status.code)
  const message = typeof status.message === 'string' && status.message !== '' ? status.message : null
  const events = listOf(span.events, eventOf)
  const links = listOf(span.links, linkOf)
  const exception = events?.find(event => event.name === 'exception')?.attributes as Record<string, unknown> | undefined
  if (kind !== 'unspecified') rest['span.kind'] = kind

  draft.id = `span:${traceId}:${spanId}`
  draft.trace_id = traceId
  draft.span_id = spanId
  draft.parent_id = parentId
  draft.root_id = parentId === null ? spanId : null
  draft.is_root = parentId === null
  draft.depth = parentId === null ? 0 : null
  draft.started_at = start === null ? null : nanosToTime(start)
  draft.ended_at = end === null ? null : nanosToTime(end)
  draft.timestamp = draft.started_at
  draft.timestamp_ns = start
  draft.duration_ms = msBetween(start, end)
  draft.outcome = outcome
  draft.outcome_reason = outcome === 'error' ? null : message
  draft.status_code = draft.http_status ?? statusCode(draft.rpc_status)
  draft.error_type ??= textOrNull(exception?.['exception.type'])
  draft.error_message =
    (outcome === 'error' ? message : null) ?? draft.error_message ?? textOrNull(exception?.['exception.message'])
  draft.error_stack ??= textOrNull(exception?.['exception.stacktrace'])
  draft.msg_operation ??= messagingOperation(kind, draft.msg_system)
  draft.attributes = hasKeys(rest) ? rest : null
  draft.context = origin.context
  draft.data = merged({
    events,
    links,
    trace_state: span.traceState === '' ? null : span.traceState,
    flags: span.flags === 0 ? null : span.flags,
    dropped_attributes: countOrNull(span.droppedAttributesCount),
    dropped_events: countOrNull(span.droppedEventsCount),
    dropped_links: countOrNull(span.droppedLinksCount),
  })
  draft.event_source = 'otlp'
  return draft
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
function fillHttp(draft: EventDraft, rest: Record<string, unknown>): void {
  const { http_url: url, http_path: path, http_query: query } = draft
  const target = rest['http.target']
  const isHttp = draft.http_method !== undefined || url !== undefined || draft.http_status !== undefined
  if (!isHttp) return
  if (typeof url === 'string') Object.assign(draft, urlColumns(url))
  if (typeof target === 'string') {
    const { http_path, http_query } = urlColumns(target)
    delete rest['http.target']
    draft.http_path ??= http_path
    draft.http_query ??= http_query
  }
  if (path) draft.http_path = path
  if (query) draft.http_query = query.replace(/^\?/, '')
  for (const name of HOSTS) {
    const host = rest[name]
    if (typeof host !== 'string' || host === '') continue
    draft.http_host ??= withoutPort(host).toLowerCase()
    if (draft.http_host === host) delete rest[name]
  }
}

function statusCode(rpcStatus: unknown): number | null {
  return typeof rpcStatus === 'string' && /^\d{1,9}$/.test(rpcStatus) ? Number(rpcStatus) : null
}

function messagingOperation(kind: string, system: unknown): string | null {
  if (kind === 'producer') return 'publish'
  return kind === 'consumer' || (kind === 'server' && system !== undefined) ? 'consume' : null
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

import { merged } from '../fields.ts'
import { plainAttributes, plainValue } from '../otlp/any-value.ts'
import { mapAttributes } from '../otlp/conventions.ts'
import { spanIdOrNull, traceIdOrNull } from '../otlp/ids.ts'
import { hasKeys, namespaceOf, originOf, parseOtlpItem } from '../otlp/resource.ts'
import { severityOf } from '../severity.ts'
import type { EventDraft, Source, SourceContext } from '../source.ts'
import { nanosToTime, readNanos } from '../times.ts'

/** A log record of OpenTelemetry, in OTLP's JSON form. It has no key of its own: its content is its key. */
export const otlpLog: Source = {
  name: 'otlp-log',
  toEvents: (item, context) => [toEvent(item, context)],
}

function toEvent(item: unknown, context: SourceContext): EventDraft {
  const { resource, scope, item: log } = parseOtlpItem(item, 'log record')
  const origin = originOf(resource, scope)
  // Its key is made of the columns in their order, so that order is part of it.
  const draft = { ...origin.columns } as EventDraft
  const rest = mapAttributes(plainAttributes(log.attributes), draft)
  // A record that was only observed, not timed, has 0 for its time.
  const nanos = readNanos(log.timeUnixNano) ?? readNanos(log.observedTimeUnixNano)
  const observed = readNanos(log.observedTimeUnixNano)
  const body = plainValue(log.body)
  const severity = severityOf(log.severityNumber, log.severityText)
  const ownName = rest['event.name']
  if (typeof ownName === 'string') delete rest['event.name']
  if (severity.unusualText !== null) rest['log.severity_text'] = severity.unusualText

  draft.id = null
  draft.event_type = 'log'
  draft.event_name = textOrNull(log.eventName) ?? textOrNull(ownName) ?? 'log'
  draft.ns = namespaceOf(origin, context)
  draft.trace_id = traceIdOrNull(log.traceId)
  draft.span_id = spanIdOrNull(log.spanId)
  draft.timestamp = nanos === null ? null : nanosToTime(nanos)
  draft.timestamp_ns = nanos
  draft.log_level = severity.level
  draft.log_level_num = severity.number
  draft.log_message = body === null ? null : typeof body === 'string' ? body : JSON.stringify(body)
  draft.log_logger = origin.scopeName
  draft.attributes = hasKeys(rest) ? rest : null
  draft.context = origin.context
  draft.data = merged({
    body: typeof body === 'string' ? null : body,
    flags: log.flags === 0 ? null : log.flags,
    dropped_attributes: log.droppedAttributesCount === 0 ? null : log.droppedAttributesCount,
    observed_at: observed === null || observed === nanos ? null : nanosToTime(observed),
  })
  draft.event_source = 'otlp'
  return draft
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

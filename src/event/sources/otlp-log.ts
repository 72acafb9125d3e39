import type { EventBuilder } from '../event-builder.ts'
import { merged } from '../fields.ts'
import { plainAttributes, plainValue } from '../otlp/any-value.ts'
import { mapAttributes } from '../otlp/conventions.ts'
import { spanIdOrNull, traceIdOrNull } from '../otlp/ids.ts'
import { hasKeys, namespaceOf, originOf, parseOtlpItem } from '../otlp/resource.ts'
import { severityOf } from '../severity.ts'
import type { Source, SourceContext } from '../source.ts'
import { nanosToTime, readNanos } from '../times.ts'

/** A log record of OpenTelemetry, in OTLP's JSON form. It has no key of its own: its content is its key. */
export const otlpLog: Source = { name: 'otlp-log', fill }

function fill(item: unknown, context: SourceContext, event: EventBuilder): void {
  const { resource, scope, item: log } = parseOtlpItem(item, 'log record')
  const origin = originOf(resource, scope)
  // Its key is made of the columns in the order in which they are filled, so that order is part of it.
  event.load(origin.columns)
  const rest = mapAttributes(plainAttributes(log.attributes), event)
  // A record that was only observed, not timed, has 0 for its time.
  const nanos = readNanos(log.timeUnixNano) ?? readNanos(log.observedTimeUnixNano)
  const observed = readNanos(log.observedTimeUnixNano)
  const body = plainValue(log.body)
  const severity = severityOf(log.severityNumber, log.severityText)
  const ownName = rest['event.name']
  if (typeof ownName === 'string') delete rest['event.name']
  if (severity.unusualText !== null) rest['log.severity_text'] = severity.unusualText

  event.set('event_type', 'log')
  event.set('event_name', textOrNull(log.eventName) ?? textOrNull(ownName) ?? 'log')
  event.set('ns', namespaceOf(origin, context))
  event.set('trace_id', traceIdOrNull(log.traceId))
  event.set('span_id', spanIdOrNull(log.spanId))
  event.set('timestamp', nanos === null ? null : nanosToTime(nanos))
  event.set('timestamp_ns', nanos)
  event.set('log_level', severity.level)
  event.set('log_level_num', severity.number)
  event.set('log_message', body === null ? null : typeof body === 'string' ? body : JSON.stringify(body))
  event.set('log_logger', origin.scopeName)
  event.set('attributes', hasKeys(rest) ? rest : null)
  event.set('context', origin.context)
  event.set(
    'data',
    merged({
      body: typeof body === 'string' ? null : body,
      flags: log.flags === 0 ? null : log.flags,
      dropped_attributes: log.droppedAttributesCount === 0 ? null : log.droppedAttributesCount,
      observed_at: observed === null || observed === nanos ? null : nanosToTime(observed),
    }),
  )
  event.set('event_source', 'otlp')
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

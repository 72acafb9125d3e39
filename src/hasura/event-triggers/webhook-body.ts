import { parseSpanId, parseTraceId } from '../../correlation/trace-ids.ts'
import type { LeasedEvent } from './event-log.ts'

/**
 * The body Hasura v2 posts for a row change. Composed as text around the row's own JSON: parsing it would round a
 * bigint or a numeric to what a double can hold.
 */
export function webhookBody(event: LeasedEvent, maxRetries: number): string {
  const json = JSON.stringify
  return [
    `{"created_at":${json(event.createdAt)}`,
    `"delivery_info":${json({ current_retry: event.tries, max_retries: maxRetries })}`,
    `"event":{"data":{"old":${event.dataOld ?? 'null'},"new":${event.dataNew ?? 'null'}}`,
    `"op":${json(event.operation)}`,
    `"session_variables":${json(parseObject(event.sessionVariables))}`,
    `"trace_context":${json(parseObject(event.traceContext))}}`,
    `"id":${json(event.id)}`,
    `"table":${json({ schema: event.schemaName, name: event.tableName })}`,
    `"trigger":${json({ name: event.triggerName })}}`,
  ].join(',')
}

/** The W3C `traceparent` header of a recorded trace context; null when there is none that can be passed on. */
export function traceparentOf(traceContext: string | null): string | null {
  const context = parseObject(traceContext) ?? {}
  const traceId = parseTraceId(context.trace_id)
  const spanId = parseSpanId(context.span_id)
  if (!traceId || !spanId) return null
  return `00-${traceId}-${spanId}-${context.sampling_state === '1' ? '01' : '00'}`
}

// The application wrote this text into a setting; anything but a JSON object counts as not set.
function parseObject(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null
  } catch {
    return null
  }
}

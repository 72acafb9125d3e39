import { spanIdOf } from '../correlation/trace-ids.ts'
import { uuidv7 } from '../correlation/uuid.ts'
import { cleanText } from './capture.ts'
import { toTimestamp } from './clock.ts'
import type { EventRow, InvocationRow } from './records.ts'

/** The row of an event module that is about to be asked. */
export function toEventRow(eventName: string, invocation: InvocationRow, nowMs: number): EventRow {
  const id = uuidv7(Math.floor(nowMs))
  const at = toTimestamp(nowMs)
  return {
    id,
    invocation_id: invocation.id,
    created_at: at,
    updated_at: at,
    detection_ended_at: null,
    ended_at: null,
    correlation_id: invocation.correlation_id,
    trace_id: invocation.trace_id,
    span_id: spanIdOf(id),
    parent_span_id: invocation.span_id,
    event_name: cleanText(eventName),
    event_module_path: null,
    detected: false,
    detection_duration_ms: null,
    detection_error: null,
    detection_error_stack: null,
    not_detected_reason: null,
    detection_facts: null,
    columns_read: null,
    handler_duration_ms: null,
    handler_error: null,
    handler_error_stack: null,
    jobs_count: 0,
    jobs_succeeded: 0,
    jobs_failed: 0,
    status: 'detecting',
  }
}

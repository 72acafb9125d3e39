import { spanIdOf } from '../correlation/trace-ids.ts'
import { microsToTimestamp } from './clock.ts'
import type { OpenEvent } from './open-event.ts'
import type { EventRow } from './records.ts'

/** The row of an event module that is, or was, asked. */
export function toEventRow(event: OpenEvent): EventRow {
  const { id, detail } = event
  const { invocation } = event
  return {
    id,
    invocation_id: invocation.id,
    created_at: microsToTimestamp(event.startedUs),
    updated_at: microsToTimestamp(event.updatedUs),
    detection_ended_at: event.detectionEndedUs === 0 ? null : microsToTimestamp(event.detectionEndedUs),
    ended_at: event.endedUs === 0 ? null : microsToTimestamp(event.endedUs),
    correlation_id: invocation.start.correlationId,
    trace_id: invocation.traceId,
    span_id: spanIdOf(id),
    parent_span_id: invocation.spanId,
    event_name: event.cleanName,
    event_module_path: null,
    detected: event.detected,
    detection_duration_ms: event.detectionMs,
    detection_error: detail.detectionError,
    detection_error_stack: detail.detectionErrorStack,
    not_detected_reason: detail.notDetectedReason,
    detection_facts: detail.detectionFacts,
    columns_read: detail.columnsRead,
    handler_duration_ms: event.handlerMs,
    handler_error: detail.handlerError,
    handler_error_stack: detail.handlerErrorStack,
    jobs_count: event.jobsCount,
    jobs_succeeded: event.jobsSucceeded,
    jobs_failed: event.jobsFailed,
    status: event.status,
  }
}

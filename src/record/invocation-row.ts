import { isUuid } from '../correlation/uuid.ts'
import { cleanText } from './clean-text.ts'
import { microsToTimestamp } from './clock.ts'
import type { InvocationStart } from './invocation-start.ts'
import type { OpenInvocation } from './open-invocation.ts'
import type { InvocationRow } from './records.ts'
import type { Source } from './source.ts'

/** The row of an invocation that runs, or ran. */
export function toInvocationRow(invocation: OpenInvocation): InvocationRow {
  const { id, start, source } = invocation
  return {
    id,
    created_at: microsToTimestamp(invocation.startedUs),
    updated_at: microsToTimestamp(invocation.updatedUs),
    ended_at: invocation.endedUs === 0 ? null : microsToTimestamp(invocation.endedUs),
    correlation_id: start.correlationId,
    instance_id: start.instanceId,
    correlation_source: start.origin.source,
    correlation_detail: start.origin.detail,
    trace_id: invocation.traceId,
    span_id: invocation.spanId,
    parent_span_id: invocation.parentSpanId,
    source_function: source.functionName,
    source_table: source.table,
    source_operation: source.operation,
    source_system: 'hasura',
    source_record_id: source.recordId,
    source_job_id: start.sourceJobId,
    previous_job_id: previousJobOf(start),
    replay_of: start.replayOf,
    source_event_id: source.eventId,
    source_event_payload: start.payload.json,
    source_event_time: source.eventTime,
    source_user_email: source.userEmail,
    source_user_role: source.userRole,
    changed_columns: start.payload.changedColumns,
    total_duration_ms: invocation.durationMs,
    events_detected_count: invocation.detectedCount,
    total_jobs_run: invocation.jobsCount,
    total_jobs_succeeded: invocation.jobsSucceeded,
    total_jobs_failed: invocation.jobsFailed,
    auto_load_modules: start.autoLoadModules,
    event_modules_directory: invocation.modulesDirectory,
    status: invocation.status,
    error_message: invocation.errorMessage,
    error_stack: invocation.errorStack,
    context_data: start.context.json,
  }
}

/** The source as it is stored. */
export function storedSource({ payload, correlation }: InvocationStart): Source {
  const { source } = payload
  return {
    table: cleanText(source.table),
    operation: cleanText(source.operation),
    functionName: cleanText(source.functionName),
    recordId: cleanOrNull(source.recordId),
    eventId: isUuid(source.eventId) ? source.eventId : null,
    eventTime: source.eventTime,
    userEmail: cleanOrNull(source.userEmail ?? correlation.userEmail),
    userRole: cleanOrNull(source.userRole),
  }
}

/** The job that wrote the row before, where that is not the one behind this change. */
export function previousJobOf({ correlation, sourceJobId }: InvocationStart): string | null {
  return sourceJobId === correlation.previousJobId ? null : correlation.previousJobId
}

/** See cleanText. */
export function cleanOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text)
}

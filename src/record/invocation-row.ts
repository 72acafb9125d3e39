import type { Correlation } from '../correlation/extract.ts'
import { readReplayOf } from '../correlation/replay.ts'
import { spanIdOf, traceIdOf } from '../correlation/trace-ids.ts'
import { isUuid, uuidv7 } from '../correlation/uuid.ts'
import { cleanText } from './capture.ts'
import { changedColumns } from './changed-columns.ts'
import { toTimestamp } from './clock.ts'
import { correlationOrigin, sourceJobOf } from './correlation-origin.ts'
import type { InvocationRow } from './records.ts'
import { type InvocationOptions, readSource } from './source.ts'
import type { ValueCapture } from './value-capture.ts'

export interface InvocationRowOptions {
  instanceId: string
  captureHasuraPayload: boolean
}

/** The row of an invocation that starts. */
export function toInvocationRow(
  payload: object,
  options: InvocationOptions,
  correlation: Correlation,
  values: ValueCapture,
  { instanceId, captureHasuraPayload }: InvocationRowOptions,
  nowMs: number,
): InvocationRow {
  const source = readSource(payload, options)
  const { __correlationId: given, __context: context } = payload as { __correlationId?: unknown; __context?: unknown }
  const correlationId = isUuid(given) ? given.toLowerCase() : (correlation.correlationId ?? uuidv7())
  const id = isUuid(options.invocationId) ? options.invocationId.toLowerCase() : uuidv7(Math.floor(nowMs))
  const sourceJobId = sourceJobOf(correlation, payload)
  const origin = correlationOrigin(correlation, correlationId, payload, options)
  const at = toTimestamp(nowMs)
  return {
    id,
    created_at: at,
    updated_at: at,
    ended_at: null,
    correlation_id: correlationId,
    instance_id: instanceId,
    correlation_source: origin.source,
    correlation_detail: origin.detail,
    trace_id: correlation.traceId ?? traceIdOf(correlationId),
    span_id: spanIdOf(id),
    parent_span_id: sourceJobId ? spanIdOf(sourceJobId) : correlation.parentSpanId,
    source_function: cleanText(source.functionName),
    source_table: cleanText(source.table),
    source_operation: cleanText(source.operation),
    source_system: 'hasura',
    source_record_id: cleanOrNull(source.recordId),
    source_job_id: sourceJobId,
    previous_job_id: sourceJobId === correlation.previousJobId ? null : correlation.previousJobId,
    replay_of: readReplayOf(payload),
    source_event_id: source.eventId,
    source_event_payload: captureHasuraPayload ? values.json(withoutHostFields(payload), 'payload') : null,
    source_event_time: source.eventTime,
    source_user_email: cleanOrNull(source.userEmail ?? correlation.userEmail),
    source_user_role: cleanOrNull(source.userRole),
    changed_columns: values.json(changedColumns(payload), 'context'),
    total_duration_ms: null,
    events_detected_count: 0,
    total_jobs_run: 0,
    total_jobs_succeeded: 0,
    total_jobs_failed: 0,
    auto_load_modules: options.autoLoadEventModules !== false,
    event_modules_directory:
      typeof options.eventModulesDirectory === 'string' ? cleanText(options.eventModulesDirectory) : null,
    status: 'running',
    error_message: null,
    error_stack: null,
    context_data: values.json(context ?? options.context, 'context'),
  }
}

// Fields that the detector itself puts on a payload are not part of what Hasura sent.
function withoutHostFields(payload: object): Record<string, unknown> {
  const sent: Record<string, unknown> = {}
  for (const key of Object.keys(payload)) {
    if (!key.startsWith('__')) sent[key] = (payload as Record<string, unknown>)[key]
  }
  return sent
}

function cleanOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text)
}

import { spanIdOf } from '../correlation/trace-ids.ts'
import type { EventRow, InvocationRow, JobRow, Timestamp } from '../record/records.ts'

/** A value as OTLP/JSON writes it; 64-bit integers are text there. */
export type AnyValue =
  | { stringValue: string }
  | { intValue: string }
  | { boolValue: boolean }
  | { arrayValue: { values: AnyValue[] } }

export interface KeyValue {
  key: string
  value: AnyValue
}

/** A span as OTLP/JSON writes it: ids in hex, times in nanoseconds as text. */
export interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: KeyValue[]
  events: { timeUnixNano: string; name: string; attributes: KeyValue[] }[]
  links: { traceId: string; spanId: string; attributes: KeyValue[] }[]
  status: { code?: number; message?: string }
}

/** What is exported: an execution that has ended. */
export type EndedRecord =
  | { table: 'invocations'; row: InvocationRow }
  | { table: 'event_executions'; row: EventRow }
  | { table: 'job_executions'; row: JobRow }

const KIND_INTERNAL = 1
// An event trigger is a queue: at least once, in no fixed order.
const KIND_CONSUMER = 5
const STATUS_ERROR = 2

const DOCUMENT_OPERATIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({ INSERT: 'insert', UPDATE: 'edit', DELETE: 'delete' }),
)

type Attributes = Record<string, string | number | boolean | readonly string[] | null | undefined>

/** `causeOf` knows the span of the job that caused an invocation, if it ran in this process. */
export function toSpan(record: EndedRecord, causeOf: (jobId: string) => JobSpan | undefined): OtlpSpan {
  switch (record.table) {
    case 'invocations':
      return invocationSpan(record.row, causeOf)
    case 'event_executions':
      return detectionSpan(record.row)
    case 'job_executions':
      return jobSpan(record.row)
    default:
      return record satisfies never
  }
}

export interface JobSpan {
  traceId: string
  spanId: string
}

function invocationSpan(row: InvocationRow, causeOf: (jobId: string) => JobSpan | undefined): OtlpSpan {
  const span = spanOf(row, row.source_function, KIND_CONSUMER, {
    'faas.trigger': 'datasource',
    'faas.invocation_id': row.id,
    'faas.document.collection': row.source_table,
    'faas.document.operation': row.source_operation && DOCUMENT_OPERATIONS.get(row.source_operation),
    'faas.document.name': row.source_record_id,
    'faas.document.time': row.source_event_time,
    'db.system.name': row.source_table === null ? null : 'postgresql',
    'db.collection.name': row.source_table,
    'db.operation.name': row.source_operation,
    'messaging.system': 'hasura',
    'messaging.operation.type': 'process',
    'messaging.message.id': row.source_event_id,
    'messaging.message.conversation_id': row.correlation_id,
    'user.roles': row.source_user_role === null ? null : [row.source_user_role],
    'event_detector.correlation_source': row.correlation_source,
    'event_detector.source_job_id': row.source_job_id,
    'event_detector.events_detected': row.events_detected_count,
    'event_detector.jobs_run': row.total_jobs_run,
    'event_detector.jobs_failed': row.total_jobs_failed,
  })
  if (row.source_job_id !== null) {
    // Of a job that ran elsewhere only the id is known; its trace is this one, unless Hasura began another.
    const cause = causeOf(row.source_job_id) ?? { traceId: row.trace_id, spanId: spanIdOf(row.source_job_id) }
    span.links.push({ ...cause, attributes: toAttributes({ 'event_detector.link': 'caused_by' }) })
  }
  return withError(span, row.error_message, row.error_stack, endOf(row))
}

function detectionSpan(row: EventRow): OtlpSpan {
  const span = spanOf(row, row.event_name, KIND_INTERNAL, {
    'event_detector.event_name': row.event_name,
    'event_detector.detected': row.detected,
    'event_detector.detection_duration_ms': row.detection_duration_ms,
    'event_detector.handler_duration_ms': row.handler_duration_ms,
    'event_detector.not_detected_reason': row.not_detected_reason,
    'event_detector.jobs_run': row.jobs_count,
    'event_detector.jobs_failed': row.jobs_failed,
    'code.file.path': row.event_module_path,
  })
  withError(span, row.detection_error, row.detection_error_stack, row.detection_ended_at ?? endOf(row))
  return withError(span, row.handler_error, row.handler_error_stack, endOf(row))
}

function jobSpan(row: JobRow): OtlpSpan {
  const span = spanOf(row, row.job_name, KIND_INTERNAL, {
    'event_detector.job_name': row.job_name,
    'code.function.name': row.job_function_name,
  })
  return withError(span, row.error_message, row.error_stack, endOf(row))
}

function spanOf(row: EndedRecord['row'], name: string, kind: number, attributes: Attributes): OtlpSpan {
  const failed = FAILED.has(row.status)
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    ...(row.parent_span_id === null ? {} : { parentSpanId: row.parent_span_id }),
    name,
    kind,
    startTimeUnixNano: toUnixNano(row.created_at),
    endTimeUnixNano: toUnixNano(endOf(row)),
    attributes: toAttributes({
      ...attributes,
      'event_detector.id': row.id,
      'event_detector.correlation_id': row.correlation_id,
      'event_detector.status': row.status,
      'error.type': failed ? row.status : null,
    }),
    events: [],
    links: [],
    status: failed ? { code: STATUS_ERROR } : {},
  }
}

const FAILED: ReadonlySet<string> = new Set(['failed', 'timeout', 'detection_failed', 'handler_failed', 'lost'])

const endOf = (row: EndedRecord['row']): Timestamp => row.ended_at ?? row.updated_at

// By the conventions of exceptions: an event of the span, with the text of its stack.
function withError(span: OtlpSpan, message: string | null, stack: string | null, at: Timestamp): OtlpSpan {
  if (message === null) return span
  const type = /^[\w.$]+(?=:|\n|$)/.exec(stack ?? '')?.[0]
  span.events.push({
    timeUnixNano: toUnixNano(at),
    name: 'exception',
    attributes: toAttributes({
      'exception.type': type ?? 'Error',
      'exception.message': message,
      'exception.stacktrace': stack,
    }),
  })
  // The first thing that went wrong is what the status tells.
  if (span.status.code === STATUS_ERROR) span.status.message ??= message
  return span
}

export function toAttributes(values: Attributes): KeyValue[] {
  const attributes: KeyValue[] = []
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== undefined) attributes.push({ key, value: toAnyValue(value) })
  }
  return attributes
}

function toAnyValue(value: string | number | boolean | readonly string[]): AnyValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'number':
      return { intValue: String(value) }
    case 'boolean':
      return { boolValue: value }
    default:
      return { arrayValue: { values: value.map(item => ({ stringValue: item })) } }
  }
}

/** Nanoseconds since 1970 of `2026-11-21T10:20:30.123456Z`, as text: a number could not hold them. */
export function toUnixNano(at: Timestamp): string {
  const ms = Date.parse(`${at.slice(0, 23)}Z`)
  return `${ms}${at.slice(23, 26).padEnd(3, '0')}000`
}

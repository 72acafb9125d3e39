import { spanIdOf } from '../correlation/trace-ids.ts'
import { uuidv7 } from '../correlation/uuid.ts'
import { cleanText } from './capture.ts'
import { toTimestamp } from './clock.ts'
import type { EventRow, JobRow, JsonText } from './records.ts'
import type { ValueCapture } from './value-capture.ts'

/** The row of a job that is about to run. */
export function toJobRow(
  jobName: string,
  options: object,
  jobOptions: JsonText | null,
  event: EventRow,
  nowMs: number,
): JobRow {
  const id = uuidv7(Math.floor(nowMs))
  const at = toTimestamp(nowMs)
  return {
    id,
    invocation_id: event.invocation_id,
    event_execution_id: event.id,
    created_at: at,
    updated_at: at,
    ended_at: null,
    correlation_id: event.correlation_id,
    trace_id: event.trace_id,
    span_id: spanIdOf(id),
    parent_span_id: event.span_id,
    job_name: cleanText(jobName),
    job_function_name: functionName(options),
    job_options: jobOptions,
    duration_ms: null,
    status: 'running',
    result: null,
    error_message: null,
    error_stack: null,
  }
}

/** What a job's end hook is told. Everything may be missing or of another kind. */
export interface JobResultLike {
  result?: unknown
  completed?: unknown
  error?: unknown
}

/** Fills in how a job ended; returns whether it succeeded. */
export function endJobRow(
  row: JobRow,
  result: JobResultLike | undefined,
  values: ValueCapture,
  durationMs: number,
  nowMs: number,
): boolean {
  row.ended_at = toTimestamp(nowMs)
  row.updated_at = row.ended_at
  row.duration_ms = durationMs
  if (result?.completed === true) {
    row.status = 'completed'
    row.result = values.json(result.result, 'result')
    return true
  }
  const { message, stack } = values.error(result?.error ?? result?.result)
  row.status = isTimeout(result?.error) ? 'timeout' : 'failed'
  row.error_message = message
  row.error_stack = stack
  return false
}

// What the detector and this plugin add to every job's options is no news in each row.
const ADDED_OPTIONS = new Set([
  'jobName',
  'functionName',
  'correlationId',
  'abortSignal',
  'jobExecutionId',
  'sourceTrackingToken',
])

/** The options that the application gave to a job; undefined when there are none. */
export function ownJobOptions(options: object): Record<string, unknown> | undefined {
  let own: Record<string, unknown> | undefined
  for (const key of Object.keys(options)) {
    if (ADDED_OPTIONS.has(key) || key.startsWith('__')) continue
    own ??= {}
    own[key] = (options as Record<string, unknown>)[key]
  }
  return own
}

/** Tells a job who it is, through its options: the only way in that the host offers. */
export function injectIdentity(options: object, jobId: string, trackingToken: string | null): void {
  const target = options as { jobExecutionId?: unknown; sourceTrackingToken?: unknown }
  target.jobExecutionId = jobId
  if (trackingToken !== null && target.sourceTrackingToken === undefined) target.sourceTrackingToken = trackingToken
}

// The original host tells a timeout by its message only.
const HOST_TIMEOUT = /^Job aborted due to timeout$|^Job .{0,500} timed out after \d+ ?ms$/

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (/timeout/i.test(error.name) || HOST_TIMEOUT.test(error.message))
}

function functionName(options: object): string | null {
  const name = (options as { functionName?: unknown }).functionName
  return typeof name === 'string' && name !== '' ? cleanText(name) : null
}

import { spanIdOf } from '../correlation/trace-ids.ts'
import { readOwn } from './capture.ts'
import { cleanText } from './clean-text.ts'
import { microsToTimestamp } from './clock.ts'
import type { OpenJob } from './open-job.ts'
import { fieldNames } from './plain-copy.ts'
import type { JobRow } from './records.ts'

/** The row of a job that runs, or ran. */
export function toJobRow(job: OpenJob): JobRow {
  const { event } = job
  const { invocation } = event
  return {
    id: job.id,
    invocation_id: invocation.id,
    event_execution_id: event.id,
    created_at: microsToTimestamp(job.startedUs),
    updated_at: microsToTimestamp(job.updatedUs),
    ended_at: job.endedUs === 0 ? null : microsToTimestamp(job.endedUs),
    correlation_id: invocation.start.correlationId,
    trace_id: invocation.traceId,
    span_id: spanIdOf(job.id),
    parent_span_id: spanIdOf(event.id),
    job_name: job.name,
    job_function_name: job.functionName,
    job_options: job.jobOptions,
    duration_ms: job.durationMs,
    status: job.status,
    result: job.result,
    error_message: job.errorMessage,
    error_stack: job.errorStack,
  }
}

/** What a job's end hook is told. Everything may be missing or of another kind. */
export interface JobResultLike {
  result?: unknown
  completed?: unknown
  error?: unknown
}

/** What a job's options say. */
export interface ReadOptions {
  /** Those that the application gave; undefined when there are none. */
  own: Record<string, unknown> | undefined
  /** What the application calls the function, as far as the host tells. */
  functionName: string | null
}

/** Reads a job's options, in one go: hosts make them by spreading others, so to V8 each is of a kind of its own, and every look is slow. */
export function readJobOptions(options: object): ReadOptions {
  let own: ReadOptions['own']
  let functionName: string | null = null
  for (const key of fieldNames(options)) {
    if (key === 'functionName') functionName = nameOf(readOwn(options, key))
    if (isAdded(key)) continue
    own ??= {}
    own[key] = readOwn(options, key)
  }
  return { own, functionName }
}

function nameOf(name: unknown): string | null {
  return typeof name === 'string' && name !== '' ? cleanText(name) : null
}

// What the detector and this plugin add to every job's options is no news in each row.
function isAdded(key: string): boolean {
  switch (key) {
    case 'jobName':
    case 'functionName':
    case 'correlationId':
    case 'abortSignal':
    case 'jobExecutionId':
    case 'sourceTrackingToken':
      return true
    default:
      return key.startsWith('__')
  }
}

/** Tells a job who it is, through its options: the only way in that the host offers. */
export function injectIdentity(options: object, jobId: string, trackingToken: string | null): void {
  const target = options as { jobExecutionId?: unknown; sourceTrackingToken?: unknown }
  target.jobExecutionId = jobId
  if (trackingToken !== null && target.sourceTrackingToken === undefined) target.sourceTrackingToken = trackingToken
}

// The original host tells a timeout by its message only.
const HOST_TIMEOUT = /^Job aborted due to timeout$|^Job .{0,500} timed out after \d+ ?ms$/

/** Whether an error says that the job took too long. */
export function timedOut(error: unknown): boolean {
  return error instanceof Error && (/timeout/i.test(error.name) || HOST_TIMEOUT.test(error.message))
}

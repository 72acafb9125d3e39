import { type IdParts, idText, takeId } from '../correlation/uuid.ts'
import { cleanText } from './clean-text.ts'
import { toMicros } from './clock.ts'
import { type JobResultLike, timedOut, toJobRow } from './job-row.ts'
import type { OpenEvent } from './open-event.ts'
import type { OpenInvocation } from './open-invocation.ts'
import type { JobRow, JobStatus, JsonText } from './records.ts'
import type { ValueCapture } from './value-capture.ts'
import type { Line, Work } from './work.ts'

/** A job that was started. Instants are microseconds since 1970, 0 for not yet. */
export class OpenJob implements Work, IdParts {
  readonly event: OpenEvent
  /** The options object given to this run; our own detector hands the same object to the end hook. */
  readonly options: object
  idMs = 0
  idSequence = 0
  idHigh = 0
  idLow = 0
  readonly id: string
  readonly startedUs: number
  endedUs = 0
  updatedUs: number
  readonly name: string
  readonly functionName: string | null
  readonly jobOptions: JsonText | null
  /** In whole milliseconds. */
  durationMs: number | null = null
  status: JobStatus = 'running'
  result: JsonText | null = null
  errorMessage: string | null = null
  errorStack: string | null = null
  /** Lines of output recorded so far. */
  lines = 0
  /** A line that was just printed, until it is clear that the host did not print it. */
  printed: Line | null = null
  /** What the host just told through its logger, until it cannot print it any more. */
  logged: string | null = null
  changed = false
  taken = false

  constructor(
    event: OpenEvent,
    name: string,
    options: object,
    functionName: string | null,
    jobOptions: JsonText | null,
    nowMs: number,
  ) {
    takeId(this, Math.floor(nowMs))
    this.event = event
    this.options = options
    // Each job is told who it is.
    this.id = idText(this)
    this.startedUs = toMicros(nowMs)
    this.updatedUs = this.startedUs
    this.name = cleanText(name)
    this.functionName = functionName
    this.jobOptions = jobOptions
  }

  get table(): 'job_executions' {
    return 'job_executions'
  }

  get invocation(): OpenInvocation {
    return this.event.invocation
  }

  get isOver(): boolean {
    return this.endedUs !== 0
  }

  get row(): JobRow {
    return toJobRow(this)
  }

  /** Notes how it ended; returns whether it succeeded. */
  end(result: JobResultLike | undefined, values: ValueCapture, durationMs: number | null, nowMs: number): boolean {
    // The clock may have been set back.
    this.endedUs = Math.max(toMicros(nowMs), this.startedUs)
    this.updatedUs = this.endedUs
    this.durationMs = durationMs ?? Math.round((this.endedUs - this.startedUs) / 1_000)
    if (result?.completed === true) {
      this.status = 'completed'
      this.result = values.json(result.result, 'result')
      return true
    }
    const { message, stack } = values.error(result?.error ?? result?.result)
    this.status = timedOut(result?.error) ? 'timeout' : 'failed'
    this.errorMessage = message
    this.errorStack = stack
    return false
  }
}

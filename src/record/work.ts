import type { EventRow, InvocationRow, JobRow, LogLevel } from './records.ts'

/** An invocation that was started. Lives as long as its payload object; nothing else holds it. */
export interface OpenInvocation {
  readonly row: InvocationRow
  readonly startedMs: number
  readonly payload: object
  /** In the order they were asked; two modules may have one name. */
  readonly events: OpenEvent[]
  /** The token that came with the change, for jobs to carry on. */
  readonly trackingToken: string | null
  /** Ends the noting of reads. */
  stopWatching: (() => void) | null
  ended: boolean
}

export interface OpenEvent {
  /** As the host calls it; the row's is cleaned. */
  readonly name: string
  readonly row: EventRow
  readonly startedMs: number
  readonly invocation: OpenInvocation
  handlerStartedMs: number | null
  /** The jobs that run now. */
  readonly jobs: OpenJob[]
  /** What the detector read of the payload; null when that is not recorded. */
  readonly reads: Set<string> | null
}

/** A line of a job's output. */
export interface Line {
  level: LogLevel
  message: string
  logger: 'console' | 'detector'
}

export interface OpenJob {
  readonly row: JobRow
  readonly startedMs: number
  readonly event: OpenEvent
  /** The options object given to this run; our own detector hands the same object to the end hook. */
  readonly options: object
  /** Lines of output recorded so far. */
  lines: number
  /** A line that was just printed, until it is clear that the host did not print it. */
  printed: Line | null
  /** What the host just told through its logger, until it cannot print it any more. */
  logged: string | null
  ended: boolean
}

/** The work that some code runs in, carried by AsyncLocalStorage. Harmless when stale: ended jobs record no output. */
export type CurrentWork =
  | { kind: 'invocation'; invocation: OpenInvocation }
  | { kind: 'event'; event: OpenEvent }
  | { kind: 'job'; job: OpenJob }

export function eventOf(work: CurrentWork | undefined): OpenEvent | null {
  if (work?.kind === 'job') return work.job.event
  return work?.kind === 'event' ? work.event : null
}

export function invocationOf(work: CurrentWork | undefined): OpenInvocation | null {
  return work?.kind === 'invocation' ? work.invocation : (eventOf(work)?.invocation ?? null)
}

/** Whether anything in it went wrong. */
export function hasFailed(open: OpenInvocation): boolean {
  if (open.row.total_jobs_failed > 0) return true
  for (const { row } of open.events) {
    if (row.status === 'handler_failed' || row.status === 'detection_failed') return true
  }
  return false
}

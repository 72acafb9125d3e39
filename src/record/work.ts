import type { EventRow, InvocationRow, JobRow } from './records.ts'

/** An invocation that was started. Lives as long as its payload object; nothing else holds it. */
export interface OpenInvocation {
  readonly row: InvocationRow
  readonly startedMs: number
  readonly events: Map<string, OpenEvent>
  ended: boolean
}

export interface OpenEvent {
  readonly row: EventRow
  readonly startedMs: number
  readonly invocation: OpenInvocation
  handlerStartedMs: number | null
  /** The jobs that run now. */
  readonly jobs: OpenJob[]
}

export interface OpenJob {
  readonly row: JobRow
  readonly startedMs: number
  readonly event: OpenEvent
  /** The options object given to this run; our own detector hands the same object to the end hook. */
  readonly options: object
  /** Lines of output recorded so far. */
  lines: number
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

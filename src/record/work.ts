import type { OpenEvent } from './open-event.ts'
import type { OpenInvocation } from './open-invocation.ts'
import type { OpenJob } from './open-job.ts'
import type { Recorded } from './records.ts'

/**
 * What is known of something that was started. Hooks only note what happens; a row is made of it where one is needed, and
 * what is written straight into the bytes that are sent never becomes one.
 */
export interface Work {
  readonly table: 'invocations' | 'event_executions' | 'job_executions'
  readonly id: string
  /** Its row as it is now, made anew each time. */
  readonly row: Recorded['row']
  /** What it belongs to; an invocation to itself. */
  readonly invocation: OpenInvocation
  /** Whether it has ended. It may change once more all the same. */
  readonly isOver: boolean
  /** For whoever takes what is emitted: it has changed since it was last taken. */
  changed: boolean
  /** For whoever takes what is emitted: it was taken before. */
  taken: boolean
}

/** What a hook hands on: work that has changed, or a line of output. */
export type Emitted = OpenInvocation | OpenEvent | OpenJob | Extract<Recorded, { table: 'events' }>

/** A line of a job's output. */
export interface Line {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  message: string
  logger: 'console' | 'detector'
}

/** The work that some code runs in, carried by AsyncLocalStorage. Harmless when stale: ended jobs record no output. */
export type CurrentWork = OpenInvocation | OpenEvent | OpenJob

export function eventOf(work: CurrentWork | undefined): OpenEvent | null {
  if (work === undefined) return null
  switch (work.table) {
    case 'invocations':
      return null
    case 'event_executions':
      return work
    case 'job_executions':
      return work.event
    default:
      return work satisfies never
  }
}

/** Whether anything in it went wrong. */
export function hasFailed(open: OpenInvocation): boolean {
  if (open.jobsFailed > 0) return true
  for (const { status } of open.events) {
    if (status === 'handler_failed' || status === 'detection_failed') return true
  }
  return false
}

import type { OpenEvent } from './open-event.ts'
import type { InvocationRow } from './records.ts'
import type { Work } from './work.ts'

/** An invocation that was started. Lives as long as its payload object; nothing else holds it for long. */
export class OpenInvocation implements Work {
  readonly table = 'invocations'
  readonly row: InvocationRow
  /** Milliseconds since 1970. */
  readonly startedMs: number
  readonly payload: object
  /** In the order they were asked; two modules may have one name. */
  readonly events: OpenEvent[] = []
  /** The token that came with the change, for jobs to carry on. */
  readonly trackingToken: string | null
  /** Ends the noting of reads. */
  stopWatching: (() => void) | null = null
  ended = false
  changed = false
  taken = false
  /** For whoever takes what is emitted: what of it has changed, in order, … */
  readonly changes: Work[] = []
  /** … since when, in milliseconds of performance.now(), … */
  changedSince = 0
  /** … and where this invocation stands among those with changes; -1 for nowhere. */
  place = -1

  constructor(payload: object, row: InvocationRow, startedMs: number, trackingToken: string | null) {
    this.payload = payload
    this.row = row
    this.startedMs = startedMs
    this.trackingToken = trackingToken
  }

  get id(): string {
    return this.row.id
  }

  get invocation(): OpenInvocation {
    return this
  }

  get isOver(): boolean {
    return this.row.ended_at !== null
  }
}

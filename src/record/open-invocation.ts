import { spanIdOf, traceIdOf } from '../correlation/trace-ids.ts'
import { type IdParts, idText, takeId } from '../correlation/uuid.ts'
import { toMicros } from './clock.ts'
import { cleanOrNull, storedSource, toInvocationRow } from './invocation-row.ts'
import type { InvocationStart } from './invocation-start.ts'
import type { OpenEvent } from './open-event.ts'
import type { InvocationRow, InvocationStatus } from './records.ts'
import type { Source } from './source.ts'
import type { Work } from './work.ts'

/**
 * An invocation that was started. Lives as long as its payload object; nothing else holds it for long. Instants are
 * microseconds since 1970, 0 for not yet.
 */
export class OpenInvocation implements Work, IdParts {
  readonly payload: object
  readonly start: InvocationStart
  idMs = 0
  idSequence = 0
  idHigh = 0
  idLow = 0
  readonly startedUs: number
  updatedUs: number
  endedUs = 0
  /** In whole milliseconds. */
  durationMs: number | null = null
  detectedCount = 0
  jobsCount = 0
  jobsSucceeded = 0
  jobsFailed = 0
  status: InvocationStatus = 'running'
  errorMessage: string | null = null
  errorStack: string | null = null
  /** In the order they were asked; two modules may have one name. */
  readonly events: OpenEvent[] = []
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
  #id: string | null
  #traceId: string | null = null
  #source: Source | null = null

  constructor(payload: object, start: InvocationStart, nowMs: number) {
    takeId(this, Math.floor(nowMs))
    this.payload = payload
    this.start = start
    this.startedUs = toMicros(nowMs)
    this.updatedUs = this.startedUs
    this.#id = start.givenId
  }

  get table(): 'invocations' {
    return 'invocations'
  }

  get id(): string {
    this.#id ??= idText(this)
    return this.#id
  }

  /** As it is stored. */
  get source(): Source {
    this.#source ??= storedSource(this.start)
    return this.#source
  }

  get modulesDirectory(): string | null {
    return cleanOrNull(this.start.modulesDirectory)
  }

  get traceId(): string {
    this.#traceId ??= this.start.correlation.traceId ?? traceIdOf(this.start.correlationId)
    return this.#traceId
  }

  get spanId(): string {
    return spanIdOf(this.id)
  }

  get parentSpanId(): string | null {
    const { sourceJobId, correlation } = this.start
    return sourceJobId === null ? correlation.parentSpanId : spanIdOf(sourceJobId)
  }

  get invocation(): OpenInvocation {
    return this
  }

  get isOver(): boolean {
    return this.endedUs !== 0
  }

  get row(): InvocationRow {
    return toInvocationRow(this)
  }
}

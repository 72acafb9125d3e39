import { type IdParts, idText, takeId } from '../correlation/uuid.ts'
import { cleanText } from './clean-text.ts'
import { toMicros } from './clock.ts'
import { toEventRow } from './event-row.ts'
import type { OpenInvocation } from './open-invocation.ts'
import type { OpenJob } from './open-job.ts'
import type { EventRow, EventStatus, JsonText } from './records.ts'
import type { Work } from './work.ts'

/** What most events do not have. */
export interface EventDetail {
  detectionError: string | null
  detectionErrorStack: string | null
  notDetectedReason: string | null
  detectionFacts: JsonText | null
  columnsRead: JsonText | null
  handlerError: string | null
  handlerErrorStack: string | null
}

/** Shared by all events that have none of it. */
export const NO_DETAIL: Readonly<EventDetail> = {
  detectionError: null,
  detectionErrorStack: null,
  notDetectedReason: null,
  detectionFacts: null,
  columnsRead: null,
  handlerError: null,
  handlerErrorStack: null,
}

const NO_JOBS: readonly OpenJob[] = []

/** An event module that is asked. Instants are microseconds since 1970, 0 for not yet; durations whole milliseconds. */
export class OpenEvent implements Work, IdParts {
  readonly invocation: OpenInvocation
  /** As the host calls it. */
  readonly name: string
  /** As it is stored. */
  readonly cleanName: string
  idMs = 0
  idSequence = 0
  idHigh = 0
  idLow = 0
  readonly startedUs: number
  detectionEndedUs = 0
  handlerStartedUs = 0
  endedUs = 0
  updatedUs: number
  detected = false
  detectionMs: number | null = null
  handlerMs: number | null = null
  jobsCount = 0
  jobsSucceeded = 0
  jobsFailed = 0
  status: EventStatus = 'detecting'
  detail: Readonly<EventDetail> = NO_DETAIL
  #jobs: OpenJob[] | null = null
  /** What the detector read of the payload; null when that is not recorded. */
  readonly reads: Set<string> | null
  changed = false
  taken = false
  #id: string | null = null

  constructor(invocation: OpenInvocation, name: string, nowMs: number, reads: Set<string> | null) {
    takeId(this, Math.floor(nowMs))
    this.invocation = invocation
    this.name = name
    this.cleanName = cleanText(name)
    this.startedUs = toMicros(nowMs)
    this.updatedUs = this.startedUs
    this.reads = reads
  }

  get table(): 'event_executions' {
    return 'event_executions'
  }

  get id(): string {
    this.#id ??= idText(this)
    return this.#id
  }

  get isOver(): boolean {
    return this.endedUs !== 0
  }

  get row(): EventRow {
    return toEventRow(this)
  }

  /** The jobs that run now. */
  get jobs(): readonly OpenJob[] {
    return this.#jobs ?? NO_JOBS
  }

  jobStarted(job: OpenJob): void {
    if (this.#jobs === null) this.#jobs = [job]
    else this.#jobs.push(job)
  }

  jobEnded(job: OpenJob): void {
    const jobs = this.#jobs
    if (jobs === null) return
    if (jobs[jobs.length - 1] === job) jobs.pop()
    else jobs.splice(jobs.indexOf(job), 1)
  }

  setDetail(detail: Partial<EventDetail>): void {
    this.detail = { ...this.detail, ...detail }
  }
}

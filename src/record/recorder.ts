import { type Correlation, extractCorrelation } from '../correlation/extract.ts'
import { asReplay, readReplayOf } from '../correlation/replay.ts'
import { isUuid, uuidv7 } from '../correlation/uuid.ts'
import { type Clock, toMicros } from './clock.ts'
import { MAX_REASON_LENGTH } from './correlation-origin.ts'
import { InvocationStart } from './invocation-start.ts'
import { JobOutput } from './job-output.ts'
import { injectIdentity, type JobResultLike, readJobOptions } from './job-row.ts'
import { JobTimes } from './job-times.ts'
import { NO_DETAIL, OpenEvent } from './open-event.ts'
import { OpenInvocation } from './open-invocation.ts'
import { OpenJob } from './open-job.ts'
import { OpenWork } from './open-work.ts'
import type { RecorderOptions } from './recorder-options.ts'
import type { LogLevel } from './records.ts'
import type { InvocationOptions } from './source.ts'
import { ValueCapture } from './value-capture.ts'
import { watchReads } from './watch-reads.ts'
import { type Emitted, eventOf, hasFailed } from './work.ts'

/**
 * Turns hooks into work that rows are made of. Pure bookkeeping: it never waits, and hands work to `emit` when it starts and
 * after each change, always the same object. Hooks that make no sense (an end without a start) are ignored.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #emit: (record: Emitted) => void
  readonly #clock: Clock
  readonly #values: ValueCapture
  readonly #output: JobOutput
  readonly #work = new OpenWork()
  readonly #jobTimes = new JobTimes()
  #running = 0

  constructor(options: RecorderOptions, emit: (record: Emitted) => void, clock: Clock) {
    this.#options = options
    this.#emit = emit
    this.#clock = clock
    this.#values = new ValueCapture(options)
    this.#output = new JobOutput(options.maxLinesPerJob, this.#values, emit, clock)
  }

  /** Whether an invocation or a job was started and has not ended. */
  get isWorking(): boolean {
    return this.#running > 0
  }

  /** What the detector should use as options: the correlation that the payload brings. */
  preConfigure(
    payload: object,
    options?: { correlationId?: unknown },
  ): { correlationId: string; sourceTrackingToken?: string } | undefined {
    const correlation = this.#readCorrelation(payload)
    const { correlationId, source, trackingToken } = correlation
    this.#work.onPayload(payload).correlation = correlation
    if (correlationId === null) return undefined
    // What the caller says is better than a guess.
    const isGuess = source === 'trace_context' || source === 'updated_by_unchanged'
    if (isGuess && isUuid(options?.correlationId)) return undefined
    return { correlationId, ...(trackingToken ? { sourceTrackingToken: trackingToken } : {}) }
  }

  startInvocation(payload: object, options: InvocationOptions): void {
    const nowMs = this.#clock()
    const onPayload = this.#work.onPayload(payload)
    // Read again for each invocation: the object may come twice, with another change in it.
    const correlation = onPayload.correlation ?? this.#readCorrelation(payload)
    onPayload.correlation = null
    const { instanceId, captureHasuraPayload } = this.#options
    const start = new InvocationStart(payload, options, correlation, this.#values, instanceId(), captureHasuraPayload)
    const invocation = new OpenInvocation(payload, start, nowMs)
    onPayload.invocation = invocation
    this.#running++
    if (this.#options.followWork) this.#work.enter(invocation)
    if (this.#options.recordReads) {
      invocation.stopWatching = watchReads(payload, () => this.#work.detectionHere()?.reads ?? undefined)
    }
    this.#emit(invocation)
  }

  startDetection(eventName: string, payload: object): void {
    const invocation = this.#work.invocation(payload)
    if (!invocation) return
    const reads = this.#options.recordReads ? new Set<string>() : null
    const event = new OpenEvent(invocation, String(eventName), this.#clock(), reads)
    invocation.events.push(event)
    if (this.#options.followWork) this.#work.enter(event)
    this.#emit(event)
  }

  endDetection(eventName: string, detected: boolean, payload: object, durationMs: number): void {
    const event = this.#work.event(eventName, payload)
    if (!event) return
    const at = this.#at(event)
    event.detected = detected === true
    event.detectionMs = wholeMs(durationMs)
    event.detectionEndedUs = at
    if (event.reads) event.setDetail({ columnsRead: this.#values.json(event.reads, 'context') })
    if (event.detected) {
      event.status = 'handling'
      if (event.detail !== NO_DETAIL) event.setDetail({ notDetectedReason: null, detectionFacts: null })
      event.invocation.detectedCount++
    } else {
      event.endedUs = at
      event.status = event.detail.detectionError === null ? 'not_detected' : 'detection_failed'
    }
    this.#emitEvent(event, at)
  }

  /** Why the detector that runs here says no. */
  notDetected(reason: unknown, facts: unknown): void {
    this.#work.detectionHere()?.setDetail({
      notDetectedReason: this.#values.text(String(reason), MAX_REASON_LENGTH),
      detectionFacts: this.#values.json(facts, 'context'),
    })
  }

  startHandler(eventName: string, payload: object): void {
    const event = this.#work.event(eventName, payload)
    if (event) event.handlerStartedUs = this.#at(event)
  }

  endHandler(eventName: string, payload: object, durationMs: number): void {
    const event = this.#work.event(eventName, payload)
    if (!event || event.status === 'handler_failed') return
    event.handlerMs = wholeMs(durationMs)
    this.#endEvent(event, event.jobsFailed > 0 ? 'failed' : 'completed')
  }

  startJob(jobName: string, jobOptions: unknown, eventName: string, payload: object): void {
    const event = this.#work.event(eventName, payload)
    if (!event) return
    const options = typeof jobOptions === 'object' && jobOptions !== null ? jobOptions : {}
    const nowMs = this.#clock()
    const { own, functionName } = readJobOptions(options)
    const json = this.#options.captureJobOptions ? this.#values.json(own, 'options') : null
    const job = new OpenJob(event, String(jobName), options, functionName, json, nowMs)
    injectIdentity(options, job.id, event.invocation.start.trackingToken)
    this.#jobTimes.started(job, nowMs)
    // Two equal names at once can only be told apart by following the work.
    const follow = this.#options.followWork || event.jobs.some(other => other.name === job.name)
    event.jobStarted(job)
    event.jobsCount++
    event.invocation.jobsCount++
    this.#running++
    if (follow) this.#work.enter(job)
    this.#emit(job)
  }

  endJob(
    jobName: string,
    result: JobResultLike,
    eventName: string,
    payload: object,
    durationMs: number,
    options?: unknown,
  ): void {
    const event = this.#work.event(eventName, payload)
    const job = event && this.#work.job(event, String(jobName), options)
    if (!job) return
    const nowMs = this.#clock()
    this.#output.flush(job)
    this.#jobTimes.ended(job, nowMs)
    event.jobEnded(job)
    this.#running--
    if (job.end(result, this.#values, wholeMs(durationMs), nowMs)) {
      event.jobsSucceeded++
      event.invocation.jobsSucceeded++
    } else {
      event.jobsFailed++
      event.invocation.jobsFailed++
    }
    this.#emit(job)
    // A job may end after its event and invocation did (a timeout): their counts are then told again.
    if (event.isOver) this.#emitEvent(event)
    if (event.invocation.ended) this.#emitInvocation(event.invocation)
  }

  /** An error that the detector reports without saying where: found through the work it happened in. */
  error(error: unknown, context: string, detail?: { eventName?: unknown; hasuraEvent?: unknown }): void {
    if (context === 'job') return // Already told by the job's end.
    const payload = detail?.hasuraEvent
    const event =
      typeof payload === 'object' && payload !== null && typeof detail?.eventName === 'string'
        ? this.#work.event(detail.eventName, payload)
        : eventOf(this.#work.here)
    if (!event) return
    const { message, stack } = this.#values.error(error)
    if (context === 'event_handler') {
      event.setDetail({ handlerError: message, handlerErrorStack: stack })
      if (event.handlerStartedUs !== 0) {
        event.handlerMs = Math.max(0, Math.round((this.#at(event) - event.handlerStartedUs) / 1_000))
      }
      this.#endEvent(event, 'handler_failed')
    } else if (context === 'event_detection' && event.status === 'detecting') {
      event.setDetail({ detectionError: message, detectionErrorStack: stack })
    }
  }

  /** Whether a line that is logged here may be recorded: in a job that runs, or a detector. */
  get takesLines(): boolean {
    const work = this.#work.here
    if (work === undefined || work.table === 'invocations') return false
    return work.table === 'job_executions' ? !work.isOver : work.status === 'detecting'
  }

  /** A line that the detector or a job wrote through the detector's own logger. */
  log(level: string, message: string, data: unknown): void {
    const work = this.#work.here
    const logType = typeof data === 'object' && data !== null ? (data as { logType?: unknown }).logType : undefined
    if (work?.table === 'job_executions') {
      this.#output.logged(work, level, message, logType === 'job')
    } else if (
      logType === 'detector' &&
      work?.table === 'event_executions' &&
      message.includes('Error detecting event')
    ) {
      // The original host tells nobody else that a detector threw.
      if (work.status === 'detecting') work.setDetail({ detectionError: this.#values.text(message) })
    }
  }

  /** A line that was printed; ignored outside of jobs. */
  output(level: LogLevel, message: string): void {
    const work = this.#work.here
    if (work?.table === 'job_executions') this.#output.printed(work, level, message)
  }

  endInvocation(payload: object, response: unknown, durationMs: number): void {
    const open = this.#work.invocation(payload)
    if (!open) return
    open.stopWatching?.()
    const { timedOut, error } = (response ?? {}) as { timedOut?: unknown; error?: unknown }
    if (!open.isOver) {
      open.endedUs = this.#at(open)
      open.durationMs = wholeMs(durationMs) ?? Math.round((open.endedUs - open.startedUs) / 1_000)
    }
    // After a timeout handlers may still be at work.
    if (timedOut !== true) for (const event of open.events) this.#closeForgotten(event)
    // The original host ends twice on a timeout, in either order: once timed out, it stays so.
    if (timedOut === true || open.status === 'timeout') open.status = 'timeout'
    else open.status = hasFailed(open) || error !== undefined ? 'failed' : 'completed'
    if (error !== undefined) {
      const { message, stack } = this.#values.error(error)
      open.errorMessage = message
      open.errorStack = stack
    }
    if (!open.ended) this.#running--
    open.ended = true
    this.#emitInvocation(open)
  }

  #readCorrelation(payload: object): Correlation {
    const found = extractCorrelation(payload, this.#options.correlation, (id, at) =>
      this.#jobTimes.wasRunning(id, at, this.#clock()),
    )
    const replayOf = readReplayOf(payload)
    return replayOf === null ? found : asReplay(found, replayOf, uuidv7())
  }

  // A handler that threw gets no end hook in the original host, and its error may have found no event.
  #closeForgotten(event: OpenEvent): void {
    if (event.isOver || event.status !== 'handling' || event.jobs.length > 0) return
    if (event.handlerStartedUs === 0) return
    if (event.detail.handlerError === null) {
      event.setDetail({ handlerError: 'the handler ended without telling its end; the detector reported no reason' })
    }
    this.#endEvent(event, 'handler_failed')
  }

  #endEvent(event: OpenEvent, status: 'completed' | 'failed' | 'handler_failed'): void {
    const at = this.#at(event)
    event.status = status
    event.endedUs = at
    this.#emitEvent(event, at)
  }

  #emitInvocation(invocation: OpenInvocation): void {
    invocation.updatedUs = this.#at(invocation)
    this.#emit(invocation)
  }

  #emitEvent(event: OpenEvent, atUs: number = this.#at(event)): void {
    event.updatedUs = atUs
    this.#emit(event)
  }

  // Nothing ends before it began, and later versions are not older, also when the clock was set back meanwhile.
  #at(work: { updatedUs: number }): number {
    return Math.max(toMicros(this.#clock()), work.updatedUs)
  }
}

function wholeMs(durationMs: unknown): number | null {
  return typeof durationMs === 'number' && Number.isFinite(durationMs) ? Math.max(0, Math.round(durationMs)) : null
}

import { type Correlation, extractCorrelation } from '../correlation/extract.ts'
import { asReplay, readReplayOf } from '../correlation/replay.ts'
import { isUuid, uuidv7 } from '../correlation/uuid.ts'
import { cleanText } from './capture.ts'
import { type Clock, toTimestamp } from './clock.ts'
import { MAX_REASON_LENGTH, tokenFor } from './correlation-origin.ts'
import { toEventRow } from './event-row.ts'
import { toInvocationRow } from './invocation-row.ts'
import { JobOutput } from './job-output.ts'
import { endJobRow, injectIdentity, type JobResultLike, ownJobOptions, toJobRow } from './job-row.ts'
import { JobTimes } from './job-times.ts'
import { OpenWork } from './open-work.ts'
import type { RecorderOptions } from './recorder-options.ts'
import type { LogLevel, Recorded, Timestamp } from './records.ts'
import type { InvocationOptions } from './source.ts'
import { ValueCapture } from './value-capture.ts'
import { watchReads } from './watch-reads.ts'
import { eventOf, hasFailed, type OpenEvent, type OpenInvocation, type OpenJob } from './work.ts'

/**
 * Turns hooks into rows. Pure bookkeeping: it never waits, and hands each row to `emit`, which keeps the very object: it is
 * emitted again after each change. Hooks that make no sense (an end without a start) are ignored.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #emit: (record: Recorded) => void
  readonly #clock: Clock
  readonly #values: ValueCapture
  readonly #output: JobOutput
  readonly #work = new OpenWork()
  readonly #correlations = new WeakMap<object, Correlation>()
  readonly #jobTimes = new JobTimes()

  constructor(options: RecorderOptions, emit: (record: Recorded) => void, clock: Clock) {
    this.#options = options
    this.#emit = emit
    this.#clock = clock
    this.#values = new ValueCapture(options)
    this.#output = new JobOutput(options.maxLinesPerJob, this.#values, emit, clock)
  }

  /** What the detector should use as options: the correlation that the payload brings. */
  preConfigure(
    payload: object,
    options?: { correlationId?: unknown },
  ): { correlationId: string; sourceTrackingToken?: string } | undefined {
    const correlation = this.#readCorrelation(payload)
    const { correlationId, source, trackingToken } = correlation
    this.#correlations.set(payload, correlation)
    if (correlationId === null) return undefined
    // What the caller says is better than a guess.
    const isGuess = source === 'trace_context' || source === 'updated_by_unchanged'
    if (isGuess && isUuid(options?.correlationId)) return undefined
    return { correlationId, ...(trackingToken ? { sourceTrackingToken: trackingToken } : {}) }
  }

  startInvocation(payload: object, options: InvocationOptions): void {
    const nowMs = this.#clock()
    // Read again for each invocation: a payload object may come twice, with another change in it.
    const correlation = this.#correlations.get(payload) ?? this.#readCorrelation(payload)
    this.#correlations.delete(payload)
    const { captureHasuraPayload } = this.#options
    const rowOptions = { instanceId: this.#options.instanceId(), captureHasuraPayload }
    const row = toInvocationRow(payload, options, correlation, this.#values, rowOptions, nowMs)
    const invocation: OpenInvocation = {
      payload,
      row,
      startedMs: nowMs,
      events: [],
      ended: false,
      trackingToken: tokenFor(row.correlation_id, correlation.trackingToken, options.sourceTrackingToken),
      stopWatching: null,
    }
    this.#work.open(invocation)
    if (this.#options.followWork) this.#work.enter({ kind: 'invocation', invocation })
    if (this.#options.recordReads) {
      invocation.stopWatching = watchReads(payload, () => this.#work.detectionHere()?.reads ?? undefined)
    }
    this.#emit({ table: 'invocations', row })
  }

  startDetection(eventName: string, payload: object): void {
    const invocation = this.#work.invocation(payload)
    if (!invocation) return
    const nowMs = this.#clock()
    const name = String(eventName)
    const event: OpenEvent = {
      name,
      invocation,
      startedMs: nowMs,
      handlerStartedMs: null,
      jobs: [],
      reads: this.#options.recordReads ? new Set() : null,
      row: toEventRow(name, invocation.row, nowMs),
    }
    invocation.events.push(event)
    if (this.#options.followWork) this.#work.enter({ kind: 'event', event })
    this.#emit({ table: 'event_executions', row: event.row })
  }

  endDetection(eventName: string, detected: boolean, payload: object, durationMs: number): void {
    const event = this.#work.event(eventName, payload)
    if (!event) return
    const { row } = event
    const at = toTimestamp(this.#clock())
    row.detected = detected === true
    row.detection_duration_ms = wholeMs(durationMs)
    row.detection_ended_at = at
    if (event.reads) row.columns_read = this.#values.json(event.reads, 'context')
    if (row.detected) {
      row.status = 'handling'
      row.not_detected_reason = null
      row.detection_facts = null
      event.invocation.row.events_detected_count++
    } else {
      row.ended_at = at
      row.status = row.detection_error === null ? 'not_detected' : 'detection_failed'
    }
    this.#emitEvent(event, at)
  }

  /** Why the detector that runs here says no. */
  notDetected(reason: unknown, facts: unknown): void {
    const event = this.#work.detectionHere()
    if (!event) return
    event.row.not_detected_reason = cleanText(this.#values.text(String(reason)), MAX_REASON_LENGTH)
    event.row.detection_facts = this.#values.json(facts, 'context')
  }

  startHandler(eventName: string, payload: object): void {
    const event = this.#work.event(eventName, payload)
    if (event) event.handlerStartedMs = this.#clock()
  }

  endHandler(eventName: string, payload: object, durationMs: number): void {
    const event = this.#work.event(eventName, payload)
    if (!event || event.row.status === 'handler_failed') return
    event.row.handler_duration_ms = wholeMs(durationMs)
    this.#endEvent(event, event.row.jobs_failed > 0 ? 'failed' : 'completed')
  }

  startJob(jobName: string, jobOptions: unknown, eventName: string, payload: object): void {
    const event = this.#work.event(eventName, payload)
    if (!event) return
    const options = typeof jobOptions === 'object' && jobOptions !== null ? jobOptions : {}
    const nowMs = this.#clock()
    const own = this.#options.captureJobOptions ? this.#values.json(ownJobOptions(options), 'options') : null
    const job: OpenJob = {
      event,
      options,
      startedMs: nowMs,
      lines: 0,
      printed: null,
      logged: null,
      ended: false,
      row: toJobRow(String(jobName), options, own, event.row, nowMs),
    }
    injectIdentity(options, job.row.id, event.invocation.trackingToken)
    this.#jobTimes.started(job.row.id, nowMs)
    // Two equal names at once can only be told apart by following the work.
    const follow = this.#options.followWork || event.jobs.some(other => other.row.job_name === job.row.job_name)
    event.jobs.push(job)
    event.row.jobs_count++
    event.invocation.row.total_jobs_run++
    if (follow) this.#work.enter({ kind: 'job', job })
    this.#emit({ table: 'job_executions', row: job.row })
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
    const { row } = job
    const nowMs = this.#clock()
    this.#output.flush(job)
    job.ended = true
    this.#jobTimes.ended(row.id, nowMs)
    event.jobs.splice(event.jobs.indexOf(job), 1)
    if (endJobRow(row, result, this.#values, wholeMs(durationMs) ?? Math.round(nowMs - job.startedMs), nowMs)) {
      event.row.jobs_succeeded++
      event.invocation.row.total_jobs_succeeded++
    } else {
      event.row.jobs_failed++
      event.invocation.row.total_jobs_failed++
    }
    this.#emit({ table: 'job_executions', row })
    // A job may end after its event and invocation did (a timeout): their counts are then told again.
    if (event.row.ended_at !== null) this.#emitEvent(event)
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
      event.row.handler_error = message
      event.row.handler_error_stack = stack
      if (event.handlerStartedMs !== null) {
        event.row.handler_duration_ms = Math.round(this.#clock() - event.handlerStartedMs)
      }
      this.#endEvent(event, 'handler_failed')
    } else if (context === 'event_detection' && event.row.status === 'detecting') {
      event.row.detection_error = message
      event.row.detection_error_stack = stack
    }
  }

  /** A line that the detector or a job wrote through the detector's own logger. */
  log(level: string, message: string, data: unknown): void {
    const work = this.#work.here
    const logType = typeof data === 'object' && data !== null ? (data as { logType?: unknown }).logType : undefined
    if (work?.kind === 'job') {
      this.#output.logged(work.job, level, message, logType === 'job')
    } else if (logType === 'detector' && work?.kind === 'event' && message.includes('Error detecting event')) {
      // The original host tells nobody else that a detector threw.
      if (work.event.row.status === 'detecting') {
        work.event.row.detection_error = cleanText(this.#values.text(message))
      }
    }
  }

  /** A line that was printed; ignored outside of jobs. */
  output(level: LogLevel, message: string): void {
    const work = this.#work.here
    if (work?.kind === 'job') this.#output.printed(work.job, level, message)
  }

  endInvocation(payload: object, response: unknown, durationMs: number): void {
    const open = this.#work.invocation(payload)
    if (!open) return
    open.stopWatching?.()
    const { timedOut, error } = (response ?? {}) as { timedOut?: unknown; error?: unknown }
    const { row } = open
    if (row.ended_at === null) {
      const nowMs = this.#clock()
      row.ended_at = toTimestamp(nowMs)
      row.total_duration_ms = wholeMs(durationMs) ?? Math.round(nowMs - open.startedMs)
    }
    // After a timeout handlers may still be at work.
    if (timedOut !== true) for (const event of open.events) this.#closeForgotten(event)
    // The original host ends twice on a timeout, in either order: once timed out, it stays so.
    if (timedOut === true || row.status === 'timeout') row.status = 'timeout'
    else row.status = hasFailed(open) || error !== undefined ? 'failed' : 'completed'
    if (error !== undefined) {
      const { message, stack } = this.#values.error(error)
      row.error_message = message
      row.error_stack = stack
    }
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
    if (event.row.ended_at !== null || event.row.status !== 'handling' || event.jobs.length > 0) return
    if (event.handlerStartedMs === null) return
    event.row.handler_error ??= 'the handler ended without telling its end; the detector reported no reason'
    this.#endEvent(event, 'handler_failed')
  }

  #endEvent(event: OpenEvent, status: 'completed' | 'failed' | 'handler_failed'): void {
    const at = toTimestamp(this.#clock())
    event.row.status = status
    event.row.ended_at = at
    this.#emitEvent(event, at)
  }

  #emitInvocation({ row }: OpenInvocation): void {
    row.updated_at = toTimestamp(this.#clock())
    this.#emit({ table: 'invocations', row })
  }

  #emitEvent({ row }: OpenEvent, at: Timestamp = toTimestamp(this.#clock())): void {
    row.updated_at = at
    this.#emit({ table: 'event_executions', row })
  }
}

function wholeMs(durationMs: unknown): number | null {
  return typeof durationMs === 'number' && Number.isFinite(durationMs) ? Math.max(0, Math.round(durationMs)) : null
}

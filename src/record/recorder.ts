import { AsyncLocalStorage } from 'node:async_hooks'
import { type Correlation, extractCorrelation } from '../correlation/extract.ts'
import { spanIdOf, traceIdOf } from '../correlation/trace-ids.ts'
import { isUuid, uuidv7 } from '../correlation/uuid.ts'
import { capture, cleanText } from './capture.ts'
import { type Clock, toTimestamp } from './clock.ts'
import { errorInfo } from './error-info.ts'
import { toLogRow } from './log-line.ts'
import type { LogLevel, Recorded } from './records.ts'
import { type InvocationOptions, readSource } from './source.ts'
import { type CurrentWork, eventOf, type OpenEvent, type OpenInvocation, type OpenJob } from './work.ts'

export interface RecorderOptions {
  captureJobOptions: boolean
  captureHasuraPayload: boolean
  captureErrorStacks: boolean
  /** Follow work through AsyncLocalStorage, so that output and errors find their job. */
  followWork: boolean
  /** The run of the plugin that new invocations belong to. */
  instanceId: () => string
}

/** What a job's end hook is told. Everything may be missing or of another kind. */
export interface JobResultLike {
  result?: unknown
  completed?: unknown
  error?: unknown
}

// Output beyond this is counted in one last line, so that a runaway loop cannot fill the database.
const MAX_LINES_PER_JOB = 1_000

// Fields that the detector itself puts on a payload; they are not part of what Hasura sent.
const isHostField = (key: string): boolean => key.startsWith('__')

/**
 * Turns hooks into rows. Pure bookkeeping: it never waits, and hands each row to `emit`.
 *
 * Open work hangs on the payload object, never on names or correlation ids: two invocations may share a correlation id,
 * and two jobs a name. Hooks that make no sense (an end without a start) are ignored.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #emit: (record: Recorded) => void
  readonly #clock: Clock
  readonly #open = new WeakMap<object, OpenInvocation>()
  readonly #correlations = new WeakMap<object, Correlation>()
  readonly #current = new AsyncLocalStorage<CurrentWork>()

  constructor(options: RecorderOptions, emit: (record: Recorded) => void, clock: Clock) {
    this.#options = options
    this.#emit = emit
    this.#clock = clock
  }

  /** What the detector should use as options: the correlation that the payload brings. */
  preConfigure(payload: object): { correlationId: string; sourceTrackingToken?: string } | undefined {
    const correlation = this.#correlationOf(payload)
    if (correlation.correlationId === null) return undefined
    return {
      correlationId: correlation.correlationId,
      ...(correlation.trackingToken ? { sourceTrackingToken: correlation.trackingToken } : {}),
    }
  }

  startInvocation(payload: object, options: InvocationOptions): void {
    const nowMs = this.#clock()
    const correlation = this.#correlationOf(payload)
    const source = readSource(payload, options)
    const given = (payload as { __correlationId?: unknown }).__correlationId
    const correlationId = isUuid(given) ? given.toLowerCase() : (correlation.correlationId ?? uuidv7())
    const id = isUuid(options.invocationId) ? options.invocationId.toLowerCase() : uuidv7(Math.floor(nowMs))
    const hostJobId = (payload as { __sourceJobId?: unknown }).__sourceJobId
    const sourceJobId = correlation.sourceJobId ?? (isUuid(hostJobId) ? hostJobId.toLowerCase() : null)
    const at = toTimestamp(nowMs)
    const open: OpenInvocation = {
      startedMs: nowMs,
      events: new Map(),
      ended: false,
      row: {
        id,
        created_at: at,
        updated_at: at,
        ended_at: null,
        correlation_id: correlationId,
        instance_id: this.#options.instanceId(),
        correlation_source: correlationSource(correlation, correlationId, options),
        trace_id: correlation.traceId ?? traceIdOf(correlationId),
        span_id: spanIdOf(id),
        parent_span_id: sourceJobId ? spanIdOf(sourceJobId) : correlation.parentSpanId,
        source_function: cleanText(source.functionName),
        source_table: cleanText(source.table),
        source_operation: cleanText(source.operation),
        source_system: 'hasura',
        source_record_id: source.recordId === null ? null : cleanText(source.recordId),
        source_job_id: sourceJobId,
        source_event_id: source.eventId,
        source_event_payload: this.#options.captureHasuraPayload ? capture(withoutHostFields(payload)) : null,
        source_event_time: source.eventTime,
        source_user_email: cleanOrNull(source.userEmail ?? correlation.userEmail),
        source_user_role: cleanOrNull(source.userRole),
        total_duration_ms: null,
        events_detected_count: 0,
        total_jobs_run: 0,
        total_jobs_succeeded: 0,
        total_jobs_failed: 0,
        auto_load_modules: options.autoLoadEventModules !== false,
        event_modules_directory:
          typeof options.eventModulesDirectory === 'string' ? cleanText(options.eventModulesDirectory) : null,
        status: 'running',
        error_message: null,
        error_stack: null,
        context_data: capture((payload as { __context?: unknown }).__context ?? options.context),
      },
    }
    this.#open.set(payload, open)
    if (this.#options.followWork) this.#current.enterWith({ kind: 'invocation', invocation: open })
    this.#emitInvocation(open)
  }

  startDetection(eventName: string, payload: object): void {
    const invocation = this.#open.get(payload)
    if (!invocation) return
    const nowMs = this.#clock()
    const id = uuidv7(Math.floor(nowMs))
    const at = toTimestamp(nowMs)
    const event: OpenEvent = {
      invocation,
      startedMs: nowMs,
      handlerStartedMs: null,
      jobs: [],
      row: {
        id,
        invocation_id: invocation.row.id,
        created_at: at,
        updated_at: at,
        detection_ended_at: null,
        ended_at: null,
        correlation_id: invocation.row.correlation_id,
        trace_id: invocation.row.trace_id,
        span_id: spanIdOf(id),
        parent_span_id: invocation.row.span_id,
        event_name: cleanText(String(eventName)),
        event_module_path: null,
        detected: false,
        detection_duration_ms: null,
        detection_error: null,
        detection_error_stack: null,
        handler_duration_ms: null,
        handler_error: null,
        handler_error_stack: null,
        jobs_count: 0,
        jobs_succeeded: 0,
        jobs_failed: 0,
        status: 'detecting',
      },
    }
    invocation.events.set(String(eventName), event)
    if (this.#options.followWork) this.#current.enterWith({ kind: 'event', event })
    this.#emitEvent(event)
  }

  endDetection(eventName: string, detected: boolean, payload: object, durationMs: number): void {
    const event = this.#eventOf(eventName, payload)
    if (!event) return
    const at = toTimestamp(this.#clock())
    event.row.detected = detected === true
    event.row.detection_duration_ms = wholeMs(durationMs)
    event.row.detection_ended_at = at
    if (event.row.detected) {
      event.row.status = 'handling'
      event.invocation.row.events_detected_count++
    } else {
      event.row.ended_at = at
      event.row.status = event.row.detection_error === null ? 'not_detected' : 'detection_failed'
    }
    this.#emitEvent(event)
  }

  startHandler(eventName: string, payload: object): void {
    const event = this.#eventOf(eventName, payload)
    if (event) event.handlerStartedMs = this.#clock()
  }

  endHandler(eventName: string, payload: object, durationMs: number): void {
    const event = this.#eventOf(eventName, payload)
    if (!event || event.row.status === 'handler_failed') return
    event.row.handler_duration_ms = wholeMs(durationMs)
    this.#endEvent(event, event.row.jobs_failed > 0 ? 'failed' : 'completed')
  }

  startJob(jobName: string, jobOptions: unknown, eventName: string, payload: object): void {
    const event = this.#eventOf(eventName, payload)
    if (!event) return
    const options = typeof jobOptions === 'object' && jobOptions !== null ? jobOptions : {}
    const nowMs = this.#clock()
    const id = uuidv7(Math.floor(nowMs))
    const at = toTimestamp(nowMs)
    const job: OpenJob = {
      event,
      options,
      startedMs: nowMs,
      lines: 0,
      ended: false,
      row: {
        id,
        invocation_id: event.row.invocation_id,
        event_execution_id: event.row.id,
        created_at: at,
        updated_at: at,
        ended_at: null,
        correlation_id: event.row.correlation_id,
        trace_id: event.row.trace_id,
        span_id: spanIdOf(id),
        parent_span_id: event.row.span_id,
        job_name: cleanText(String(jobName)),
        job_function_name: functionName(options),
        job_options: this.#options.captureJobOptions ? capture(ownJobOptions(options)) : null,
        duration_ms: null,
        status: 'running',
        result: null,
        error_message: null,
        error_stack: null,
      },
    }
    this.#injectIdentity(options, job, payload)
    // Two equal names at once can only be told apart by following the work.
    const ambiguous = event.jobs.some(other => other.row.job_name === job.row.job_name)
    event.jobs.push(job)
    event.row.jobs_count++
    event.invocation.row.total_jobs_run++
    if (this.#options.followWork || ambiguous) this.#current.enterWith({ kind: 'job', job })
    this.#emit({ table: 'job_executions', row: { ...job.row } })
  }

  endJob(
    jobName: string,
    result: JobResultLike,
    eventName: string,
    payload: object,
    durationMs: number,
    options?: unknown,
  ): void {
    const event = this.#eventOf(eventName, payload)
    const job = event && this.#runningJob(event, String(jobName), options)
    if (!job) return
    const nowMs = this.#clock()
    const failed = result?.completed !== true
    job.ended = true
    event.jobs.splice(event.jobs.indexOf(job), 1)
    job.row.ended_at = toTimestamp(nowMs)
    job.row.duration_ms = wholeMs(durationMs) ?? Math.round(nowMs - job.startedMs)
    if (failed) {
      const { message, stack } = errorInfo(result?.error ?? result?.result, this.#options.captureErrorStacks)
      job.row.status = isTimeout(result?.error) ? 'timeout' : 'failed'
      job.row.error_message = message
      job.row.error_stack = stack
      event.row.jobs_failed++
      event.invocation.row.total_jobs_failed++
    } else {
      job.row.status = 'completed'
      job.row.result = capture(result.result)
      event.row.jobs_succeeded++
      event.invocation.row.total_jobs_succeeded++
    }
    job.row.updated_at = job.row.ended_at
    this.#emit({ table: 'job_executions', row: { ...job.row } })
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
        ? this.#eventOf(detail.eventName, payload)
        : eventOf(this.#current.getStore())
    if (!event) return
    const { message, stack } = errorInfo(error, this.#options.captureErrorStacks)
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
    const work = this.#current.getStore()
    const logType = typeof data === 'object' && data !== null ? (data as { logType?: unknown }).logType : undefined
    if (logType === 'job') {
      this.output(toLevel(level), message, 'detector')
    } else if (logType === 'detector' && work?.kind === 'event' && message.includes('Error detecting event')) {
      // The original host tells nobody else that a detector threw.
      if (work.event.row.status === 'detecting') work.event.row.detection_error = cleanText(message)
    }
  }

  /** A line of output of the job that is running here; ignored outside of jobs. */
  output(level: LogLevel, message: string, logger: string): void {
    const work = this.#current.getStore()
    if (work?.kind !== 'job' || work.job.ended || work.job.lines > MAX_LINES_PER_JOB) return
    const { job } = work
    job.lines++
    const full = job.lines > MAX_LINES_PER_JOB
    this.#emit({
      table: 'events',
      row: toLogRow(job, {
        level: full ? 'warn' : level,
        message: full ? `output after ${MAX_LINES_PER_JOB} lines is not recorded` : message,
        logger,
        at: toTimestamp(this.#clock()),
      }),
    })
  }

  endInvocation(payload: object, response: unknown, durationMs: number): void {
    const open = this.#open.get(payload)
    if (!open) return
    const { timedOut, error } = (response ?? {}) as { timedOut?: unknown; error?: unknown }
    const { row } = open
    if (row.ended_at === null) {
      row.ended_at = toTimestamp(this.#clock())
      row.total_duration_ms = wholeMs(durationMs) ?? Math.round(this.#clock() - open.startedMs)
    }
    for (const event of open.events.values()) this.#closeForgotten(event)
    // The original host ends twice on a timeout, in either order: once timed out, it stays so.
    if (timedOut === true || row.status === 'timeout') row.status = 'timeout'
    else row.status = hasFailed(open) || error !== undefined ? 'failed' : 'completed'
    if (error !== undefined) {
      const { message, stack } = errorInfo(error, this.#options.captureErrorStacks)
      row.error_message = message
      row.error_stack = stack
    }
    open.ended = true
    this.#emitInvocation(open)
  }

  #correlationOf(payload: object): Correlation {
    let correlation = this.#correlations.get(payload)
    if (!correlation) {
      correlation = extractCorrelation(payload)
      this.#correlations.set(payload, correlation)
    }
    return correlation
  }

  #eventOf(eventName: string, payload: object): OpenEvent | null {
    return this.#open.get(payload)?.events.get(String(eventName)) ?? null
  }

  #runningJob(event: OpenEvent, jobName: string, options: unknown): OpenJob | null {
    if (options !== undefined) {
      const exact = event.jobs.find(job => job.options === options)
      if (exact) return exact
    }
    const named = event.jobs.filter(job => job.row.job_name === cleanText(jobName))
    if (named.length <= 1) return named[0] ?? null
    const work = this.#current.getStore()
    // Without a store it is the one that started while it was alone with its name.
    return (work?.kind === 'job' ? named.find(job => job === work.job) : undefined) ?? named[0] ?? null
  }

  // Jobs learn who they are through their options: the only way in that the host offers.
  #injectIdentity(options: object, job: OpenJob, payload: object): void {
    const target = options as { jobExecutionId?: unknown; sourceTrackingToken?: unknown }
    target.jobExecutionId = job.row.id
    const token = this.#correlationOf(payload).trackingToken
    if (token !== null && target.sourceTrackingToken === undefined) target.sourceTrackingToken = token
  }

  // A handler that threw gets no end hook in the original host, and its error may have found no event.
  #closeForgotten(event: OpenEvent): void {
    if (event.row.ended_at !== null || event.row.status !== 'handling' || event.jobs.length > 0) return
    if (event.handlerStartedMs === null) return
    event.row.handler_error ??= 'the handler ended without telling its end; the detector reported no reason'
    this.#endEvent(event, 'handler_failed')
  }

  #endEvent(event: OpenEvent, status: 'completed' | 'failed' | 'handler_failed'): void {
    event.row.status = status
    event.row.ended_at = toTimestamp(this.#clock())
    this.#emitEvent(event)
  }

  #emitInvocation(open: OpenInvocation): void {
    open.row.updated_at = toTimestamp(this.#clock())
    this.#emit({ table: 'invocations', row: { ...open.row } })
  }

  #emitEvent(event: OpenEvent): void {
    event.row.updated_at = toTimestamp(this.#clock())
    this.#emit({ table: 'event_executions', row: { ...event.row } })
  }
}

function correlationSource(correlation: Correlation, used: string, options: InvocationOptions): string {
  if (correlation.source !== null && correlation.correlationId === used) return correlation.source
  return typeof options.correlationId === 'string' && options.correlationId.toLowerCase() === used
    ? 'caller'
    : 'generated'
}

function hasFailed(open: OpenInvocation): boolean {
  if (open.row.total_jobs_failed > 0) return true
  for (const { row } of open.events.values()) {
    if (row.status === 'handler_failed' || row.status === 'detection_failed') return true
  }
  return false
}

function withoutHostFields(payload: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(payload).filter(([key]) => !isHostField(key)))
}

// What the detector and this plugin add to every job's options is no news in each row.
const ADDED_OPTIONS = new Set([
  'jobName',
  'functionName',
  'correlationId',
  'abortSignal',
  'jobExecutionId',
  'sourceTrackingToken',
])

function ownJobOptions(options: object): Record<string, unknown> | undefined {
  const own = Object.entries(options).filter(([key]) => !ADDED_OPTIONS.has(key) && !isHostField(key))
  return own.length > 0 ? Object.fromEntries(own) : undefined
}

function functionName(options: object): string | null {
  const name = (options as { functionName?: unknown }).functionName
  return typeof name === 'string' && name !== '' ? cleanText(name) : null
}

function cleanOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text)
}

function wholeMs(durationMs: unknown): number | null {
  return typeof durationMs === 'number' && Number.isFinite(durationMs) ? Math.max(0, Math.round(durationMs)) : null
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout/i.test(error.name)
}

function toLevel(level: string): LogLevel {
  return level === 'trace' || level === 'debug' || level === 'warn' || level === 'error' ? level : 'info'
}

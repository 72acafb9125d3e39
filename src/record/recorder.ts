import { AsyncLocalStorage } from 'node:async_hooks'
import { type Correlation, type CorrelationOptions, extractCorrelation } from '../correlation/extract.ts'
import { spanIdOf, traceIdOf } from '../correlation/trace-ids.ts'
import { parseTrackingToken } from '../correlation/tracking-token.ts'
import { isUuid, uuidv7 } from '../correlation/uuid.ts'
import { type CaptureLimits, capture, cleanText } from './capture.ts'
import { changedColumns } from './changed-columns.ts'
import { type Clock, toTimestamp } from './clock.ts'
import { type ErrorInfo, errorInfo } from './error-info.ts'
import { JobTimes } from './job-times.ts'
import { toLogRow } from './log-line.ts'
import type { JsonText, LogLevel, Recorded } from './records.ts'
import type { RedactionRoot, Redactor } from './redact.ts'
import { type InvocationOptions, readSource } from './source.ts'
import { watchReads } from './watch-reads.ts'
import {
  type CurrentWork,
  eventOf,
  invocationOf,
  type Line,
  type OpenEvent,
  type OpenInvocation,
  type OpenJob,
} from './work.ts'

export interface RecorderOptions {
  captureJobOptions: boolean
  captureHasuraPayload: boolean
  captureErrorStacks: boolean
  /** Follow work through AsyncLocalStorage, so that output and errors find their job. */
  followWork: boolean
  /** The run of the plugin that new invocations belong to. */
  instanceId: () => string
  /** Note which parts of the payload each detector reads. Needs followWork. */
  recordReads: boolean
  correlation: CorrelationOptions
  limits: CaptureLimits
  redactor: Redactor
  /** Output beyond this is announced in one last line, so that a runaway loop cannot fill the database. */
  maxLinesPerJob: number
}

/** What a job's end hook is told. Everything may be missing or of another kind. */
export interface JobResultLike {
  result?: unknown
  completed?: unknown
  error?: unknown
}

const MAX_REASON_LENGTH = 2_048

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
  readonly #jobTimes = new JobTimes()

  constructor(options: RecorderOptions, emit: (record: Recorded) => void, clock: Clock) {
    this.#options = options
    this.#emit = emit
    this.#clock = clock
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
    const source = readSource(payload, options)
    const given = (payload as { __correlationId?: unknown }).__correlationId
    const correlationId = isUuid(given) ? given.toLowerCase() : (correlation.correlationId ?? uuidv7())
    const id = isUuid(options.invocationId) ? options.invocationId.toLowerCase() : uuidv7(Math.floor(nowMs))
    const sourceJobId = sourceJobOf(correlation, payload)
    const at = toTimestamp(nowMs)
    const open: OpenInvocation = {
      payload,
      startedMs: nowMs,
      events: [],
      ended: false,
      trackingToken: tokenFor(correlationId, correlation.trackingToken, options.sourceTrackingToken),
      stopWatching: null,
      row: {
        id,
        created_at: at,
        updated_at: at,
        ended_at: null,
        correlation_id: correlationId,
        instance_id: this.#options.instanceId(),
        ...correlationOrigin(correlation, correlationId, payload, options),
        trace_id: correlation.traceId ?? traceIdOf(correlationId),
        span_id: spanIdOf(id),
        parent_span_id: sourceJobId ? spanIdOf(sourceJobId) : correlation.parentSpanId,
        source_function: cleanText(source.functionName),
        source_table: cleanText(source.table),
        source_operation: cleanText(source.operation),
        source_system: 'hasura',
        source_record_id: source.recordId === null ? null : cleanText(source.recordId),
        source_job_id: sourceJobId,
        previous_job_id: sourceJobId === correlation.previousJobId ? null : correlation.previousJobId,
        source_event_id: source.eventId,
        source_event_payload: this.#options.captureHasuraPayload
          ? this.#capture(withoutHostFields(payload), 'payload')
          : null,
        source_event_time: source.eventTime,
        source_user_email: cleanOrNull(source.userEmail ?? correlation.userEmail),
        source_user_role: cleanOrNull(source.userRole),
        changed_columns: this.#capture(changedColumns(payload), 'context'),
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
        context_data: this.#capture((payload as { __context?: unknown }).__context ?? options.context, 'context'),
      },
    }
    this.#open.set(payload, open)
    if (this.#options.followWork) this.#current.enterWith({ kind: 'invocation', invocation: open })
    if (this.#options.recordReads) open.stopWatching = watchReads(payload, () => this.#readsHere())
    this.#emitInvocation(open)
  }

  startDetection(eventName: string, payload: object): void {
    const invocation = this.#openOf(payload)
    if (!invocation) return
    const nowMs = this.#clock()
    const id = uuidv7(Math.floor(nowMs))
    const at = toTimestamp(nowMs)
    const event: OpenEvent = {
      name: String(eventName),
      invocation,
      startedMs: nowMs,
      handlerStartedMs: null,
      jobs: [],
      reads: this.#options.recordReads ? new Set() : null,
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
        not_detected_reason: null,
        detection_facts: null,
        columns_read: null,
        handler_duration_ms: null,
        handler_error: null,
        handler_error_stack: null,
        jobs_count: 0,
        jobs_succeeded: 0,
        jobs_failed: 0,
        status: 'detecting',
      },
    }
    invocation.events.push(event)
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
    if (event.reads) event.row.columns_read = this.#capture(event.reads, 'context')
    if (event.row.detected) {
      event.row.status = 'handling'
      event.row.not_detected_reason = null
      event.row.detection_facts = null
      event.invocation.row.events_detected_count++
    } else {
      event.row.ended_at = at
      event.row.status = event.row.detection_error === null ? 'not_detected' : 'detection_failed'
    }
    this.#emitEvent(event)
  }

  /** Why the detector that runs here says no. */
  notDetected(reason: unknown, facts: unknown): void {
    const event = this.#detectionHere()
    if (!event) return
    event.row.not_detected_reason = cleanText(this.#options.redactor.text(String(reason)), MAX_REASON_LENGTH)
    event.row.detection_facts = this.#capture(facts, 'context')
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
      printed: null,
      logged: null,
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
        job_options: this.#options.captureJobOptions ? this.#capture(ownJobOptions(options), 'options') : null,
        duration_ms: null,
        status: 'running',
        result: null,
        error_message: null,
        error_stack: null,
      },
    }
    injectIdentity(options, job)
    this.#jobTimes.started(id, nowMs)
    // Two equal names at once can only be told apart by following the work.
    const ambiguous = event.jobs.some(other => other.row.job_name === job.row.job_name)
    event.jobs.push(job)
    event.row.jobs_count++
    event.invocation.row.total_jobs_run++
    if (this.#options.followWork || ambiguous) this.#current.enterWith({ kind: 'job', job })
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
    const event = this.#eventOf(eventName, payload)
    const job = event && this.#runningJob(event, String(jobName), options)
    if (!job) return
    const nowMs = this.#clock()
    const failed = result?.completed !== true
    this.#flushPrinted(job)
    job.ended = true
    this.#jobTimes.ended(job.row.id, nowMs)
    event.jobs.splice(event.jobs.indexOf(job), 1)
    job.row.ended_at = toTimestamp(nowMs)
    job.row.duration_ms = wholeMs(durationMs) ?? Math.round(nowMs - job.startedMs)
    if (failed) {
      const { message, stack } = this.#errorInfo(result?.error ?? result?.result)
      job.row.status = isTimeout(result?.error) ? 'timeout' : 'failed'
      job.row.error_message = message
      job.row.error_stack = stack
      event.row.jobs_failed++
      event.invocation.row.total_jobs_failed++
    } else {
      job.row.status = 'completed'
      job.row.result = this.#capture(result.result, 'result')
      event.row.jobs_succeeded++
      event.invocation.row.total_jobs_succeeded++
    }
    job.row.updated_at = job.row.ended_at
    this.#emit({ table: 'job_executions', row: job.row })
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
    const { message, stack } = this.#errorInfo(error)
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
    if (work?.kind === 'job') {
      const { job } = work
      // A host that prints its lines, too, has just printed this one: it is no output of the job's own.
      if (job.printed?.message.includes(message)) job.printed = null
      else this.#expectPrinted(job, message)
      if (logType === 'job') this.#line(job, { level: toLevel(level), message, logger: 'detector' })
    } else if (logType === 'detector' && work?.kind === 'event' && message.includes('Error detecting event')) {
      // The original host tells nobody else that a detector threw.
      if (work.event.row.status === 'detecting') {
        work.event.row.detection_error = cleanText(this.#options.redactor.text(message))
      }
    }
  }

  /** A line that was printed; ignored outside of jobs. */
  output(level: LogLevel, message: string): void {
    const work = this.#current.getStore()
    if (work?.kind !== 'job' || work.job.ended) return
    const { job } = work
    if (job.logged !== null && message.includes(job.logged)) return
    this.#flushPrinted(job)
    if (job.lines > this.#options.maxLinesPerJob) return
    job.printed = { level, message, logger: 'console' }
    // Until the host has had its turn to say that the line is its own: it does so before it returns.
    queueMicrotask(() => this.#flushPrinted(job))
  }

  #flushPrinted(job: OpenJob): void {
    const line = job.printed
    if (!line) return
    job.printed = null
    this.#line(job, line)
  }

  // The other order: told first, printed then.
  #expectPrinted(job: OpenJob, message: string): void {
    if (job.logged === null) {
      queueMicrotask(() => {
        job.logged = null
      })
    }
    job.logged = message
  }

  #line(job: OpenJob, line: Line): void {
    const { maxLinesPerJob, redactor } = this.#options
    if (job.ended || job.lines > maxLinesPerJob) return
    if (line.logger !== 'console') this.#flushPrinted(job)
    job.lines++
    const full = job.lines > maxLinesPerJob
    this.#emit({
      table: 'events',
      row: toLogRow(job, {
        level: full ? 'warn' : line.level,
        message: full ? `output after ${maxLinesPerJob} lines is not recorded` : redactor.text(line.message),
        logger: line.logger,
        at: toTimestamp(this.#clock()),
      }),
    })
  }

  endInvocation(payload: object, response: unknown, durationMs: number): void {
    const open = this.#openOf(payload)
    if (!open) return
    open.stopWatching?.()
    const { timedOut, error } = (response ?? {}) as { timedOut?: unknown; error?: unknown }
    const { row } = open
    if (row.ended_at === null) {
      row.ended_at = toTimestamp(this.#clock())
      row.total_duration_ms = wholeMs(durationMs) ?? Math.round(this.#clock() - open.startedMs)
    }
    // After a timeout handlers may still be at work.
    if (timedOut !== true) for (const event of open.events) this.#closeForgotten(event)
    // The original host ends twice on a timeout, in either order: once timed out, it stays so.
    if (timedOut === true || row.status === 'timeout') row.status = 'timeout'
    else row.status = hasFailed(open) || error !== undefined ? 'failed' : 'completed'
    if (error !== undefined) {
      const { message, stack } = this.#errorInfo(error)
      row.error_message = message
      row.error_stack = stack
    }
    open.ended = true
    this.#emitInvocation(open)
  }

  #readCorrelation(payload: object): Correlation {
    return extractCorrelation(payload, this.#options.correlation, (id, at) =>
      this.#jobTimes.wasRunning(id, at, this.#clock()),
    )
  }

  #capture(value: unknown, root: RedactionRoot): JsonText | null {
    return capture(value, this.#options.limits, this.#options.redactor, root)
  }

  #errorInfo(thrown: unknown): ErrorInfo {
    return errorInfo(thrown, this.#options.captureErrorStacks, this.#options.redactor)
  }

  // The running work knows better than the payload where a host gives one object to two invocations at once.
  #openOf(payload: object): OpenInvocation | undefined {
    const here = invocationOf(this.#current.getStore())
    return here?.payload === payload ? here : this.#open.get(payload)
  }

  #eventOf(eventName: string, payload: object): OpenEvent | null {
    const open = this.#openOf(payload)
    if (!open) return null
    const here = eventOf(this.#current.getStore())
    if (here?.invocation === open && here.name === eventName) return here
    return open.events.findLast(event => event.name === String(eventName)) ?? null
  }

  #detectionHere(): OpenEvent | undefined {
    const work = this.#current.getStore()
    return work?.kind === 'event' && work.event.row.detection_ended_at === null ? work.event : undefined
  }

  #readsHere(): Set<string> | undefined {
    return this.#detectionHere()?.reads ?? undefined
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
    this.#emit({ table: 'invocations', row: open.row })
  }

  #emitEvent(event: OpenEvent): void {
    event.row.updated_at = toTimestamp(this.#clock())
    this.#emit({ table: 'event_executions', row: event.row })
  }
}

/** Where the correlation id in use came from, and where exactly, or why it had to be made. */
function correlationOrigin(
  correlation: Correlation,
  used: string,
  payload: object,
  options: InvocationOptions,
): { correlation_source: string; correlation_detail: string | null } {
  if (correlation.source !== null && correlation.correlationId === used) {
    return {
      correlation_source: correlation.source,
      correlation_detail: cleanText(correlation.detail, MAX_REASON_LENGTH),
    }
  }
  if (typeof options.correlationId === 'string' && options.correlationId.toLowerCase() === used) {
    const token = parseTrackingToken(options.sourceTrackingToken)
    const byPlugin = token?.correlationId === used || isUuid((payload as HostPayload).__sourceJobId)
    return byPlugin
      ? { correlation_source: 'host_plugin', correlation_detail: 'found by another plugin of the host' }
      : { correlation_source: 'caller', correlation_detail: 'options.correlationId' }
  }
  return { correlation_source: 'generated', correlation_detail: cleanText(correlation.detail, MAX_REASON_LENGTH) }
}

interface HostPayload {
  __sourceJobId?: unknown
}

// The host's own extraction plugin takes a token for fresh that this change did not write.
function sourceJobOf(correlation: Correlation, payload: object): string | null {
  if (correlation.sourceJobId !== null) return correlation.sourceJobId
  const hosts = (payload as HostPayload).__sourceJobId
  if (!isUuid(hosts)) return null
  const id = hosts.toLowerCase()
  return id === correlation.previousJobId ? null : id
}

/** The token that jobs carry on: only one of the correlation id in use. */
function tokenFor(correlationId: string, ...tokens: unknown[]): string | null {
  for (const token of tokens) {
    if (parseTrackingToken(token)?.correlationId === correlationId) return token as string
  }
  return null
}

// Jobs learn who they are through their options: the only way in that the host offers.
function injectIdentity(options: object, job: OpenJob): void {
  const target = options as { jobExecutionId?: unknown; sourceTrackingToken?: unknown }
  target.jobExecutionId = job.row.id
  const token = job.event.invocation.trackingToken
  if (token !== null && target.sourceTrackingToken === undefined) target.sourceTrackingToken = token
}

function hasFailed(open: OpenInvocation): boolean {
  if (open.row.total_jobs_failed > 0) return true
  for (const { row } of open.events) {
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
  let own: Record<string, unknown> | undefined
  for (const key of Object.keys(options)) {
    if (ADDED_OPTIONS.has(key) || isHostField(key)) continue
    own ??= {}
    own[key] = (options as Record<string, unknown>)[key]
  }
  return own
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

// The original host tells a timeout by its message only.
const HOST_TIMEOUT = /^Job aborted due to timeout$|^Job .{0,500} timed out after \d+ ?ms$/

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (/timeout/i.test(error.name) || HOST_TIMEOUT.test(error.message))
}

function toLevel(level: string): LogLevel {
  return level === 'trace' || level === 'debug' || level === 'warn' || level === 'error' ? level : 'info'
}

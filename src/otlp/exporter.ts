import { hostname } from 'node:os'
import { spanIdOf } from '../correlation/trace-ids.ts'
import { messageOf } from '../errors.ts'
import { forgetOldest } from '../forget-oldest.ts'
import type { Logger } from '../log.ts'
import type { Recorded } from '../record/records.ts'
import type { Emitted } from '../record/work.ts'
import { SECOND } from '../units.ts'
import { type ExportResult, sendSpans } from './send.ts'
import { type EndedRecord, type JobSpan, type KeyValue, toAttributes, toSpan } from './span.ts'

/*
 * The exporter's states:
 *
 *   idle      nothing to send. A span leads to `waiting`.
 *   waiting   spans are in the queue and a timer runs. The timer, a full batch or flush() lead to `sending`.
 *   sending   one batch is on its way; spans that come meanwhile queue up. Success leads to `waiting` or `idle`, as does a
 *             refusal: those spans are given up and counted. An absent or busy collector leads to `resting`.
 *   resting   the batch is kept; the next try comes when the collector asks for it (Retry-After), else after a pause that
 *             doubles with each failure. Spans are given up only when the queue is full, the oldest first.
 */

export interface ExporterOptions {
  /** Complete, with `/v1/traces`. */
  url: string
  headers: Readonly<Record<string, string>>
  serviceName: string
  /** Of this package. */
  version: string
  /** Most spans that wait; beyond, the oldest go and are counted. */
  maxQueuedSpans: number
  /** Longest wait for the collector's answer, in milliseconds. */
  timeoutMs: number
  /** Pause before the first retry, in milliseconds. @default 1000 */
  retryDelayMs?: number
}

export interface ExporterStatus {
  state: 'idle' | 'waiting' | 'sending' | 'resting'
  queuedSpans: number
  exported: number
  /** Spans sent again after a failure. */
  retried: number
  /** Spans that the collector refused for good. */
  rejected: number
  /** Spans given up because the queue was full, or at shutdown. */
  dropped: number
  lastError: string | null
}

const BATCH_SPANS = 512
// A trace is looked at after it is complete: there is no hurry, and larger batches cost less.
const LINGER_MS = SECOND
const RETRY_DELAY_MS = SECOND
const MAX_RETRY_DELAY_MS = 30 * SECOND
const MAX_RETRY_AFTER_MS = 300 * SECOND
// A host that shuts down is not kept waiting by a collector that is away.
const FAILURES_WAITED_FOR = 1
// Ended work may be told once more (a job ends after its invocation did), and running jobs may cause invocations.
const MAX_REMEMBERED = 20_000

/** Sends what has ended as OpenTelemetry spans to a collector. Never throws, never makes recording wait. */
export class SpanExporter {
  readonly #options: ExporterOptions
  readonly #logger: Logger
  readonly #resource: KeyValue[]
  #queue: EndedRecord[] = []
  readonly #seen = new Bounded<true>(MAX_REMEMBERED)
  readonly #jobs = new Bounded<JobSpan>(MAX_REMEMBERED)
  #state: ExporterStatus['state'] = 'idle'
  #timer: NodeJS.Timeout | undefined
  #inFlight: EndedRecord[] = []
  #failures = 0
  #stopped = false
  #draining = false
  #waiters: (() => void)[] = []
  #counts = { exported: 0, retried: 0, rejected: 0, dropped: 0 }
  #lastError: string | null = null
  #warned = false

  constructor(options: ExporterOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
    this.#resource = toAttributes({
      'service.name': options.serviceName,
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'hasura-event-detector-observability',
      'telemetry.sdk.version': options.version,
      'host.name': hostname(),
      'process.pid': process.pid,
    })
  }

  get status(): ExporterStatus {
    return {
      state: this.#state,
      queuedSpans: this.#queue.length + this.#inFlight.length,
      ...this.#counts,
      lastError: this.#lastError,
    }
  }

  /** Sees every record; takes those that have ended, once. A row that changes before it is sent is sent as it is then. */
  observe(record: Recorded | Emitted): void {
    if (record.table === 'events') return
    // Of work a row is made each time one is asked for, and hooks come here.
    const { id, isOver } = 'isOver' in record ? record : { id: record.row.id, isOver: record.row.ended_at !== null }
    if (record.table === 'job_executions') this.#jobs.set(id, jobSpanOf(record))
    if (!isOver || this.#seen.has(id)) return
    this.#seen.set(id, true)
    this.#queue.push(record)
    this.#makeRoom()
    if (this.#stopped || this.#state === 'sending' || this.#state === 'resting') return
    if (this.#queue.length >= BATCH_SPANS) this.#schedule('waiting', 0)
    else if (this.#state === 'idle') this.#schedule('waiting', LINGER_MS)
  }

  /**
   * Resolves when everything that is queued now was sent or given up, when the collector has been away for several tries,
   * or after `deadlineMs`. Never rejects.
   */
  async flush(deadlineMs: number): Promise<void> {
    if (this.#stopped || (this.#queue.length === 0 && this.#inFlight.length === 0)) return
    if (this.#isAway()) return
    this.#draining = true
    let timer: NodeJS.Timeout | undefined
    const done = new Promise<void>(resolve => this.#waiters.push(resolve))
    const deadline = new Promise<void>(resolve => {
      timer = setTimeout(resolve, deadlineMs)
    })
    if (this.#state !== 'sending' && this.#state !== 'resting') this.#schedule('waiting', 0)
    await Promise.race([done, deadline])
    clearTimeout(timer)
  }

  start(): void {
    this.#stopped = false
  }

  /** Ends all timers; what is still queued is given up and counted. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#counts.dropped += this.#queue.length
    this.#queue = []
    if (this.#state !== 'sending') {
      this.#counts.dropped += this.#inFlight.length
      this.#inFlight = []
      this.#state = 'idle'
    }
    this.#release()
  }

  #schedule(state: 'waiting' | 'resting', delayMs: number): void {
    clearTimeout(this.#timer)
    this.#state = state
    this.#timer = setTimeout(() => void this.#sendBatch(), delayMs).unref()
  }

  async #sendBatch(): Promise<void> {
    if (this.#inFlight.length === 0) this.#inFlight = this.#queue.splice(0, BATCH_SPANS)
    const batch = this.#inFlight
    if (batch.length === 0) return this.#settle(0)
    this.#state = 'sending'
    const result = await this.#send(batch)
    switch (result.outcome) {
      case 'accepted':
        this.#inFlight = []
        this.#failures = 0
        this.#counts.exported += batch.length - result.rejected
        this.#counts.rejected += result.rejected
        if (result.rejected > 0)
          this.#failed(result.message, 'the collector refused spans; they are given up and counted')
        else this.#recovered()
        return this.#settle(0)
      case 'refused':
        this.#inFlight = []
        this.#failures = 0
        this.#counts.rejected += batch.length
        this.#failed(result.message, 'the collector refused spans; they are given up and counted')
        return this.#settle(0)
      case 'busy':
        this.#failures++
        this.#counts.retried += batch.length
        this.#failed(result.message, 'spans cannot be sent; they wait, and recording goes on')
        return this.#settle(Math.min(result.retryAfterMs ?? this.#retryDelay(), MAX_RETRY_AFTER_MS))
      default:
        return result satisfies never
    }
  }

  async #send(batch: EndedRecord[]): Promise<ExportResult> {
    try {
      const spans = batch.map(record => toSpan(record, id => this.#jobs.get(id)))
      const scope = { name: 'hasura-event-detector-observability', version: this.#options.version }
      const body = { resourceSpans: [{ resource: { attributes: this.#resource }, scopeSpans: [{ scope, spans }] }] }
      return await sendSpans(this.#options, JSON.stringify(body))
    } catch (error) {
      // A row that cannot be written out would fail again and again.
      return { outcome: 'refused', message: messageOf(error) }
    }
  }

  #settle(restMs: number): void {
    this.#state = 'idle'
    if (this.#stopped) {
      this.#counts.dropped += this.#inFlight.length
      this.#inFlight = []
      this.#release()
    } else if (restMs > 0) {
      if (this.#isAway()) this.#release()
      this.#schedule('resting', restMs)
    } else if (this.#queue.length === 0) {
      this.#release()
    } else {
      const more = this.#draining || this.#queue.length >= BATCH_SPANS
      this.#schedule('waiting', more ? 0 : LINGER_MS)
    }
  }

  #isAway(): boolean {
    return this.#failures > FAILURES_WAITED_FOR
  }

  #makeRoom(): void {
    const excess = this.#queue.length + this.#inFlight.length - this.#options.maxQueuedSpans
    if (excess <= 0) return
    // A tenth at once: taking them one by one from the front would move all others each time.
    const given = this.#queue.splice(0, Math.max(excess, Math.ceil(this.#options.maxQueuedSpans / 10)))
    this.#counts.dropped += given.length
  }

  #retryDelay(): number {
    const first = this.#options.retryDelayMs ?? RETRY_DELAY_MS
    const delay = Math.min(first * 2 ** Math.min(this.#failures - 1, 10), MAX_RETRY_DELAY_MS)
    // Many processes that lost the same collector must not come back in the same instant.
    return delay * (0.75 + Math.random() * 0.5)
  }

  // Once per burst: an absence is one event, however many tries it spans.
  #failed(message: string, what: string): void {
    this.#lastError = message
    if (!this.#warned) this.#logger.warn({ error: message }, what)
    this.#warned = true
  }

  #recovered(): void {
    this.#lastError = null
    if (this.#warned) this.#logger.info({}, 'the collector takes spans again')
    this.#warned = false
  }

  #release(): void {
    this.#draining = false
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

function jobSpanOf(job: Extract<Recorded | Emitted, { table: 'job_executions' }>): JobSpan {
  if ('isOver' in job) return { traceId: job.invocation.traceId, spanId: spanIdOf(job.id) }
  return { traceId: job.row.trace_id, spanId: job.row.span_id }
}

/** Forgets the oldest. */
class Bounded<Value> extends Map<string, Value> {
  readonly #max: number

  constructor(max: number) {
    super()
    this.#max = max
  }

  override set(key: string, value: Value): this {
    if (this.size >= this.#max && !this.has(key)) forgetOldest(this, Math.ceil(this.#max / 10))
    return super.set(key, value)
  }
}

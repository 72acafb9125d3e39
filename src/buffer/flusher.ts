import { messageOf } from '../errors.ts'
import { SECOND } from '../units.ts'
import { type Entry, type RowBuffer, rowsOf } from './row-buffer.ts'

/*
 * The flusher's states:
 *
 *   idle      nothing to write, or it waits for the first row. A row leads to `waiting`.
 *   waiting   rows are in the buffer and a timer runs. The timer or flush() lead to `writing`; `batchSize` rows make it end
 *             at once, or PAUSE_MS after the last write.
 *   writing   one batch is on its way; rows that come meanwhile stay in the buffer. Success leads to `writing` again while
 *             more than a batch may hold waits or a flush() asks for more, else to `waiting` or `idle`. Failure leads to
 *             `resting`.
 *   resting   the batch is back in the buffer; the next try comes after a delay that doubles with each failure (with
 *             jitter, up to 30 s). It leads to `writing`. Rows are given up only when the buffer has no room.
 */

export interface FlusherOptions {
  /** Rows that start a write without waiting for more. */
  batchSize: number
  /** Longest a row waits while all goes well, in milliseconds. Usually it waits far less, see LINGER_MS. */
  flushIntervalMs: number
  /** Tries after a failure before flush() stops waiting for it. Writing goes on all the same. */
  retryAttempts: number
  /** Delay before the first retry, in milliseconds. */
  retryDelayMs: number
}

export interface FlusherStatus {
  state: 'idle' | 'waiting' | 'writing' | 'resting'
  written: number
  retried: number
  lastFlushAt: string | null
  lastError: string | null
}

// Long enough that the rows of one invocation go together, short enough that a live view feels live.
const LINGER_MS = 150
// Under load rows come together between two writes: fewer transactions.
const PAUSE_MS = 50
// Rows that came later than this wait for the next write: most work has ended by then, so that it is written once, by COPY,
// instead of a second time by upsert.
const SETTLE_MS = 25
const MAX_RETRY_DELAY_MS = 30 * SECOND
// One write takes what waits, up to this: after an outage thousands of rows are not sent a hundred at a time. Measured:
// transactions of 8,000 rows bring a third more rows per second than those of 2,000.
const MAX_BATCH_ROWS = 8_000

/** Writes a buffer's rows in batches, one at a time, and tries again when that fails. */
export class Flusher<Row> {
  readonly #buffer: RowBuffer<Row>
  readonly #write: (batch: Entry<Row>[]) => Promise<void>
  readonly #onFailure: (error: unknown, failures: number) => void
  readonly #options: FlusherOptions
  #state: FlusherStatus['state'] = 'idle'
  #timer: NodeJS.Timeout | undefined
  /** The write that is due was brought forward because enough rows wait. */
  #hurried = false
  /** It was brought forward further, because a whole batch waits. */
  #full = false
  #lastWriteMs = Number.NEGATIVE_INFINITY
  #failures = 0
  #stopped = false
  #draining = false
  #waiters: (() => void)[] = []
  #written = 0
  #retried = 0
  #lastFlushAt: Date | null = null
  #lastError: string | null = null

  /** `write` resolves when the batch is stored and rejects when none of it is. */
  constructor(
    buffer: RowBuffer<Row>,
    write: (batch: Entry<Row>[]) => Promise<void>,
    onFailure: (error: unknown, failures: number) => void,
    options: FlusherOptions,
  ) {
    this.#buffer = buffer
    this.#write = write
    this.#onFailure = onFailure
    this.#options = options
  }

  get status(): FlusherStatus {
    return {
      state: this.#state,
      written: this.#written,
      retried: this.#retried,
      lastFlushAt: this.#lastFlushAt?.toISOString() ?? null,
      lastError: this.#lastError,
    }
  }

  /** To be called after each row that was put into the buffer. Does no work itself. */
  rowAdded(): void {
    if (this.#stopped || this.#state === 'writing' || this.#state === 'resting') return
    const { rows } = this.#buffer
    const enough = rows >= this.#options.batchSize
    const full = rows >= MAX_BATCH_ROWS && !this.#full
    if (this.#state === 'idle' || (enough && !this.#hurried) || full) {
      this.#wait(enough)
      this.#full = full
    }
  }

  /**
   * Resolves when every row that is in the buffer now has been written, or when writing has failed `retryAttempts` times
   * more. Never rejects: the rows stay in the buffer.
   */
  flush(): Promise<void> {
    if (this.#stopped || (this.#buffer.rows === 0 && this.#state !== 'writing')) return Promise.resolve()
    this.#draining = true
    const done = new Promise<void>(resolve => this.#waiters.push(resolve))
    if (this.#state !== 'writing' && this.#state !== 'resting') this.#schedule('waiting', 0)
    return done
  }

  /** Begins to write again after stop(). */
  start(): void {
    this.#stopped = false
    if (this.#buffer.rows > 0 && this.#state === 'idle') this.#schedule('waiting', 0)
  }

  /** Ends all timers. Rows stay in the buffer for a later start(). */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    if (this.#state !== 'writing') this.#state = 'idle'
    this.#release()
  }

  #schedule(state: 'waiting' | 'resting', delayMs: number): void {
    clearTimeout(this.#timer)
    this.#state = state
    this.#hurried = false
    this.#full = false
    this.#timer = setTimeout(() => void this.#writeBatch(), delayMs)
    // Rows that wait do not keep a finished program alive; the host's flush() or shutdown() does.
    if (this.#waiters.length === 0) this.#timer.unref()
  }

  #wait(enough: boolean): void {
    this.#schedule('waiting', Math.min(enough ? this.#pauseMs() : LINGER_MS, this.#options.flushIntervalMs))
    this.#hurried = enough
  }

  #pauseMs(): number {
    if (this.#draining || this.#buffer.rows >= MAX_BATCH_ROWS) return 0
    return Math.max(0, this.#lastWriteMs + PAUSE_MS - performance.now())
  }

  async #writeBatch(): Promise<void> {
    const all = this.#draining || this.#buffer.rows >= MAX_BATCH_ROWS
    const settled = all ? Number.POSITIVE_INFINITY : performance.now() - SETTLE_MS
    const batch = this.#buffer.take(MAX_BATCH_ROWS, settled)
    if (batch.length === 0) {
      this.#settle()
      return
    }
    this.#state = 'writing'
    const rows = batch.reduce((sum, entry) => sum + rowsOf(entry), 0)
    try {
      await this.#write(batch)
      this.#written += rows
      this.#failures = 0
      this.#lastError = null
      this.#lastFlushAt = new Date()
    } catch (error) {
      this.#buffer.putBack(batch)
      this.#failures++
      this.#retried += rows
      this.#lastError = messageOf(error)
      this.#onFailure(error, this.#failures)
    }
    this.#lastWriteMs = performance.now()
    this.#settle()
  }

  #settle(): void {
    this.#state = 'idle'
    if (this.#stopped) {
      this.#release()
    } else if (this.#failures > 0) {
      if (this.#failures > this.#options.retryAttempts) this.#release()
      this.#schedule('resting', this.#retryDelay())
    } else if (this.#buffer.rows === 0) {
      this.#release()
    } else {
      this.#wait(this.#draining || this.#buffer.rows >= this.#options.batchSize)
    }
  }

  #retryDelay(): number {
    const delay = Math.min(this.#options.retryDelayMs * 2 ** Math.min(this.#failures - 1, 10), MAX_RETRY_DELAY_MS)
    // Many processes that lost the same database must not come back in the same instant.
    return delay * (0.75 + Math.random() * 0.5)
  }

  #release(): void {
    this.#draining = false
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

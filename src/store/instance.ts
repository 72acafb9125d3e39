import { hostname } from 'node:os'
import { messageOf } from '../errors.ts'
import type { Logger } from '../log.ts'
import { SECOND } from '../units.ts'
import type { WriteBatch } from './write-batch.ts'

/** Kept in step with package.json by a test: a bundled plugin has no package.json to read. */
export const VERSION = '0.1.0'

/** Maintenance takes an instance that was silent for 2 minutes for dead, so some beats may fail. */
const HEARTBEAT_MS = 10 * SECOND

/** What a run of the plugin tells of itself. When it tells is the database's to know: its clock judges what is lost. */
export interface Beat {
  id: string
  startedAt: Date
  /** Null while it runs. */
  endedAt: Date | null
  host: string
  pid: number
  version: string
}

/** Brings a beat into `instances`. Told twice, the row is as it was told last, and what has ended stays so. */
export type WriteBeat = (beat: Beat) => Promise<void>

export interface InstanceOptions {
  write: WriteBeat
  logger: Logger
  newId: () => string
  /** @default Date.now */
  nowMs?: () => number
  /** @default 10000 */
  heartbeatMs?: number
  /** Whether anything that was recorded still runs: the timer beats only then. @default nothing does */
  isWorking?: () => boolean
}

/**
 * One run of the plugin, as the row in `instances` by which maintenance tells work that runs from work that is lost. It
 * registers after its first write, beats with later writes and, while work is open, with a timer; end() closes it, and
 * what is recorded after that belongs to a new one. Nothing here keeps rows from being written.
 */
export class Instance {
  readonly #options: InstanceOptions
  readonly #nowMs: () => number
  readonly #heartbeatMs: number
  #id: string
  #startedMs: number | null = null
  #lastBeatMs: number | null = null
  #timer: NodeJS.Timeout | undefined
  #failed = false

  constructor(options: InstanceOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS
    this.#id = options.newId()
  }

  get id(): string {
    return this.#id
  }

  /** Its id, for what is recorded now: it has begun. */
  use(): string {
    this.#startedMs ??= this.#nowMs()
    return this.#id
  }

  /** The same writer, which tells after a write that this instance lives. */
  beatingWith(write: WriteBatch): WriteBatch {
    return async (records, how) => {
      const refused = await write(records, how)
      const sinceBeat = this.#lastBeatMs === null ? Number.POSITIVE_INFINITY : this.#nowMs() - this.#lastBeatMs
      if (sinceBeat >= this.#heartbeatMs) await this.#beat(null)
      return refused
    }
  }

  /** Closes this instance's row, if it has one. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    const registered = this.#lastBeatMs !== null
    if (registered) await this.#beat(new Date(this.#nowMs()))
    this.#id = this.#options.newId()
    this.#startedMs = null
    this.#lastBeatMs = null
  }

  async #beat(endedAt: Date | null): Promise<void> {
    const nowMs = this.#nowMs()
    // Set before the answer: a database that does not answer is not asked again by every write.
    this.#lastBeatMs = nowMs
    if (endedAt === null) this.#watchOpenWork()
    const { write, logger } = this.#options
    const startedAt = new Date(this.#startedMs ?? nowMs)
    try {
      await write({ id: this.#id, startedAt, endedAt, host: hostname(), pid: process.pid, version: VERSION })
      this.#failed = false
    } catch (error) {
      // Once per burst. Rows are written all the same; at worst running work is taken for lost until it ends.
      if (!this.#failed) {
        logger.warn({ error: messageOf(error) }, 'telling the database that this instance lives failed; tried again')
      }
      this.#failed = true
    }
  }

  #watchOpenWork(): void {
    this.#timer ??= setInterval(() => {
      if (this.#options.isWorking?.()) void this.#beat(null)
    }, this.#heartbeatMs).unref()
  }
}

import { messageOf, ObservabilityError } from '../errors.ts'
import type { EventRow } from '../event/event-row.ts'
import { eventRowBytes } from '../event/event-row.ts'
import type { Logger } from '../log.ts'
import { SECOND } from '../units.ts'
import type { RecordingStore } from './recording-store.ts'
import type { StoreRecord } from './store-record.ts'
import type { WriteBatch } from './write-batch.ts'

/*
 * Events that somebody waits for. The states of a batch:
 *
 *   waiting    in memory, behind the write that is under way. All that waits goes into the next write together.
 *   writing    on its way to the database. Committed, its senders are told so: nothing else was needed.
 *   journaled  the database is away or slow: the rows went to the store with the journal, which writes them when it can, and
 *              their senders are told once they are on disk.
 *   refused    neither worked: the senders are told to try again. What got through all the same changes nothing then.
 */

export interface EventIntakeOptions {
  write: WriteBatch
  /** Takes rows over while the database is away. Has a journal, or rows are refused then. */
  store: RecordingStore
  /** Most bytes that wait in memory; beyond, events are refused. */
  maxBytes: number
  logger: Logger
  /** Longest wait for the database before rows go to the journal, in milliseconds. @default 5000 */
  patienceMs?: number
}

/** Why Postgres did not take a row. It is kept in `quarantined_rows`. */
export interface RefusedEvent {
  row: EventRow
  message: string
}

export interface EventIntakeStatus {
  /** Events that are stored or journaled. */
  accepted: number
  committed: number
  journaled: number
  /** Events that Postgres refused. */
  refused: number
  waitingBytes: number
}

interface Waiting {
  rows: readonly EventRow[]
  bytes: number
  resolve: (refused: RefusedEvent[]) => void
  reject: (error: unknown) => void
}

const MAX_BATCH_ROWS = 8_000
const PATIENCE_MS = 5 * SECOND

/** Stores events and answers when they are safe: committed, or in the journal on disk. */
export class EventIntake {
  readonly #options: EventIntakeOptions
  readonly #listeners = new Set<(rows: readonly EventRow[]) => void>()
  #queue: Waiting[] = []
  #waitingBytes = 0
  #writing = false
  /** Since the database did not take a batch, and until the store says that it does again. */
  #away = false
  #counts = { committed: 0, journaled: 0, refused: 0 }

  constructor(options: EventIntakeOptions) {
    this.#options = options
  }

  get status(): EventIntakeStatus {
    const { committed, journaled, refused } = this.#counts
    return { accepted: committed + journaled, committed, journaled, refused, waitingBytes: this.#waitingBytes }
  }

  /** Tells of rows right after they are safe; returns how to stop. What a listener throws is logged and concerns nobody else. */
  onAccepted(listener: (rows: readonly EventRow[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Resolves when the rows are safe, with those that Postgres refused. Rejects with INGEST_BUSY when too many wait already,
   * with INGEST_UNAVAILABLE when they can neither be stored nor journaled: nobody has promised anything then.
   */
  accept(rows: readonly EventRow[]): Promise<RefusedEvent[]> {
    if (rows.length === 0) return Promise.resolve([])
    let bytes = 0
    for (const row of rows) bytes += eventRowBytes(row)
    const held = this.#waitingBytes + this.#options.store.status.bufferedBytes
    // A request that is larger than all room there is must still be able to pass when nothing else waits.
    if (held > 0 && held + bytes > this.#options.maxBytes) {
      return Promise.reject(
        new ObservabilityError('INGEST_BUSY', 'too many events wait to be stored; send them again later'),
      )
    }
    this.#waitingBytes += bytes
    return new Promise((resolve, reject) => {
      this.#queue.push({ rows, bytes, resolve, reject })
      if (!this.#writing) void this.#writeAll()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#writing) await new Promise(resolve => setTimeout(resolve, 10))
  }

  async #writeAll(): Promise<void> {
    this.#writing = true
    while (this.#queue.length > 0) {
      const batch = this.#take()
      if (this.#isAway()) await this.#journal(batch)
      else await this.#write(batch)
      for (const { bytes } of batch) this.#waitingBytes -= bytes
    }
    this.#writing = false
  }

  #take(): Waiting[] {
    let rows = 0
    let count = 0
    while (
      count < this.#queue.length &&
      (rows === 0 || rows + (this.#queue[count] as Waiting).rows.length <= MAX_BATCH_ROWS)
    ) {
      rows += (this.#queue[count] as Waiting).rows.length
      count++
    }
    return this.#queue.splice(0, count)
  }

  #isAway(): boolean {
    // The store tries on by itself; when it has got rid of everything, the database is back.
    const { lastError, bufferedRows } = this.#options.store.status
    if (this.#away && lastError === null && bufferedRows === 0) this.#away = false
    return this.#away
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const records = recordsOf(batch)
    let timer: NodeJS.Timeout | undefined
    const impatience = new Promise<'slow'>(resolve => {
      timer = setTimeout(() => resolve('slow'), this.#options.patienceMs ?? PATIENCE_MS)
    })
    try {
      const outcome = await Promise.race([this.#options.write(records), impatience])
      if (outcome === 'slow') return await this.#journal(batch)
      this.#counts.committed += records.length - outcome.length
      this.#counts.refused += outcome.length
      const refused = new Map<unknown, string>(outcome.map(({ record, error }) => [record.row, messageOf(error)]))
      for (const { rows, resolve } of batch) {
        const own = refused.size === 0 ? [] : rows.filter(row => refused.has(row))
        resolve(own.map(row => ({ row, message: refused.get(row) ?? '' })))
      }
      this.#announce(batch, refused)
    } catch (error) {
      this.#options.logger.debug({ error: messageOf(error) }, 'events could not be written; they go to the journal')
      this.#away = true
      await this.#journal(batch)
    } finally {
      clearTimeout(timer)
    }
  }

  async #journal(batch: readonly Waiting[]): Promise<void> {
    const { store } = this.#options
    if (store.status.journal?.state === 'open' && !store.isJournalFull) {
      for (const record of recordsOf(batch)) store.add(record)
      if (await store.journaled()) {
        for (const { rows, resolve } of batch) {
          this.#counts.journaled += rows.length
          resolve([])
        }
        this.#announce(batch, NONE)
        return
      }
    }
    const error = new ObservabilityError(
      'INGEST_UNAVAILABLE',
      'the database is away and the journal on disk cannot be used or is full; send the events again later',
    )
    // Whether the database is back is only known by asking it.
    this.#away = store.status.bufferedRows > 0
    for (const { reject } of batch) reject(error)
  }

  #announce(batch: readonly Waiting[], refused: ReadonlyMap<unknown, string>): void {
    for (const listener of this.#listeners) {
      for (const { rows } of batch) {
        try {
          listener(refused.size === 0 ? rows : rows.filter(row => !refused.has(row)))
        } catch (error) {
          this.#options.logger.error({ error: messageOf(error) }, 'telling of stored events failed')
        }
      }
    }
  }
}

const NONE: ReadonlyMap<unknown, string> = new Map()

function recordsOf(batch: readonly Waiting[]): StoreRecord[] {
  return batch.flatMap(({ rows }) => rows.map(row => ({ table: 'events' as const, row })))
}

import { messageOf, ObservabilityError } from '../errors.ts'
import type { EventBuilder } from '../event/event-builder.ts'
import type { EventRow } from '../event/event-row.ts'
import type { Logger } from '../log.ts'
import { SECOND } from '../units.ts'
import { type EncodedEvent, EventEncoder } from './encoded-events.ts'
import type { RecordingStore } from './recording-store.ts'
import type { WriteEvents } from './write-events.ts'

/*
 * Events that somebody waits for, encoded as soon as they come. The states of a batch:
 *
 *   waiting    in memory, behind the writes that are under way. What waits goes into the next write together.
 *   writing    on its way to the database. Committed, its senders are told so: nothing else was needed.
 *   journaled  the database is away or slow: the rows went to the store with the journal, which writes them when it can, and
 *              their senders are told once they are on disk.
 *   refused    neither worked: the senders are told to try again. What got through all the same changes nothing then.
 */

export interface EventIntakeOptions {
  write: WriteEvents
  /** Takes rows over while the database is away. Has a journal, or rows are refused then. */
  store: RecordingStore
  /** Most bytes that wait in memory; beyond, events are refused. */
  maxBytes: number
  logger: Logger
  /** Longest wait for the database before rows go to the journal, in milliseconds. @default 5000 */
  patienceMs?: number
}

/** Why Postgres did not take an event. It is kept in `quarantined_rows`. */
export interface RefusedByPostgres {
  /** Its place among the events that were handed in. */
  index: number
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
  events: readonly EncodedEvent[]
  bytes: number
  resolve: (refused: RefusedByPostgres[]) => void
  reject: (error: unknown) => void
}

// Postgres works on one batch while the next ones are read and encoded. Larger ones would leave one of the two waiting for the
// other: all senders would wait for one batch, and then all be answered at once.
const MAX_BATCH_ROWS = 1_500
// While one write waits for the disk the other goes on; but only few rows are no reason for a second transaction.
const MAX_WRITES = 2
const ENOUGH_ROWS = 500
const PATIENCE_MS = 5 * SECOND
// What an event costs beside its bytes.
const OVERHEAD_BYTES = 400

/** Stores events and answers when they are safe: committed, or in the journal on disk. */
export class EventIntake {
  readonly #options: EventIntakeOptions
  readonly #encoder = new EventEncoder()
  #queue: Waiting[] = []
  #waitingRows = 0
  #waitingBytes = 0
  #writes = 0
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

  /** An event in the form that accept() takes. The builder, or the row, is not kept. */
  encode(event: EventBuilder): EncodedEvent {
    return this.#encoder.encode(event)
  }

  encodeRow(row: EventRow): EncodedEvent {
    return this.#encoder.encodeRow(row)
  }

  /**
   * Resolves when events are safe, with those that Postgres refused. Rejects with INGEST_BUSY when too many wait already,
   * with INGEST_UNAVAILABLE when they can neither be stored nor journaled: nobody has promised anything then.
   */
  accept(events: readonly EncodedEvent[]): Promise<RefusedByPostgres[]> {
    if (events.length === 0) return Promise.resolve([])
    let bytes = 0
    for (const { size } of events) bytes += size + OVERHEAD_BYTES
    const held = this.#waitingBytes + this.#options.store.status.bufferedBytes
    // A request that is larger than all room there is must still be able to pass when nothing else waits.
    if (held > 0 && held + bytes > this.#options.maxBytes) {
      return Promise.reject(
        new ObservabilityError('INGEST_BUSY', 'too many events wait to be stored; send them again later'),
      )
    }
    this.#waitingBytes += bytes
    this.#waitingRows += events.length
    return new Promise((resolve, reject) => {
      this.#queue.push({ events, bytes, resolve, reject })
      if (this.#writes === 0 || (this.#writes < MAX_WRITES && this.#waitingRows >= ENOUGH_ROWS)) void this.#writeAll()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#writes > 0) await new Promise(resolve => setTimeout(resolve, 10))
  }

  async #writeAll(): Promise<void> {
    this.#writes++
    do {
      const batch = this.#take()
      if (this.#isAway()) await this.#journal(batch)
      else await this.#write(batch)
      for (const { bytes } of batch) this.#waitingBytes -= bytes
    } while (this.#queue.length > 0 && (this.#writes === 1 || this.#waitingRows >= ENOUGH_ROWS))
    this.#writes--
  }

  #take(): Waiting[] {
    let rows = 0
    let count = 0
    while (
      count < this.#queue.length &&
      (rows === 0 || rows + (this.#queue[count] as Waiting).events.length <= MAX_BATCH_ROWS)
    ) {
      rows += (this.#queue[count] as Waiting).events.length
      count++
    }
    this.#waitingRows -= rows
    return this.#queue.splice(0, count)
  }

  #isAway(): boolean {
    // The store tries on by itself; when it has got rid of everything, the database is back.
    const { lastError, bufferedRows } = this.#options.store.status
    if (this.#away && lastError === null && bufferedRows === 0) this.#away = false
    return this.#away
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const all = batch.length === 1 ? (batch[0] as Waiting).events : batch.flatMap(({ events }) => events)
    let timer: NodeJS.Timeout | undefined
    const impatience = new Promise<'slow'>(resolve => {
      timer = setTimeout(() => resolve('slow'), this.#options.patienceMs ?? PATIENCE_MS)
    })
    try {
      const outcome = await Promise.race([this.#options.write(all), impatience])
      if (outcome === 'slow') return await this.#journal(batch)
      this.#counts.committed += all.length - outcome.length
      this.#counts.refused += outcome.length
      const messages = new Map(outcome.map(({ event, message }) => [event, message]))
      for (const { events, resolve } of batch) {
        resolve(
          messages.size === 0
            ? []
            : events.flatMap((event, index) => {
                const message = messages.get(event)
                return message === undefined ? [] : [{ index, message }]
              }),
        )
      }
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
      for (const { events } of batch) for (const event of events) store.add({ table: 'events', row: event.toRow() })
      if (await store.journaled()) {
        for (const { events, resolve } of batch) {
          this.#counts.journaled += events.length
          resolve([])
        }
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
}

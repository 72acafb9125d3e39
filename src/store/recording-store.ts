import { Flusher, type FlusherOptions, type FlusherStatus } from '../buffer/flusher.ts'
import { Journal } from '../buffer/journal/journal.ts'
import type { JournalDrops, JournalOptions, JournalStatus } from '../buffer/journal/journal-options.ts'
import { type Entry, oldestOf, RowBuffer, type RowBufferLimits } from '../buffer/row-buffer.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Emitted } from '../record/work.ts'
import { Pack } from './pack.ts'
import type { Packer } from './packer.ts'
import { recordCodec } from './record-codec.ts'
import { type Held, recordBytes, recordKey, type StoreRecord, snapshot } from './store-record.ts'
import { WorkBuffer } from './work-buffer.ts'
import type { WriteBatch } from './write-batch.ts'

export interface StoreStatus extends FlusherStatus {
  recorded: number
  bufferedRows: number
  bufferedBytes: number
  /** Age of the oldest record that is not stored yet, in milliseconds; 0 when all are. */
  lag: number
  /** Rows that Postgres refused and that wait in `quarantined_rows`. */
  quarantined: number
  /** Null without a journal. */
  journal: JournalStatus | null
  /**
   * Rows lost, by reason: no room in memory; refused by its table and by `quarantined_rows` too, or not to be made; what the journal gave up,
   * of `journalDetailFields` only their long values.
   */
  dropped: { bufferFull: number; refused: number } & JournalDrops
}

export interface StoreOptions extends FlusherOptions, RowBufferLimits {
  /** Keep a copy on local disk until rows are committed. */
  journal?: Pick<JournalOptions<Held>, 'directory' | 'maxBytes' | 'fsync' | 'files'> | null
  /** Makes packs of ended work, when the writer takes such. */
  packer?: Packer | null
}

// Rows that come back from disk at a time.
const READ_BACK_ROWS = 500
const NO_DROPS: JournalDrops = { journalDetailRows: 0, journalDetailFields: 0, journalRows: 0, journalFailed: 0 }

/** Takes records without waiting and brings them to the database: buffer, batches, retries, and a count of every loss. */
export class RecordingStore {
  readonly #buffer: RowBuffer<Held>
  /** The same buffer, when it makes packs. */
  readonly #workBuffer: WorkBuffer | null
  readonly #flusher: Flusher<Held>
  readonly #journal: Journal<Held> | null
  readonly #logger: Logger
  readonly #journalMaxBytes: number
  #recorded = 0
  #quarantined = 0
  #refused = 0
  /** Work of which no row could be made. */
  #unmade = 0
  #failing = false
  #readingBack = false
  /** The batch that is on its way. */
  #writing: Entry<Held>[] = []

  constructor(write: WriteBatch, logger: Logger, options: StoreOptions) {
    this.#logger = logger
    const { journal } = options
    this.#journal = journal ? this.#createJournal(journal) : null
    this.#journalMaxBytes = journal?.maxBytes ?? 0
    const { packer = null } = options
    this.#workBuffer =
      packer && new WorkBuffer(options, packer, (work, error) => this.#lost(work, error), this.#journal)
    this.#buffer = this.#workBuffer ?? new RowBuffer<Held>(options, entry => this.#journal?.spilled(entry) ?? false)
    this.#flusher = new Flusher(
      this.#buffer,
      async batch => {
        this.#writing = batch
        const packs: Pack[] = []
        const records: StoreRecord[] = []
        for (const { row } of batch) {
          if (row instanceof Pack) packs.push(row)
          else records.push(snapshot(row))
        }
        const refused = await write(records, { packs }).finally(() => {
          this.#writing = []
        })
        for (const { record, error, quarantined } of refused) {
          if (quarantined) this.#quarantined++
          else this.#refused++
          this.#logger.error(
            { table: record.table, id: record.row.id, error: messageOf(error) },
            quarantined
              ? 'Postgres refused a row; it is in quarantined_rows'
              : 'Postgres refused a row, also in quarantined_rows; it is given up and counted',
          )
        }
        if (this.#failing) this.#logger.info({}, 'the observability database is back; recording goes on')
        this.#failing = false
        this.#journal?.committed(batch)
        // Its bytes are used again: nobody else reads them now.
        for (const pack of packs) packer?.stored(pack)
        void this.#readBack()
      },
      error => this.#failed(error),
      options,
    )
  }

  get status(): StoreStatus {
    return {
      ...this.#flusher.status,
      written: this.#flusher.status.written - this.#quarantined - this.#refused,
      recorded: this.#recorded,
      bufferedRows: this.#buffer.rows,
      bufferedBytes: this.#buffer.bytes,
      lag: this.#lag(),
      quarantined: this.#quarantined,
      journal: this.#journal?.status ?? null,
      dropped: {
        bufferFull: this.#buffer.dropped,
        refused: this.#refused + this.#unmade,
        ...(this.#journal?.drops ?? NO_DROPS),
      },
    }
  }

  /** Takes a row, or work that has changed. */
  add(record: StoreRecord | Emitted): void {
    this.#recorded++
    if (this.#workBuffer !== null && 'changed' in record) {
      const waits = record.changed
      this.#workBuffer.changed(record)
      // The flusher knows of it.
      if (waits) return
    } else {
      const entry = { key: recordKey(record), row: record, bytes: recordBytes(record) }
      this.#journal?.append(entry)
      this.#buffer.put(entry)
      this.#journal?.touch()
    }
    this.#flusher.rowAdded()
  }

  /** See Flusher.flush: never rejects, and waits no longer than `deadlineMs`. */
  async flush(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>(resolve => {
      timer = setTimeout(resolve, deadlineMs)
    })
    await Promise.race([this.#flusher.flush(), deadline])
    clearTimeout(timer)
  }

  /** Whether the journal is so full that it will soon have to give up rows. */
  get isJournalFull(): boolean {
    return this.#journal !== null && this.#journal.status.bytes > this.#journalMaxBytes * 0.9
  }

  /** Resolves when all that was added before is in the journal; with false when there is none, or it cannot be written. */
  journaled(): Promise<boolean> {
    return this.#journal?.settled() ?? Promise.resolve(false)
  }

  start(): void {
    this.#flusher.start()
    void this.#journal?.start().then(() => this.#readBack())
  }

  /** Writes no more. With a journal, resolves when what is not committed is on disk for the next start. */
  async stop(): Promise<void> {
    this.#flusher.stop()
    await this.#journal?.stop()
  }

  // Rows that wait on disk only, of this process or of one that is gone, come back as the database takes them.
  async #readBack(): Promise<void> {
    const journal = this.#journal
    if (!journal || this.#readingBack) return
    this.#readingBack = true
    while (journal.hasWaiting && this.#buffer.hasRoom && !this.#failing && journal.status.state !== 'closed') {
      await journal.readBack(READ_BACK_ROWS, entry => {
        this.#buffer.put(entry)
        this.#flusher.rowAdded()
      })
    }
    this.#readingBack = false
  }

  #lag(): number {
    const oldest = Math.min(oldestOf(this.#writing), this.#buffer.oldest)
    const onDisk = Date.now() - (this.#journal?.waitingSinceMs ?? Number.POSITIVE_INFINITY)
    return Math.max(0, Math.round(performance.now() - oldest), onDisk)
  }

  #createJournal(options: NonNullable<StoreOptions['journal']>): Journal<Held> {
    return new Journal({
      ...options,
      codec: recordCodec,
      collect: all => this.#workBuffer?.collect(all) ?? false,
      onFailure: error =>
        this.#logger.warn(
          { error: messageOf(error), journalDir: options.directory },
          'the journal cannot be used; recording goes on in memory, and the journal is tried again',
        ),
      onRecovered: () => this.#logger.info({}, 'the journal works again'),
    })
  }

  #lost({ table, id }: Emitted & { id: string }, error: unknown): void {
    this.#unmade++
    this.#logger.error(
      { table, id, error: messageOf(error) },
      'no row could be made of work; it is given up and counted',
    )
  }

  // Once per burst: an outage is one event, however many tries it spans.
  #failed(error: unknown): void {
    if (this.#failing) return
    this.#failing = true
    this.#logger.warn(
      { error: messageOf(error), bufferedRows: this.#buffer.rows },
      'cannot write to the observability database; rows are kept in memory and tried again',
    )
  }
}

import { Flusher, type FlusherOptions, type FlusherStatus } from '../buffer/flusher.ts'
import { RowBuffer, type RowBufferLimits } from '../buffer/row-buffer.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Recorded } from '../record/records.ts'
import { rowBytes } from '../record/row-size.ts'
import type { WriteBatch } from './write-batch.ts'

export interface StoreStatus extends FlusherStatus {
  recorded: number
  bufferedRows: number
  bufferedBytes: number
  /** Rows that Postgres refused and that wait in `quarantined_rows`. */
  quarantined: number
  /** Rows lost, by reason: no room in memory; refused by its table and by `quarantined_rows` too. */
  dropped: { bufferFull: number; refused: number }
}

/** Takes records without waiting and brings them to the database: buffer, batches, retries, and a count of every loss. */
export class RecordingStore {
  readonly #buffer: RowBuffer<Recorded>
  readonly #flusher: Flusher<Recorded>
  readonly #logger: Logger
  #recorded = 0
  #quarantined = 0
  #refused = 0
  #failing = false

  constructor(write: WriteBatch, logger: Logger, options: FlusherOptions & RowBufferLimits) {
    this.#logger = logger
    this.#buffer = new RowBuffer(options)
    this.#flusher = new Flusher(
      this.#buffer,
      async batch => {
        const refused = await write(batch.map(entry => entry.row))
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
      quarantined: this.#quarantined,
      dropped: { bufferFull: this.#buffer.dropped, refused: this.#refused },
    }
  }

  add(record: Recorded): void {
    this.#recorded++
    this.#buffer.put({ key: record.row.id, row: record, bytes: rowBytes(record) })
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

  start(): void {
    this.#flusher.start()
  }

  stop(): void {
    this.#flusher.stop()
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

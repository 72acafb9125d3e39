import { type BinaryColumn, BinaryEncoder, NotBinaryError } from '../db/copy-binary.ts'
import type { EventRow } from '../event/event-row.ts'
import type { OpenEvent } from '../record/open-event.ts'
import type { OpenInvocation } from '../record/open-invocation.ts'
import type { OpenJob } from '../record/open-job.ts'
import type { Row } from './copy.ts'
import { Pack, type PackPart } from './pack.ts'
import type { StoredChanges } from './stored-changes.ts'
import { COLUMNS, type TableName } from './tables.ts'
import { columnsOf, EVENT_COLUMNS, EventWriter, JOB_COLUMNS, JobWriter } from './work-writer.ts'

const BUFFER_BYTES = 72 * 1_024
/** A pack ends when a buffer is about full: packs are given up as a whole when memory is full, so they are small. */
const FULL_BYTES = 64 * 1_024
const MAX_FREE_BUFFERS = 32
// RFC 9562: the version is the first digit of the third group.
const VERSION_AT = 14

const INVOCATION_COLUMNS = columnsOf('invocations', Object.keys(COLUMNS.invocations))

/** Turns ended work, which was never written, into packs. */
export class Packer {
  readonly #changes: StoredChanges
  #maxRows = Number.POSITIVE_INFINITY
  /** Buffers of packs that are stored: making one costs more than filling it. */
  readonly #free: Buffer[] = []
  readonly #invocations = new BinaryEncoder(INVOCATION_COLUMNS, Buffer.allocUnsafeSlow(BUFFER_BYTES))
  readonly #events = new EventWriter(Buffer.allocUnsafeSlow(BUFFER_BYTES))
  readonly #jobs = new JobWriter(Buffer.allocUnsafeSlow(BUFFER_BYTES))
  /** All row changes have the same columns. */
  #changeColumns: readonly BinaryColumn[] = []
  #changeRows: BinaryEncoder | null = null
  #made: { key: string; atMs: number }[] = []
  #rows = 0

  constructor(changes: StoredChanges) {
    this.#changes = changes
  }

  /** A pack ends with about so many rows. */
  set maxRows(rows: number) {
    this.#maxRows = Math.max(1, rows)
  }

  /** Of what is not sealed yet. */
  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.#invocations.at + this.#events.at + this.#jobs.at + (this.#changeRows?.at ?? 0)
  }

  get isFull(): boolean {
    return (
      this.#rows >= this.#maxRows ||
      this.#events.at >= FULL_BYTES ||
      this.#invocations.at >= FULL_BYTES ||
      this.#jobs.at >= FULL_BYTES ||
      (this.#changeRows?.at ?? 0) >= FULL_BYTES
    )
  }

  /** False when the work has to take the way of all other rows. */
  add(work: OpenInvocation | OpenEvent | OpenJob): boolean {
    switch (work.table) {
      case 'invocations':
        return this.#addInvocation(work)
      case 'event_executions':
        return this.#count(this.#events.write(work))
      case 'job_executions':
        return this.#count(this.#jobs.write(work))
      default:
        return work satisfies never
    }
  }

  /** Ends the pack; null when nothing is in it. */
  seal(): Pack | null {
    if (this.#rows === 0) return null
    const parts: PackPart[] = []
    this.#take(parts, 'invocations', INVOCATION_COLUMNS, this.#invocations)
    this.#take(parts, 'event_executions', EVENT_COLUMNS, this.#events)
    this.#take(parts, 'job_executions', JOB_COLUMNS, this.#jobs)
    if (this.#changeRows) this.#take(parts, 'events', this.#changeColumns, this.#changeRows)
    const pack = new Pack(parts, this.#rows, this.#made)
    this.#rows = 0
    this.#made = []
    return pack
  }

  /** To be called when a pack is stored: nobody reads its bytes any more. */
  stored(pack: Pack): void {
    for (const { bytes } of pack.parts) {
      if (bytes.buffer.byteLength !== BUFFER_BYTES || this.#free.length === MAX_FREE_BUFFERS) continue
      this.#free.push(Buffer.from(bytes.buffer as ArrayBuffer))
    }
  }

  /** To be called when a pack is given up: its row changes may come again. */
  dropped(pack: Pack): void {
    for (const { key } of pack.changes) this.#changes.forget(key)
  }

  #addInvocation({ row }: OpenInvocation): boolean {
    // Ids of other versions come from a caller, who may hand in the same one twice.
    if (row.id[VERSION_AT] !== '7' || !this.#count(written(this.#invocations, row as object as Row))) return false
    const change = this.#changes.changeOf(row, NONE)
    // It comes besides what is recorded, and is not counted.
    if (change !== null && written(this.#writerOfChanges(change), change as object as Row)) {
      const key = row.source_event_id as string
      this.#changes.add(key)
      this.#made.push({ key, atMs: Date.parse(change.timestamp) })
    }
    return true
  }

  #writerOfChanges(change: EventRow): BinaryEncoder {
    if (this.#changeRows === null) {
      this.#changeColumns = columnsOf('events', Object.keys(change))
      this.#changeRows = new BinaryEncoder(this.#changeColumns, this.#buffer())
    }
    return this.#changeRows
  }

  #count(added: boolean): boolean {
    if (added) this.#rows++
    return added
  }

  #take(
    parts: PackPart[],
    table: TableName,
    columns: readonly BinaryColumn[],
    writer: { at: number; bytes: Buffer; take(next: Buffer): Uint8Array },
  ): void {
    if (writer.at === 0) return
    // A buffer that is mostly empty would be kept for as long as the database is away.
    const sparse = writer.at < BUFFER_BYTES / 2
    const { bytes: buffer } = writer
    const bytes = writer.take(sparse && buffer.length === BUFFER_BYTES ? buffer : this.#buffer())
    parts.push({ table, columns, bytes: sparse ? Buffer.from(bytes) : bytes })
  }

  #buffer(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
  }
}

const NONE: ReadonlySet<string> = new Set()

function written(writer: BinaryEncoder, row: Row): boolean {
  const { size } = writer
  try {
    writer.row(row)
    return true
  } catch (error) {
    if (!(error instanceof NotBinaryError)) throw error
    writer.rewind(size)
    return false
  }
}

import type { BinaryColumn } from '../db/copy-binary.ts'
import type { OpenEvent } from '../record/open-event.ts'
import type { OpenInvocation } from '../record/open-invocation.ts'
import type { OpenJob } from '../record/open-job.ts'
import { CHANGE_COLUMNS, ChangeWriter } from './change-writer.ts'
import { INVOCATION_COLUMNS, InvocationWriter } from './invocation-writer.ts'
import { Pack, type PackPart } from './pack.ts'
import type { StoredChanges } from './stored-changes.ts'
import type { TableName } from './tables.ts'
import { EVENT_COLUMNS, EventWriter, JOB_COLUMNS, JobWriter, type WorkWriter } from './work-writer.ts'

const BUFFER_BYTES = 72 * 1_024
/** A pack ends when a buffer is about full: packs are given up as a whole when memory is full, so they are small. */
const FULL_BYTES = 64 * 1_024
const MAX_FREE_BUFFERS = 32
// RFC 9562: the version is the first digit of the third group.
const VERSION_AT = 14

/** Turns ended work, which was never written, into packs. */
export class Packer {
  readonly #changes: StoredChanges
  #maxRows = Number.POSITIVE_INFINITY
  /** Buffers of packs that are stored: making one costs more than filling it. */
  readonly #free: Buffer[] = []
  readonly #invocations = new InvocationWriter(Buffer.allocUnsafeSlow(BUFFER_BYTES))
  readonly #events = new EventWriter(Buffer.allocUnsafeSlow(BUFFER_BYTES), this.#invocations)
  readonly #jobs = new JobWriter(Buffer.allocUnsafeSlow(BUFFER_BYTES), this.#invocations)
  readonly #changeRows = new ChangeWriter(Buffer.allocUnsafeSlow(BUFFER_BYTES))
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
    return this.#invocations.at + this.#events.at + this.#jobs.at + this.#changeRows.at
  }

  get isFull(): boolean {
    return (
      this.#rows >= this.#maxRows ||
      this.#events.at >= FULL_BYTES ||
      this.#invocations.at >= FULL_BYTES ||
      this.#jobs.at >= FULL_BYTES ||
      this.#changeRows.at >= FULL_BYTES
    )
  }

  /** False when the work has to take the way of all other rows. When it throws, nothing of the work is in the pack. */
  add(work: OpenInvocation | OpenEvent | OpenJob): boolean {
    const rows = this.#rows
    const { at: invocationsAt } = this.#invocations
    const { at: eventsAt } = this.#events
    const { at: jobsAt } = this.#jobs
    const { at: changesAt } = this.#changeRows
    try {
      return this.#add(work)
    } catch (error) {
      this.#rows = rows
      this.#invocations.rewind(invocationsAt)
      this.#events.rewind(eventsAt)
      this.#jobs.rewind(jobsAt)
      this.#changeRows.rewind(changesAt)
      throw error
    }
  }

  #add(work: OpenInvocation | OpenEvent | OpenJob): boolean {
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
    this.#take(parts, 'events', CHANGE_COLUMNS, this.#changeRows)
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

  #addInvocation(invocation: OpenInvocation): boolean {
    // Ids of other versions come from a caller, who may hand in the same one twice.
    if (invocation.id[VERSION_AT] !== '7' || !this.#count(this.#invocations.write(invocation))) return false
    const { eventId: key } = invocation.source
    if (key === null || this.#changes.has(key)) return true
    // It comes besides what is recorded, and is not counted.
    const atMs = this.#changeRows.write(invocation, this.#invocations)
    if (atMs !== null) {
      this.#changes.add(key)
      this.#made.push({ key, atMs })
    }
    return true
  }

  #count(added: boolean): boolean {
    if (added) this.#rows++
    return added
  }

  #take(parts: PackPart[], table: TableName, columns: readonly BinaryColumn[], writer: WorkWriter): void {
    if (writer.at === 0) return
    const { bytes: buffer } = writer
    // A buffer that is mostly empty would be kept for as long as the database is away. One that grew for a large text often is.
    const sparse = writer.at < buffer.length / 2
    const bytes = writer.take(sparse && buffer.length === BUFFER_BYTES ? buffer : this.#buffer())
    // Not Buffer.from(): that may lie in the pool that the application's buffers lie in, too, and ours are written again.
    parts.push({ table, columns, bytes: sparse ? new Uint8Array(bytes) : bytes })
  }

  #buffer(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
  }
}

import type { Journal } from '../buffer/journal/journal.ts'
import { type Entry, RowBuffer, type RowBufferLimits } from '../buffer/row-buffer.ts'
import type { OpenInvocation } from '../record/open-invocation.ts'
import type { Emitted } from '../record/work.ts'
import { Pack } from './pack.ts'
import type { Packer } from './packer.ts'
import { type Held, recordBytes, type StoreRecord } from './store-record.ts'

/*
 * The ways of work through memory:
 *
 *   changed   it was emitted, and its invocation is in a list of those with changes. Nothing was copied yet.
 *   packed    it is over, and never was taken before: it is in a pack, as the bytes that go to the database. An invocation that
 *             has ended takes all its work there in the next turn, and this is the way of most.
 *   a row     it still runs and is to be seen meanwhile, or something of it was taken before, or no pack can hold it: a row is
 *             made of it, which may have to be written over an earlier one.
 *
 * With a journal, packs and rows go there as they are made. Work that has changed and is not over when the journal has written
 * once goes there as a row, which is kept in case it is wanted here as well; the pack that the work ends in replaces it.
 */

// What a row that is not made yet may take.
const CHANGE_BYTES = 700
const MAX_PACK_ROWS = 1_000
/** More ended invocations do not wait for the event loop's next turn. */
const MAX_ENDED = 16
// Between two questions of the journal, in milliseconds; it asks every 6 where nothing keeps it from that.
const MAX_COLLECT_INTERVAL_MS = 10
// Packs that a full memory can tell apart.
const MIN_PACKS = 16

type Changed = Exclude<Emitted, { table: 'events' }>

/** A buffer that keeps work as it is for as long as it changes, and in packs when it is over. */
export class WorkBuffer extends RowBuffer<Held> {
  readonly #packer: Packer
  readonly #journal: Journal<Held> | null
  readonly #lost: (work: Changed, error: unknown) => void
  readonly #maxRows: number
  readonly #changed: OpenInvocation[] = []
  /** Those of them that have ended since the event loop's last turn. */
  readonly #ended: OpenInvocation[] = []
  #changes = 0
  #packs = 0
  #packedSince = 0
  /** Invocations that have changed since the journal asked for the last time, and those since the time before. */
  #recent = new Set<OpenInvocation>()
  #former = new Set<OpenInvocation>()
  /** Changed work that the journal has as a row; null when it has an older version of it. */
  readonly #journaled = new Map<Changed, Entry<Held> | null>()
  #collectedAt = 0
  /** Of the pack that is being made. */
  #replaces: string[] = []

  /** `lost` hears of work that cannot be made into a row. That is a defect of ours, which must not reach the event loop. */
  constructor(
    limits: RowBufferLimits,
    packer: Packer,
    lost: (work: Changed, error: unknown) => void,
    journal: Journal<Held> | null = null,
  ) {
    super(limits, entry => {
      // A journal has rows without their row changes, which come again with them.
      if (entry.row instanceof Pack) packer.dropped(entry.row)
      return journal?.spilled(entry) ?? false
    })
    this.#packer = packer
    this.#journal = journal
    this.#lost = lost
    this.#maxRows = limits.maxRows
    packer.maxRows = Math.min(MAX_PACK_ROWS, Math.floor(limits.maxRows / MIN_PACKS))
  }

  override get rows(): number {
    return super.rows + this.#packer.rows + this.#changes
  }

  override get bytes(): number {
    return super.bytes + this.#packer.bytes + (this.#changes + this.#journaled.size) * CHANGE_BYTES
  }

  override get oldest(): number {
    let oldest = Math.min(super.oldest, this.#packer.rows > 0 ? this.#packedSince : Number.POSITIVE_INFINITY)
    for (const { changedSince } of this.#changed) if (changedSince < oldest) oldest = changedSince
    return oldest
  }

  /** Takes work that has changed. */
  changed(work: Changed): void {
    const { invocation } = work
    if (!work.changed) {
      work.changed = true
      this.#changes++
      if (invocation.place < 0) {
        invocation.place = this.#changed.length
        invocation.changedSince = Math.floor(performance.now())
        this.#changed.push(invocation)
      }
      invocation.changes.push(work)
    } else if (this.#journaled.size > 0 && this.#journaled.has(work)) {
      this.#journaled.set(work, null)
    }
    if (work === invocation && invocation.isOver) {
      // Not in the hook: it returns first.
      if (this.#ended.length === 0) setImmediate(this.#gatherEnded)
      this.#ended.push(invocation)
      // Where the event loop does not turn, they would grow old, and what is young is collected for nothing.
      if (this.#ended.length === MAX_ENDED) queueMicrotask(this.#gatherEnded)
    } else if (this.#changes * MIN_PACKS > this.#maxRows && this.rows > this.#maxRows) {
      // Memory is full, and nobody takes rows.
      this.#gatherAll(Number.POSITIVE_INFINITY)
    }
    if (this.#journal !== null) {
      this.#recent.add(invocation)
      // It may ask for all of it in this moment, when everything is in its place. When it is closed nobody asks.
      if (!this.#journal.touch()) this.#recent.clear()
    }
  }

  /** What JournalOptions.collect is to do. */
  collect(all: boolean): boolean {
    this.#gatherEnded()
    this.#seal()
    for (const invocation of this.#former) this.#journalOpen(invocation)
    this.#former.clear()
    // Where writes are slow, or timers late, the next one would come too late for what has changed by now.
    const isLate = performance.now() - this.#collectedAt > MAX_COLLECT_INTERVAL_MS
    this.#collectedAt = performance.now()
    if (all || isLate) for (const invocation of this.#recent) this.#journalOpen(invocation)
    const empty = this.#former
    this.#former = this.#recent
    this.#recent = empty
    return this.#former.size > 0
  }

  override take(maxRows: number, before = Number.POSITIVE_INFINITY): Entry<Held>[] {
    // What has ended comes before what is made of the rest: parents before children.
    this.#gatherEnded()
    this.#seal()
    this.#gatherAll(before)
    this.#seal()
    const batch = super.take(maxRows, before)
    if (batch.length > 0 || this.#changes === 0) return batch
    // All of it came after `before`.
    this.#gatherAll(Number.POSITIVE_INFINITY)
    this.#seal()
    return super.take(maxRows)
  }

  readonly #gatherEnded = (): void => {
    for (const invocation of this.#ended) {
      // A job may run on after a timeout. Perhaps it ends soon; else it is gathered with what runs.
      if (invocation.place >= 0 && invocation.changes.every(work => work.isOver)) this.#gather(invocation)
    }
    this.#ended.length = 0
  }

  #gatherAll(before: number): void {
    for (let place = this.#changed.length - 1; place >= 0; place--) {
      const invocation = this.#changed[place] as OpenInvocation
      if (invocation.changedSince <= before) this.#gather(invocation)
    }
  }

  #gather(invocation: OpenInvocation): void {
    const last = this.#changed.pop() as OpenInvocation
    if (last !== invocation) {
      this.#changed[invocation.place] = last
      last.place = invocation.place
    }
    invocation.place = -1
    if (this.#packer.rows === 0) this.#packedSince = invocation.changedSince
    const { changes } = invocation
    for (const work of changes as Changed[]) {
      try {
        this.#takeWork(work, invocation.changedSince)
      } catch (error) {
        this.#lost(work, error)
      }
    }
    this.#changes -= changes.length
    changes.length = 0
    if (this.#packer.isFull) this.#seal()
  }

  #takeWork(work: Changed, since: number): void {
    work.changed = false
    const again = work.taken
    work.taken = true
    const journaled = this.#journaled.size > 0 ? this.#journaled.get(work) : undefined
    if (journaled !== undefined) this.#journaled.delete(work)
    if (!again && work.isOver && this.#packer.add(work)) {
      if (journaled !== undefined) this.#replaces.push(work.id)
      return
    }
    const entry = journaled ?? entryOf(work)
    if (again) entry.row = { ...(entry.row as StoreRecord), again }
    entry.since = since
    if (journaled) this.put(entry)
    else this.#record(entry)
  }

  #journalOpen(invocation: OpenInvocation): void {
    if (invocation.place < 0) return
    for (const work of invocation.changes as Changed[]) {
      if (this.#journaled.get(work)) continue
      try {
        const entry = entryOf(work)
        this.#journaled.set(work, entry)
        this.#journal?.append(entry)
      } catch {
        // Told when it is taken.
      }
    }
  }

  // Puts a row or a pack, which the journal gets as well.
  #record(entry: Entry<Held>): void {
    this.#journal?.append(entry)
    this.put(entry)
  }

  #seal(): void {
    const pack = this.#packer.seal()
    if (pack === null) return
    const { rows, bytes } = pack
    const entry = { key: `pack-${this.#packs++}`, row: pack, rows, bytes, since: this.#packedSince, isSettled: true }
    if (this.#replaces.length === 0) {
      this.#record(entry)
      return
    }
    this.#record({ ...entry, replaces: this.#replaces })
    this.#replaces = []
  }
}

function entryOf(work: Changed): Entry<Held> {
  const record = { table: work.table, row: work.row } as StoreRecord
  return { key: work.id, row: record, bytes: recordBytes(record) }
}

import { type Entry, rowsOf } from '../row-buffer.ts'
import type { JournalCodec } from './codec.ts'
import type { ReadEntry } from './read-segment.ts'
import type { Segment } from './segment.ts'

/** Where each row is: the states on top of journal.ts. Knows nothing of files. */
export class JournalRows<Row> {
  readonly #version: JournalCodec<Row>['version']
  readonly #home = new Map<string, { entry: Entry<Row>; segment: Segment }>()
  #pending = new Map<string, Entry<Row>>()
  #writing = new Map<string, Entry<Row>>()
  /** Rows that memory gave up before their line was written. */
  readonly #spilledEarly = new Set<Entry<Row>>()
  /** Rows of which the journal has a newer version. One may still be on its way to the database, and come back. */
  readonly #outdated = new WeakSet<Entry<Row>>()

  constructor(version: JournalCodec<Row>['version']) {
    this.#version = version
  }

  get pending(): number {
    return this.#pending.size
  }

  get writing(): number {
    return this.#writing.size
  }

  /** What no segment has yet, the oldest first. */
  unwritten(): Entry<Row>[] {
    return [...this.#writing.values(), ...this.#pending.values()]
  }

  append(entry: Entry<Row>): void {
    for (const key of keysOf(entry)) {
      const older = this.#pending.get(key)
      if (!older) {
        const onItsWay = this.#writing.get(key)
        if (onItsWay) this.#outdated.add(onItsWay)
        continue
      }
      this.#spilledEarly.delete(older)
      this.#outdated.add(older)
      if (key !== entry.key) this.#pending.delete(key)
    }
    this.#pending.set(entry.key, entry)
  }

  committed(batch: readonly Entry<Row>[]): void {
    for (const entry of batch) {
      const unwritten = takeExactly(this.#pending, entry) || takeExactly(this.#writing, entry)
      // Of what was not written yet there are older versions only; else what is in a segment may be a newer one.
      if (unwritten) for (const key of keysOf(entry)) this.#leaveReplaced(key)
      else if (this.#home.get(entry.key)?.entry === entry) this.#leaveOlder(entry.key)
    }
  }

  /** Memory gives a row up; true when it is or, as `willBeWritten` says, will be in a segment. */
  spilled(entry: Entry<Row>, willBeWritten: boolean): boolean {
    const unwritten = this.#pending.get(entry.key) === entry || this.#writing.get(entry.key) === entry
    if (unwritten && willBeWritten) {
      this.#spilledEarly.add(entry)
      return true
    }
    if (this.#outdated.has(entry)) return true
    takeExactly(this.#pending, entry)
    takeExactly(this.#writing, entry)
    // Older versions are better than none.
    for (const key of keysOf(entry)) {
      const onItsWay = this.#writing.get(key)
      if (onItsWay) this.#spilledEarly.add(onItsWay)
    }
    for (const key of entry.replaces ?? []) this.#leaveHome(key)
    return this.#leaveHome(entry.key) === entry
  }

  /** The oldest pending rows, which are being written from now on. */
  beginWriting(maxRows: number): Entry<Row>[] {
    const batch = takeFirst(this.#pending, maxRows)
    this.#writing = new Map(batch.map(entry => [entry.key, entry]))
    return batch
  }

  endWriting(): void {
    this.#writing = new Map()
  }

  /** All pending rows, for a write that is over when this turn is. */
  allPending(): Entry<Row>[] {
    return [...this.#pending.values()]
  }

  /** The rows of allPending() are in a segment, while others may still be on their way. */
  storedAtOnce(segment: Segment, batch: readonly Entry<Row>[]): void {
    this.#pending.clear()
    // Older versions that are on their way at this moment are worth nothing any more.
    for (const key of batch.flatMap(keysOf)) {
      const older = this.#writing.get(key)
      if (!older) continue
      this.#spilledEarly.delete(older)
      this.#outdated.add(older)
      this.#writing.delete(key)
    }
    const writing = this.#writing
    this.#writing = new Map(batch.map(entry => [entry.key, entry]))
    this.stored(segment, batch)
    this.#writing = writing
  }

  /** The rows of beginWriting() are in a segment. */
  stored(segment: Segment, batch: readonly Entry<Row>[]): void {
    for (const entry of batch) {
      const { key } = entry
      const current = this.#writing.get(key) === entry
      if (current) {
        for (const each of keysOf(entry)) {
          this.#leaveOlder(each)
          // An older version in this file is done, but this one has the same key.
          segment.done.delete(each)
        }
      }
      if (this.#spilledEarly.delete(entry)) {
        segment.spilled = true
        segment.done.delete(key)
      } else if (current) {
        this.#home.set(key, { entry, segment })
        segment.live++
        segment.done.delete(key)
      } else if (!this.#home.has(key) && !this.#outdated.has(entry)) {
        // Committed while it was on its way. What was overtaken by a newer version says nothing about that one.
        segment.done.add(key)
      }
    }
  }

  /**
   * Rows that could not be written are tried again, unless memory has given them up meanwhile: those are lost. Returns how
   * many.
   */
  takeBack(batch: readonly Entry<Row>[]): number {
    let lost = 0
    for (const entry of batch) {
      if (this.#spilledEarly.delete(entry)) lost += this.#lose(entry)
      else if (this.#writing.get(entry.key) === entry && !this.#outdated.has(entry)) this.#pending.set(entry.key, entry)
    }
    for (const entry of this.#pending.values()) {
      if (!this.#spilledEarly.delete(entry)) continue
      this.#pending.delete(entry.key)
      lost += this.#lose(entry)
    }
    return lost
  }

  /** A row that was read from a segment comes into memory; false when something newer is known, or it is done. */
  bringHome(entry: ReadEntry<Row>, segment: Segment): boolean {
    if (segment.done.has(entry.key) || this.#hasAsNew(entry) || this.#hasBlock(entry)) return false
    this.#leaveOlder(entry.key)
    this.#home.set(entry.key, { entry, segment })
    segment.live++
    return true
  }

  /** A segment no longer has a row. */
  forget(segment: Segment, key: string): void {
    if (this.#home.get(key)?.segment !== segment) return
    this.#home.delete(key)
    segment.live--
  }

  /** Whether memory holds the row, or the block that it was read from. */
  isKnown(entry: ReadEntry<Row>): boolean {
    return this.#isKnown(entry.key) || this.#hasBlock(entry)
  }

  #hasBlock({ block }: ReadEntry<Row>): boolean {
    return block !== undefined && this.#isKnown(block)
  }

  #isKnown(key: string): boolean {
    return this.#home.has(key) || this.#pending.has(key) || this.#writing.has(key)
  }

  /** What the database has a newer version of is worth nothing any more, wherever it is. */
  #leaveReplaced(key: string): void {
    this.#leaveOlder(key)
    const onItsWay = this.#writing.get(key)
    if (onItsWay === undefined) return
    this.#writing.delete(key)
    this.#outdated.add(onItsWay)
  }

  #leaveOlder(key: string): void {
    const older = this.#home.get(key)
    if (!older) return
    this.#home.delete(key)
    this.#outdated.add(older.entry)
    older.segment.live--
    older.segment.done.add(key)
  }

  /** Leaves the newest version that is on disk to be read back. */
  #leaveHome(key: string): Entry<Row> | null {
    const home = this.#home.get(key)
    if (!home) return null
    this.#home.delete(key)
    home.segment.live--
    home.segment.spilled = true
    return home.entry
  }

  #lose(entry: Entry<Row>): number {
    if (this.#pending.has(entry.key)) return 0 // A newer version is still here.
    for (const key of keysOf(entry)) this.#leaveHome(key)
    return rowsOf(entry)
  }

  #hasAsNew({ key, row }: Entry<Row>): boolean {
    const known = this.#pending.get(key) ?? this.#writing.get(key) ?? this.#home.get(key)?.entry
    return known !== undefined && this.#version(known.row) >= this.#version(row)
  }
}

/** Its own, and those that it replaces. */
function keysOf<Row>({ key, replaces }: Entry<Row>): readonly string[] {
  return replaces === undefined ? [key] : [key, ...replaces]
}

function takeExactly<Row>(entries: Map<string, Entry<Row>>, entry: Entry<Row>): boolean {
  return entries.get(entry.key) === entry && entries.delete(entry.key)
}

/** Entries of `count` rows, or of a little more. */
function takeFirst<Row>(entries: Map<string, Entry<Row>>, count: number): Entry<Row>[] {
  const taken: Entry<Row>[] = []
  let rows = 0
  for (const entry of entries.values()) {
    if (rows >= count) break
    taken.push(entry)
    rows += rowsOf(entry)
  }
  for (const entry of taken) entries.delete(entry.key)
  return taken
}

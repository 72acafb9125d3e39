import { setImmediate as nextTurn } from 'node:timers/promises'
import { KIB, MIB, SECOND } from '../../units.ts'
import type { Entry } from '../row-buffer.ts'
import type { JournalCodec } from './codec.ts'
import { type JournalFiles, nodeFiles } from './files.ts'
import { JournalFolder } from './folder.ts'
import { readLines, toLine } from './lines.ts'
import { TOUCH_INTERVAL_MS } from './owner.ts'
import { createSegment, type Segment } from './segment.ts'

/*
 * A row's way through the journal:
 *
 *   pending   append() was called; the row is in memory only, for WRITE_DELAY_MS.
 *   writing   its line is on the way to the kernel.
 *   home      its line is in a segment, and memory holds it too. committed() ends that; spilled() leads to:
 *   spilled   memory had no room: it is on disk only. readBack() brings it back to `home`.
 *
 * A segment is removed when none of its rows is `home` or `spilled`. Segments of processes that are gone start as `spilled`.
 * A newer version of a row makes older ones worthless once it is on disk. Where the order of things cannot be known, a row
 * is rather written to the database again: writes are idempotent.
 *
 * Two lines of work go on side by side: #writes (the segment that is being written), which must not wait, and #chores
 * (adopting, reading back, making room), which touch only segments that are closed. Within each, one follows the other.
 */

export interface JournalOptions<Row> {
  directory: string
  /** Most bytes on disk. Beyond, detail goes first, then rows, the oldest first. */
  maxBytes: number
  /** Wait for the disk after each write: survives power loss too, and costs the disk a flush for each. */
  fsync: boolean
  codec: JournalCodec<Row>
  /** The first of a series of failures. Recording goes on in memory. */
  onFailure: (error: unknown) => void
  onRecovered: () => void
  files?: JournalFiles
}

export interface JournalStatus {
  state: 'closed' | 'open' | 'failing'
  bytes: number
  segments: number
  /** Segments with rows that wait on disk only. */
  waitingSegments: number
  /** Rows taken over from processes that are gone. */
  replayed: number
  /** Rows that memory had no room for and that were read back. */
  readBack: number
  /** Damaged lines that were left out. */
  skipped: number
  /** Failed operations on files. */
  errors: number
}

/** Rows lost because the journal was full, or could not be written when memory had no room. */
export interface JournalDrops {
  journalDetailRows: number
  journalDetailFields: number
  journalRows: number
  journalFailed: number
}

interface ActiveSegment {
  segment: Segment
  descriptor: number
}

const WRITE_DELAY_MS = 10
// When the event loop is so busy that timers do not run, the next hook writes.
const STARVED_MS = 25
const RETRY_MS = SECOND
const MAX_ROWS_PER_WRITE = 2_000
// Rows parsed between two turns of the event loop.
const ROWS_PER_TURN = 200

export class Journal<Row> {
  readonly #options: JournalOptions<Row>
  readonly #files: JournalFiles
  readonly #segmentBytes: number
  readonly #folder: JournalFolder
  #folderOpen = false
  #segments: Segment[] = []
  #active: ActiveSegment | null = null
  readonly #home = new Map<string, { entry: Entry<Row>; segment: Segment }>()
  #pending = new Map<string, Entry<Row>>()
  #pendingSince = 0
  #writing = new Map<string, Entry<Row>>()
  /** Rows that memory gave up before their line was written. */
  readonly #spilledEarly = new Set<Entry<Row>>()
  #reading: { segment: Segment; entries: Entry<Row>[] } | null = null
  #writes: Promise<void> = Promise.resolve()
  #chores: Promise<void> = Promise.resolve()
  #removals: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #armed = false
  #touchTimer: NodeJS.Timeout | undefined
  #state: JournalStatus['state'] = 'closed'
  #counts = { replayed: 0, readBack: 0, skipped: 0, errors: 0 }
  #drops: JournalDrops = { journalDetailRows: 0, journalDetailFields: 0, journalRows: 0, journalFailed: 0 }

  constructor(options: JournalOptions<Row>) {
    this.#options = options
    this.#files = options.files ?? nodeFiles
    this.#folder = new JournalFolder(options.directory, this.#files)
    // Small enough that giving up or rewriting one is a small step, large enough that there are few files.
    this.#segmentBytes = Math.min(MIB, Math.max(16 * KIB, options.maxBytes / 16))
  }

  get status(): JournalStatus {
    return {
      state: this.#state,
      bytes: this.#bytes(),
      segments: this.#segments.length,
      waitingSegments: this.#segments.filter(segment => segment.spilled).length,
      ...this.#counts,
    }
  }

  get drops(): JournalDrops {
    return { ...this.#drops }
  }

  /** Since when rows wait on disk only, about, in milliseconds since 1970; infinite when none do. */
  get waitingSinceMs(): number {
    return Math.min(...this.#segments.filter(segment => segment.spilled).map(segment => segment.sinceMs))
  }

  /** Whether rows wait on disk only. */
  get hasWaiting(): boolean {
    return this.#reading !== null || this.#segments.some(segment => segment.spilled)
  }

  /** Opens the journal and takes over what processes that are gone left. Never rejects. */
  start(): Promise<void> {
    if (this.#state !== 'closed') return this.#chores
    this.#state = 'open'
    try {
      this.#openSegment()
    } catch (error) {
      this.#failed(error)
    }
    process.on('exit', this.#writeAtExit)
    this.#touchTimer = setInterval(() => void this.#folder.touch().catch(() => {}), TOUCH_INTERVAL_MS).unref()
    if (!this.#armed) this.#schedule(0)
    return this.#chore(() => this.#adopt())
  }

  /** Writes what is pending and closes the files; what is not committed stays for the next start. Never rejects. */
  async stop(): Promise<void> {
    if (this.#state === 'closed') return this.#writes
    clearTimeout(this.#timer)
    clearInterval(this.#touchTimer)
    process.off('exit', this.#writeAtExit)
    await this.#chore(async () => {})
    await this.#write(async () => {
      while (this.#pending.size > 0) await this.#writePending()
      await this.#seal()
      await this.#removals
      if (this.#folderOpen) await this.#folder.close()
      this.#folderOpen = false
    })
    this.#state = 'closed'
    clearTimeout(this.#timer)
    this.#armed = false
  }

  /** Takes a row that goes into memory in the same moment. Does next to nothing: hooks call it. */
  append(entry: Entry<Row>): void {
    if (this.#spilledEarly.size > 0) {
      const older = this.#pending.get(entry.key)
      if (older) this.#spilledEarly.delete(older)
    }
    this.#pending.set(entry.key, entry)
    if (this.#state === 'closed') return
    if (this.#pending.size === 1) {
      this.#pendingSince = performance.now()
      if (!this.#armed) this.#schedule(WRITE_DELAY_MS)
    } else if (performance.now() - this.#pendingSince > STARVED_MS) {
      this.#writeWhileStarved()
    }
  }

  /** Resolves when every row that was appended before is on disk; with false when that cannot be. Never rejects. */
  async settled(): Promise<boolean> {
    if (this.#state !== 'open') return false
    await this.#write(async () => {
      while (this.#pending.size > 0) await this.#writePending()
    })
    return this.status.state === 'open'
  }

  /** To be called when rows are stored in the database, or given up for good. */
  committed(batch: readonly Entry<Row>[]): void {
    for (const entry of batch) {
      const { key } = entry
      const unwritten = takeExactly(this.#pending, entry) || takeExactly(this.#writing, entry)
      const home = this.#home.get(key)
      // What is in a segment is this version, or an older one when this one was not written yet; else a newer one.
      if (home && (home.entry === entry || unwritten)) this.#leaveOlder(key)
    }
    this.#removeDone()
  }

  /** Memory gives a row up. True when the journal has it: it will be read back. */
  spilled(entry: Entry<Row>): boolean {
    const unwritten = this.#pending.get(entry.key) === entry || this.#writing.get(entry.key) === entry
    if (unwritten && this.#state === 'open') {
      this.#spilledEarly.add(entry)
      return true
    }
    takeExactly(this.#pending, entry)
    takeExactly(this.#writing, entry)
    return this.#leaveHome(entry.key) === entry
  }

  /** Hands rows that wait on disk only to memory, the oldest first. Each is newer than what memory has of that row. */
  readBack(maxRows: number, toMemory: (entry: Entry<Row>) => void): Promise<void> {
    return this.#chore(async () => {
      if (!this.#reading) await this.#beginReading()
      const reading = this.#reading
      if (!reading) return
      const { segment } = reading
      for (const entry of reading.entries.splice(0, maxRows)) {
        if (segment.done.has(entry.key) || this.#hasAsNew(entry)) continue
        this.#leaveOlder(entry.key)
        this.#home.set(entry.key, { entry, segment })
        segment.live++
        this.#counts[segment.adopted ? 'replayed' : 'readBack']++
        toMemory(entry)
      }
      if (reading.entries.length === 0) {
        this.#reading = null
        segment.busy = false
        this.#removeDone()
      }
    })
  }

  async #adopt(): Promise<void> {
    if (!this.#folderOpen) return // It will be tried again when the folder can be made.
    const { segments, failures } = await this.#folder.adopt(Date.now())
    this.#segments.unshift(...segments)
    for (const failure of failures) this.#failed(failure)
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#armed = true
    this.#timer = setTimeout(() => {
      this.#armed = false
      void this.#write(() => this.#writePending())
    }, delayMs)
    // Not unref'ed when short: a program that just ends still writes what it recorded.
    if (delayMs > WRITE_DELAY_MS) this.#timer.unref()
  }

  async #writePending(): Promise<void> {
    // Also without rows: a folder that could not be made is tried again, for what others left in it.
    if (!this.#folderOpen) this.#openSegment()
    if (this.#pending.size === 0) return
    const batch = takeFirst(this.#pending, MAX_ROWS_PER_WRITE)
    this.#writing = new Map(batch.map(entry => [entry.key, entry]))
    try {
      const bytes = this.#encode(batch)
      const active = this.#active ?? this.#openSegment()
      await this.#files.append(active.descriptor, bytes)
      if (this.#options.fsync) {
        await this.#files.sync(active.descriptor)
        if (active.segment.bytes === 0) await this.#files.syncFolder(this.#folder.path)
      }
      this.#stored(active.segment, batch, bytes.length)
      this.#writing = new Map()
      if (active.segment.bytes >= this.#segmentBytes) await this.#seal()
    } catch (error) {
      this.#takeBack(batch)
      // What came of the write is unknown, perhaps half a line: the next try gets a file of its own.
      await this.#seal().catch(() => {})
      throw error
    } finally {
      this.#writing = new Map()
      this.#pendingSince = performance.now()
    }
    this.#removeDone()
    if (this.#bytes() > this.#options.maxBytes) void this.#chore(() => this.#shrink())
    if (this.#pending.size > 0) this.#schedule(this.#pending.size >= MAX_ROWS_PER_WRITE ? 0 : WRITE_DELAY_MS)
  }

  #encode(batch: Iterable<Entry<Row>>): Buffer {
    let text = ''
    for (const entry of batch) text += toLine(this.#options.codec.encode(entry.row))
    return Buffer.from(text)
  }

  #stored(segment: Segment, batch: readonly Entry<Row>[], bytes: number): void {
    segment.bytes += bytes
    for (const entry of batch) {
      const { key } = entry
      const current = this.#writing.get(key) === entry
      if (current) this.#leaveOlder(key)
      if (this.#spilledEarly.delete(entry)) {
        segment.spilled = true
        segment.done.delete(key)
      } else if (current) {
        this.#home.set(key, { entry, segment })
        segment.live++
        segment.done.delete(key)
      } else if (!this.#home.has(key)) {
        // Committed, or written again in a newer version, while it was on its way.
        segment.done.add(key)
      }
    }
  }

  #leaveOlder(key: string): void {
    const older = this.#home.get(key)
    if (!older) return
    this.#home.delete(key)
    older.segment.live--
    older.segment.done.add(key)
  }

  // Rows that could not be written are tried again, unless memory has given them up meanwhile: those are lost.
  #takeBack(batch: readonly Entry<Row>[]): void {
    for (const entry of batch) {
      if (this.#spilledEarly.delete(entry)) this.#lose(entry)
      else if (this.#writing.get(entry.key) === entry && !this.#pending.has(entry.key)) {
        this.#pending.set(entry.key, entry)
      }
    }
    for (const entry of this.#pending.values()) {
      if (!this.#spilledEarly.delete(entry)) continue
      this.#pending.delete(entry.key)
      this.#lose(entry)
    }
  }

  #lose(entry: Entry<Row>): void {
    if (this.#pending.has(entry.key)) return // A newer version is still here.
    this.#drops.journalFailed++
    this.#leaveHome(entry.key)
  }

  #openSegment(): ActiveSegment {
    if (!this.#folderOpen) {
      this.#folder.create()
      this.#folderOpen = true
      if (this.#state === 'failing') void this.#chore(() => this.#adopt())
    }
    const segment = createSegment(this.#folder.nextFile())
    const descriptor = this.#files.create(segment.file)
    this.#segments.push(segment)
    this.#active = { segment, descriptor }
    return this.#active
  }

  async #seal(): Promise<void> {
    const active = this.#active
    if (!active) return
    this.#active = null
    await this.#files.close(active.descriptor)
    this.#removeDone()
  }

  // Segments all of whose rows are committed. The one being written is emptied, so that an idle process leaves nothing to
  // replay: rows of long ago might be past their retention.
  #removeDone(): void {
    for (const segment of this.#segments) {
      if (segment.live > 0 || segment.spilled || segment.busy) continue
      if (segment !== this.#active?.segment) this.#drop(segment)
      else if (segment.bytes > 0 && this.#writing.size === 0) this.#emptyActive(this.#active)
    }
  }

  #drop(segment: Segment): void {
    this.#segments = this.#segments.filter(other => other !== segment)
    this.#removals = Promise.all([this.#removals, this.#files.remove(segment.file)]).then(
      () => {},
      error => this.#failed(error),
    )
  }

  #emptyActive({ segment, descriptor }: ActiveSegment): void {
    try {
      this.#files.truncate(descriptor)
      segment.bytes = 0
      segment.done.clear()
    } catch (error) {
      this.#failed(error)
    }
  }

  async #beginReading(): Promise<void> {
    const segment = this.#segments.find(candidate => candidate.spilled)
    if (!segment) return
    if (segment === this.#active?.segment) await this.#write(() => this.#seal())
    segment.busy = true
    segment.spilled = false
    try {
      this.#reading = { segment, entries: await this.#readSegment(segment, true) }
    } catch (error) {
      // It stays on disk for somebody who can read it.
      this.#segments = this.#segments.filter(other => other !== segment)
      throw error
    }
  }

  /** The newest version of each row in a segment that is not done. */
  async #readSegment(segment: Segment, countSkipped: boolean): Promise<Entry<Row>[]> {
    const { codec } = this.#options
    const { records, skipped } = readLines(await this.#files.read(segment.file))
    if (countSkipped) this.#counts.skipped += skipped
    const newest = new Map<string, Entry<Row>>()
    for (const [index, record] of records.entries()) {
      if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn()
      const entry = codec.decode(record)
      if (!entry) {
        if (countSkipped) this.#counts.skipped++
        continue
      }
      const other = newest.get(entry.key)
      if (!other || codec.version(entry.row) >= codec.version(other.row)) newest.set(entry.key, entry)
    }
    return [...newest.values()].filter(entry => !segment.done.has(entry.key))
  }

  // One step towards the size limit: the oldest segment that still has detail loses it; when none has, the oldest goes.
  async #shrink(): Promise<void> {
    if (this.#bytes() <= this.#options.maxBytes) return
    const sealed = this.#segments.filter(segment => segment !== this.#active?.segment && !segment.busy)
    const victim = sealed.find(segment => segment.thinned === 0) ?? sealed.find(segment => segment.thinned === 1)
    const [oldest] = sealed
    if (victim) await this.#thin(victim)
    else if (oldest) await this.#giveUp(oldest)
    else return
    void this.#chore(() => this.#shrink())
  }

  async #thin(segment: Segment): Promise<void> {
    segment.busy = true
    try {
      const what = segment.thinned === 0 ? 'rows' : 'fields'
      const kept: Entry<Row>[] = []
      for (const entry of await this.#readSegment(segment, false)) {
        const row = this.#options.codec.withoutDetail(entry.row, what)
        // What memory holds is not lost: it only has no copy on disk any more.
        if (row !== entry.row && !this.#isKnown(entry.key)) {
          this.#drops[what === 'rows' ? 'journalDetailRows' : 'journalDetailFields']++
        }
        if (row !== null) kept.push({ ...entry, row })
        else this.#forget(segment, entry.key)
      }
      const bytes = this.#encode(kept)
      await this.#files.replace(segment.file, bytes)
      segment.bytes = bytes.length
      segment.thinned = segment.thinned === 0 ? 1 : 2
      if (kept.length === 0) segment.spilled = false
    } catch (error) {
      // No room for the smaller file, or no reading the larger: it will go whole when its turn comes.
      segment.thinned = 2
      this.#failed(error)
    } finally {
      segment.busy = false
    }
    this.#removeDone()
  }

  async #giveUp(segment: Segment): Promise<void> {
    segment.busy = true
    const entries = await this.#readSegment(segment, false).catch(error => {
      this.#failed(error)
      return []
    })
    for (const { key } of entries) {
      if (!this.#isKnown(key)) this.#drops.journalRows++
      this.#forget(segment, key)
    }
    this.#drop(segment)
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

  #forget(segment: Segment, key: string): void {
    if (this.#home.get(key)?.segment !== segment) return
    this.#home.delete(key)
    segment.live--
  }

  #isKnown(key: string): boolean {
    return this.#home.has(key) || this.#pending.has(key) || this.#writing.has(key)
  }

  #hasAsNew({ key, row }: Entry<Row>): boolean {
    const known = this.#pending.get(key) ?? this.#writing.get(key) ?? this.#home.get(key)?.entry
    const { version } = this.#options.codec
    return known !== undefined && version(known.row) >= version(row)
  }

  #bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  #writeWhileStarved(): void {
    this.#pendingSince = performance.now()
    if (this.#state !== 'open') return
    const batch = [...this.#pending.values()]
    try {
      const active = this.#active ?? this.#openSegment()
      const bytes = this.#encode(batch)
      this.#files.appendSync(active.descriptor, bytes)
      this.#pending.clear()
      // Older versions that are on their way at this moment are worth nothing any more.
      for (const { key } of batch) {
        const older = this.#writing.get(key)
        if (older) this.#spilledEarly.delete(older)
        this.#writing.delete(key)
      }
      const writing = this.#writing
      this.#writing = new Map(batch.map(entry => [entry.key, entry]))
      this.#stored(active.segment, batch, bytes.length)
      this.#writing = writing
    } catch (error) {
      this.#failed(error)
    }
  }

  readonly #writeAtExit = (): void => {
    if (!this.#active) return
    try {
      this.#files.appendSync(
        this.#active.descriptor,
        this.#encode([...this.#writing.values(), ...this.#pending.values()]),
      )
    } catch {
      // The process is ending; there is nobody left to tell.
    }
  }

  #write(task: () => Promise<unknown>): Promise<void> {
    this.#writes = this.#writes.then(async () => {
      try {
        await task()
        if (this.#state !== 'failing' || !this.#active) return
        this.#state = 'open'
        this.#options.onRecovered()
      } catch (error) {
        this.#failed(error)
      }
    })
    return this.#writes
  }

  #chore(task: () => Promise<unknown>): Promise<void> {
    this.#chores = this.#chores.then(task).then(
      () => {},
      error => this.#failed(error),
    )
    return this.#chores
  }

  #failed(error: unknown): void {
    this.#counts.errors++
    if (this.#state === 'open') {
      this.#state = 'failing'
      this.#options.onFailure(error)
    }
    if (this.#state !== 'closed') this.#schedule(RETRY_MS)
  }
}

function takeExactly<Row>(entries: Map<string, Entry<Row>>, entry: Entry<Row>): boolean {
  return entries.get(entry.key) === entry && entries.delete(entry.key)
}

function takeFirst<Row>(entries: Map<string, Entry<Row>>, count: number): Entry<Row>[] {
  const taken: Entry<Row>[] = []
  for (const entry of entries.values()) {
    if (taken.length === count) break
    taken.push(entry)
  }
  for (const entry of taken) entries.delete(entry.key)
  return taken
}

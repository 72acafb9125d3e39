import { KIB, MIB, SECOND } from '../../units.ts'
import { type Entry, rowsOf } from '../row-buffer.ts'
import { type JournalFiles, nodeFiles } from './files.ts'
import type { JournalDrops, JournalOptions, JournalStatus } from './journal-options.ts'
import { JournalRows } from './journal-rows.ts'
import { makeRoom } from './make-room.ts'
import { TOUCH_INTERVAL_MS } from './owner.ts'
import { encodeLines, readSegment } from './read-segment.ts'
import type { Segment } from './segment.ts'
import { type ActiveSegment, Segments } from './segments.ts'

/*
 * A row's way through the journal:
 *
 *   touched   touch() was called; whoever did appends it within two times WRITE_DELAY_MS, unless it ends before: then it comes
 *             in a block, as one of many rows. Written once is cheaper than written twice.
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

const WRITE_DELAY_MS = 6
// When the event loop is so busy that timers do not run, the next hook writes.
const STARVED_MS = 12
const RETRY_MS = SECOND
const MAX_ROWS_PER_WRITE = 2_000

const NOTHING_DUE = Number.POSITIVE_INFINITY

export class Journal<Row> {
  readonly #options: JournalOptions<Row>
  readonly #files: JournalFiles
  readonly #segmentBytes: number
  readonly #segments: Segments
  readonly #rows: JournalRows<Row>
  /** Since when something is pending or touched, in milliseconds of performance.now(); infinite for nothing. */
  #dueSince = NOTHING_DUE
  #reading: { segment: Segment; entries: Entry<Row>[] } | null = null
  #writes: Promise<void> = Promise.resolve()
  #chores: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #armed = false
  #touchTimer: NodeJS.Timeout | undefined
  #state: JournalStatus['state'] = 'closed'
  readonly #counts = { replayed: 0, readBack: 0, skipped: 0, errors: 0 }
  readonly #drops: JournalDrops = { journalDetailRows: 0, journalDetailFields: 0, journalRows: 0, journalFailed: 0 }
  readonly #failed = (error: unknown): void => {
    this.#counts.errors++
    if (this.#state === 'open') {
      this.#state = 'failing'
      this.#options.onFailure(error)
    }
    if (this.#state !== 'closed') this.#schedule(RETRY_MS)
  }

  constructor(options: JournalOptions<Row>) {
    this.#options = options
    this.#files = options.files ?? nodeFiles
    this.#segments = new Segments(options.directory, this.#files, this.#failed)
    this.#rows = new JournalRows(options.codec.version)
    // Small enough that giving up or rewriting one is a small step, large enough that there are few files.
    this.#segmentBytes = Math.min(MIB, Math.max(16 * KIB, options.maxBytes / 16))
  }

  get status(): JournalStatus {
    const { all, bytes } = this.#segments
    return {
      state: this.#state,
      bytes,
      segments: all.length,
      waitingSegments: all.filter(segment => segment.spilled).length,
      ...this.#counts,
    }
  }

  get drops(): JournalDrops {
    return { ...this.#drops }
  }

  /** Since when rows wait on disk only, about, in milliseconds since 1970; infinite when none do. */
  get waitingSinceMs(): number {
    return Math.min(...this.#segments.all.filter(segment => segment.spilled).map(segment => segment.sinceMs))
  }

  /** Whether rows wait on disk only. */
  get hasWaiting(): boolean {
    return this.#reading !== null || this.#segments.all.some(segment => segment.spilled)
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
    this.#touchTimer = setInterval(() => void this.#segments.folder.touch().catch(() => {}), TOUCH_INTERVAL_MS).unref()
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
      await this.#writeAll()
      await this.#seal()
      await this.#segments.close()
    })
    this.#state = 'closed'
    clearTimeout(this.#timer)
    this.#armed = false
  }

  /** Takes a row that goes into memory in the same moment. Does next to nothing: hooks call it. */
  append(entry: Entry<Row>): void {
    this.#rows.append(entry)
    if (this.#state !== 'closed' && this.#dueSince === NOTHING_DUE) this.#nowDue()
  }

  /**
   * To be called when something was appended, or has changed that `collect` appends. False when nobody asks for it. May write
   * at once, and ask for it in this moment; else it does next to nothing: hooks call it.
   */
  touch(): boolean {
    if (this.#state === 'closed') return false
    if (this.#dueSince === NOTHING_DUE) this.#nowDue()
    else if (performance.now() - this.#dueSince > STARVED_MS) this.#writeWhileStarved()
    return true
  }

  #nowDue(): void {
    this.#dueSince = performance.now()
    if (!this.#armed) this.#schedule(WRITE_DELAY_MS)
  }

  /** Resolves when every row that was appended before is on disk; with false when that cannot be. Never rejects. */
  async settled(): Promise<boolean> {
    if (this.#state !== 'open') return false
    await this.#write(() => this.#writeAll())
    return this.status.state === 'open'
  }

  /** To be called when rows are stored in the database, or given up for good. */
  committed(batch: readonly Entry<Row>[]): void {
    this.#rows.committed(batch)
    this.#removeDone()
  }

  /** Memory gives a row up. True when the journal has it: it will be read back. */
  spilled(entry: Entry<Row>): boolean {
    return this.#rows.spilled(entry, this.#state === 'open')
  }

  /** Hands rows that wait on disk only to memory, the oldest first. Each is newer than what memory has of that row. */
  readBack(maxRows: number, toMemory: (entry: Entry<Row>) => void): Promise<void> {
    return this.#chore(async () => {
      if (!this.#reading) await this.#beginReading()
      const reading = this.#reading
      if (!reading) return
      const { segment } = reading
      for (const entry of reading.entries.splice(0, maxRows)) {
        if (!this.#rows.bringHome(entry, segment)) continue
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
    if (!this.#segments.folderOpen) return // It will be tried again when the folder can be made.
    const { segments, failures } = await this.#segments.folder.adopt(Date.now())
    this.#segments.adopt(segments)
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

  async #writeAll(): Promise<void> {
    this.#collect(true)
    while (this.#rows.pending > 0) await this.#writePending()
  }

  async #writePending(): Promise<void> {
    const isLeft = this.#collect(false)
    this.#dueSince = isLeft ? performance.now() : NOTHING_DUE
    // Also without rows: a folder that could not be made is tried again, for what others left in it.
    if (!this.#segments.folderOpen) this.#openSegment()
    if (this.#rows.pending === 0) {
      if (isLeft && !this.#armed) this.#schedule(WRITE_DELAY_MS)
      return
    }
    const batch = this.#rows.beginWriting(MAX_ROWS_PER_WRITE)
    try {
      const bytes = encodeLines(this.#options.codec, batch)
      const active = this.#segments.active ?? this.#openSegment()
      const { segment, descriptor } = active
      await this.#files.append(descriptor, bytes)
      if (this.#options.fsync) await this.#sync(active, segment.bytes === 0)
      segment.bytes += bytes.length
      this.#rows.stored(segment, batch)
      this.#rows.endWriting()
      if (segment.bytes >= this.#segmentBytes) await this.#seal()
    } catch (error) {
      this.#drops.journalFailed += this.#rows.takeBack(batch)
      // What came of the write is unknown, perhaps half a line: the next try gets a file of its own.
      await this.#seal().catch(() => {})
      throw error
    } finally {
      this.#rows.endWriting()
    }
    this.#removeDone()
    this.#makeRoom()
    if (this.#rows.pending === 0 && this.#dueSince === NOTHING_DUE) return
    this.#dueSince = Math.min(this.#dueSince, performance.now())
    const isFull = batch.reduce((sum, entry) => sum + rowsOf(entry), 0) >= MAX_ROWS_PER_WRITE
    if (!this.#armed || isFull) this.#schedule(isFull ? 0 : WRITE_DELAY_MS)
  }

  // Of a new file its name as well.
  async #sync({ descriptor }: ActiveSegment, isNew: boolean): Promise<void> {
    await this.#files.sync(descriptor)
    if (isNew) await this.#files.syncFolder(this.#segments.folder.path)
  }

  #collect(all: boolean): boolean {
    return this.#options.collect?.(all) ?? false
  }

  #writeWhileStarved(): void {
    this.#dueSince = performance.now()
    if (this.#state !== 'open') return
    this.#collect(false)
    const batch = this.#rows.allPending()
    try {
      const active = this.#segments.active ?? this.#openSegment()
      const { segment, descriptor } = active
      const isNew = segment.bytes === 0
      const bytes = encodeLines(this.#options.codec, batch)
      this.#files.appendSync(descriptor, bytes)
      segment.bytes += bytes.length
      this.#rows.storedAtOnce(segment, batch)
      // A hook does not wait for the disk; settled() does. Closed files were synced by the write that filled them.
      if (this.#options.fsync)
        void this.#write(async () => {
          if (this.#segments.active === active) await this.#sync(active, isNew)
        })
    } catch (error) {
      this.#failed(error)
      // As after any failed write.
      void this.#write(() => this.#seal())
    }
  }

  readonly #writeAtExit = (): void => {
    try {
      this.#collect(true)
      const rows = this.#rows.unwritten()
      if (rows.length === 0) return
      // The last file may have been full.
      const { descriptor } = this.#segments.active ?? this.#openSegment()
      this.#files.appendSync(descriptor, encodeLines(this.#options.codec, rows))
    } catch {
      // The process is ending; there is nobody left to tell.
    }
  }

  #openSegment(): ActiveSegment {
    if (!this.#segments.folderOpen) {
      this.#segments.openFolder()
      if (this.#state === 'failing') void this.#chore(() => this.#adopt())
    }
    return this.#segments.open()
  }

  async #seal(): Promise<void> {
    if (!this.#segments.active) return
    await this.#segments.seal()
    this.#removeDone()
  }

  #removeDone(): void {
    this.#segments.removeDone(this.#rows.writing > 0)
  }

  async #beginReading(): Promise<void> {
    const segment = this.#segments.all.find(candidate => candidate.spilled)
    if (!segment) return
    if (segment === this.#segments.active?.segment) await this.#write(() => this.#seal())
    segment.busy = true
    segment.spilled = false
    try {
      const { entries, skipped } = await readSegment(this.#files, this.#options.codec, segment)
      this.#counts.skipped += skipped
      this.#reading = { segment, entries }
    } catch (error) {
      // It stays on disk for somebody who can read it.
      this.#segments.leave(segment)
      throw error
    }
  }

  #makeRoom(): void {
    const isFull = (): boolean => this.#segments.bytes > this.#options.maxBytes
    if (!isFull()) return
    void this.#chore(async () => {
      if (!isFull()) return
      const { codec } = this.#options
      const parts = { segments: this.#segments, rows: this.#rows, files: this.#files, drops: this.#drops }
      const made = await makeRoom({ ...parts, codec, failed: this.#failed })
      this.#removeDone()
      if (made) this.#makeRoom()
    })
  }

  #write(task: () => Promise<unknown>): Promise<void> {
    this.#writes = this.#writes.then(async () => {
      try {
        await task()
        if (this.#state !== 'failing' || !this.#segments.active) return
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
}

/** A row on its way to the database. A later entry with the same key replaces an earlier one. */
export interface Entry<Row> {
  key: string
  row: Row
  /** Estimated memory, in bytes. */
  bytes: number
  /** How many rows it stands for. @default 1 */
  rows?: number
  /** It will not change any more, so there is no need to wait for its next version. @default false */
  isSettled?: boolean
  /** Entries handed to the journal alone, of which this one has newer versions: their keys. */
  replaces?: readonly string[]
  /** When its oldest version that is not stored came, in whole milliseconds of performance.now(). Set by the buffer. */
  since?: number
}

export interface RowBufferLimits {
  maxRows: number
  maxBytes: number
}

/**
 * Rows in the order they came, bounded in number and bytes. When it is full the oldest row goes, to `spill` if that takes
 * it, else it is counted as dropped: a database that is away for long must not take the application's memory.
 */
export class RowBuffer<Row> {
  readonly #limits: RowBufferLimits
  readonly #spill: (entry: Entry<Row>) => boolean
  #entries = new Map<string, Entry<Row>>()
  #rows = 0
  #bytes = 0
  #dropped = 0

  /** `spill` is offered each row that there is no room for; true means that it is kept elsewhere. */
  constructor(limits: RowBufferLimits, spill: (entry: Entry<Row>) => boolean = () => false) {
    this.#limits = limits
    this.#spill = spill
  }

  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Since when the oldest row waits, in milliseconds of performance.now(); infinite when none does. */
  get oldest(): number {
    return oldestOf(this.#entries.values())
  }

  /** Rows given up because there was no room. */
  get dropped(): number {
    return this.#dropped
  }

  /** Whether there is room for many more: less than half of what is allowed is taken. */
  get hasRoom(): boolean {
    return this.#rows * 2 < this.#limits.maxRows && this.#bytes * 2 < this.#limits.maxBytes
  }

  put(entry: Entry<Row>): void {
    const previous = this.#entries.get(entry.key)
    if (previous) this.#forget(previous)
    entry.since = previous?.since ?? entry.since ?? Math.floor(performance.now())
    this.#entries.set(entry.key, entry)
    this.#count(entry)
    this.#makeRoom()
  }

  /**
   * Takes out the oldest entries, of at most `maxRows` rows or one entry, and none that can still change and came after
   * `before`, unless all did. What stays came later: a parent, which comes before its children, is never left behind.
   */
  take(maxRows: number, before = Number.POSITIVE_INFINITY): Entry<Row>[] {
    const batch: Entry<Row>[] = []
    let until = before
    let rows = 0
    for (const entry of this.#entries.values()) {
      const since = entry.isSettled ? 0 : (entry.since ?? 0)
      if (batch.length === 0 && since > before) until = Number.POSITIVE_INFINITY
      rows += rowsOf(entry)
      if ((rows > maxRows && batch.length > 0) || since > until) break
      batch.push(entry)
    }
    // A new map is cheaper than emptying this one, unless most of it stays.
    if (this.#entries.size <= batch.length * 2) {
      this.#entries = new Map([...this.#entries].slice(batch.length))
    } else {
      for (const { key } of batch) this.#entries.delete(key)
    }
    for (const entry of batch) this.#forget(entry)
    return batch
  }

  /** Brings back rows that could not be written, as the oldest. Where a newer version came meanwhile, that one stays. */
  putBack(batch: Entry<Row>[]): void {
    const newer = this.#entries
    this.#entries = new Map()
    for (const entry of batch) {
      const version = newer.get(entry.key)
      if (version) {
        version.since = entry.since ?? 0
        continue
      }
      this.#entries.set(entry.key, entry)
      this.#count(entry)
    }
    for (const [key, entry] of newer) this.#entries.set(key, entry)
    this.#makeRoom()
  }

  #makeRoom(): void {
    while (this.#rows > this.#limits.maxRows || this.#bytes > this.#limits.maxBytes) {
      const oldest = this.#entries.values().next().value
      if (!oldest) return
      this.#entries.delete(oldest.key)
      this.#forget(oldest)
      if (!this.#spill(oldest)) this.#dropped += rowsOf(oldest)
    }
  }

  #count(entry: Entry<Row>): void {
    this.#rows += rowsOf(entry)
    this.#bytes += entry.bytes
  }

  #forget(entry: Entry<Row>): void {
    this.#rows -= rowsOf(entry)
    this.#bytes -= entry.bytes
  }
}

/** How many rows an entry stands for. */
export function rowsOf(entry: { rows?: number }): number {
  return entry.rows ?? 1
}

/** Since when the oldest entry waits, in milliseconds of performance.now(); infinite when there is none. */
export function oldestOf(entries: Iterable<{ since?: number }>): number {
  let oldest = Number.POSITIVE_INFINITY
  for (const { since = oldest } of entries) if (since < oldest) oldest = since
  return oldest
}

/** A row on its way to the database. A later entry with the same key replaces an earlier one. */
export interface Entry<Row> {
  key: string
  row: Row
  /** Estimated memory, in bytes. */
  bytes: number
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
  #bytes = 0
  #dropped = 0

  /** `spill` is offered each row that there is no room for; true means that it is kept elsewhere. */
  constructor(limits: RowBufferLimits, spill: (entry: Entry<Row>) => boolean = () => false) {
    this.#limits = limits
    this.#spill = spill
  }

  get rows(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The rows that wait, in no certain order of age. */
  get waiting(): IterableIterator<Entry<Row>> {
    return this.#entries.values()
  }

  /** Rows given up because there was no room. */
  get dropped(): number {
    return this.#dropped
  }

  /** Whether there is room for many more: less than half of what is allowed is taken. */
  get hasRoom(): boolean {
    return this.#entries.size * 2 < this.#limits.maxRows && this.#bytes * 2 < this.#limits.maxBytes
  }

  put(entry: Entry<Row>): void {
    const previous = this.#entries.get(entry.key)
    if (previous) this.#bytes -= previous.bytes
    entry.since = previous?.since ?? entry.since ?? Math.floor(performance.now())
    this.#entries.set(entry.key, entry)
    this.#bytes += entry.bytes
    this.#makeRoom()
  }

  /**
   * Takes out the oldest rows, at most `maxRows`, and none that came after `before`, unless all did. What stays came
   * later: a parent, which comes before its children, is never left behind.
   */
  take(maxRows: number, before = Number.POSITIVE_INFINITY): Entry<Row>[] {
    const batch: Entry<Row>[] = []
    let until = before
    for (const entry of this.#entries.values()) {
      const since = entry.since ?? 0
      if (batch.length === 0 && since > before) until = Number.POSITIVE_INFINITY
      if (batch.length === maxRows || since > until) break
      batch.push(entry)
    }
    // A new map is cheaper than emptying this one, unless most of it stays.
    if (this.#entries.size <= batch.length * 2) {
      this.#entries = new Map([...this.#entries].slice(batch.length))
    } else {
      for (const { key } of batch) this.#entries.delete(key)
    }
    for (const { bytes } of batch) this.#bytes -= bytes
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
      this.#bytes += entry.bytes
    }
    for (const [key, entry] of newer) this.#entries.set(key, entry)
    this.#makeRoom()
  }

  #makeRoom(): void {
    while (this.#entries.size > this.#limits.maxRows || this.#bytes > this.#limits.maxBytes) {
      const oldest = this.#entries.values().next().value
      if (!oldest) return
      this.#entries.delete(oldest.key)
      this.#bytes -= oldest.bytes
      if (!this.#spill(oldest)) this.#dropped++
    }
  }
}

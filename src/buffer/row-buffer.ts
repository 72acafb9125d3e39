/** A row on its way to the database. A later entry with the same key replaces an earlier one. */
export interface Entry<Row> {
  key: string
  row: Row
  /** Estimated memory, in bytes. */
  bytes: number
  /** When the oldest of its versions that are not stored was recorded, in milliseconds since 1970. */
  sinceMs: number
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
    if (previous) {
      this.#bytes -= previous.bytes
      if (previous.sinceMs < entry.sinceMs) entry.sinceMs = previous.sinceMs
    }
    this.#entries.set(entry.key, entry)
    this.#bytes += entry.bytes
    this.#makeRoom()
  }

  /** Takes out the oldest rows, at most `maxRows`. */
  take(maxRows: number): Entry<Row>[] {
    if (this.#entries.size <= maxRows) {
      const all = [...this.#entries.values()]
      this.#entries = new Map()
      this.#bytes = 0
      return all
    }
    const batch: Entry<Row>[] = []
    for (const entry of this.#entries.values()) {
      if (batch.length === maxRows) break
      batch.push(entry)
    }
    for (const entry of batch) {
      this.#entries.delete(entry.key)
      this.#bytes -= entry.bytes
    }
    return batch
  }

  /** Brings back rows that could not be written, as the oldest. Where a newer version came meanwhile, that one stays. */
  putBack(batch: Entry<Row>[]): void {
    const newer = this.#entries
    this.#entries = new Map()
    for (const entry of batch) {
      const version = newer.get(entry.key)
      if (version) {
        version.sinceMs = Math.min(version.sinceMs, entry.sinceMs)
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

import type { EventRow } from './event-row.ts'

// Their announcements come back within milliseconds of the commit. Beyond this the connection that hears them is gone.
const MAX_BATCHES = 64

/**
 * Events that this process is storing, by the name that their announcement has: whoever hears it here need not read them
 * from the database again. It may forget: they are read then.
 */
export class OwnBatches {
  readonly #batches = new Map<string, readonly EventRow[]>()
  readonly #prefix = Math.random().toString(36).slice(2)
  #count = 0

  /** Keeps rows that are about to be stored, all of them new, and names them. */
  add(rows: readonly EventRow[]): string {
    if (this.#batches.size >= MAX_BATCHES) this.forget(this.#batches.keys().next().value as string)
    const name = `${process.pid}.${this.#prefix}.${this.#count++}`
    this.#batches.set(name, rows)
    return name
  }

  /** The rows of an announced batch, once; undefined when it is another process' or forgotten. */
  take(name: string | undefined): readonly EventRow[] | undefined {
    if (name === undefined) return undefined
    const rows = this.#batches.get(name)
    this.#batches.delete(name)
    return rows
  }

  /** To be called when they were not stored after all. */
  forget(name: string): void {
    this.#batches.delete(name)
  }
}

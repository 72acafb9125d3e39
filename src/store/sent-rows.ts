import { forgetOldest } from '../forget-oldest.ts'
import type { StoreRecord } from './store-record.ts'

// RFC 9562: the version is the first digit of the third group.
const VERSION_AT = 14
const MAX_KEYS = 100_000
const FORGOTTEN_AT_ONCE = 10_000

/**
 * Knows which rows may be in the database already: work that was written while it ran, and rows of batches that failed,
 * whose COMMIT may have been heard. All others are new, so plain COPY can take them. It may forget: COPY then reports a
 * conflict and the batch is written again as an upsert.
 */
export class SentRows {
  readonly #keys = new Set<string>()

  has({ table, row, again }: StoreRecord): boolean {
    if (again) return true
    // Ids of other versions come from a caller, who may hand in the same one twice.
    if (table === 'invocations' && row.id[VERSION_AT] !== '7') return true
    // Usually there are none, and then it is not worth a look-up.
    return this.#keys.size > 0 && this.#keys.has(row.id)
  }

  /** To be called when records were stored. */
  stored(records: readonly StoreRecord[]): void {
    for (const record of records) {
      if (!isFinal(record)) this.#add(record.row.id)
      else if (this.#keys.size > 0) this.#keys.delete(record.row.id)
    }
  }

  /** To be called when a write failed and may have worked all the same. */
  uncertain(records: readonly StoreRecord[]): void {
    for (const { row } of records) this.#add(row.id)
  }

  #add(key: string): void {
    if (this.#keys.size >= MAX_KEYS) forgetOldest(this.#keys, FORGOTTEN_AT_ONCE)
    this.#keys.add(key)
  }
}

function isFinal(record: StoreRecord): boolean {
  return record.table === 'events' || record.row.ended_at !== null
}

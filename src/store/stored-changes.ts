import type { EventRow } from '../event/event-row.ts'
import { forgetOldest } from '../forget-oldest.ts'
import type { InvocationRow } from '../record/records.ts'
import type { Row } from './copy.ts'
import { rowChangeOf } from './row-change.ts'
import type { StoreRecord } from './store-record.ts'
import type { TableName } from './tables.ts'

const MAX_KEYS = 20_000
const FORGOTTEN_AT_ONCE = 2_000

/**
 * The row changes behind invocations, written with them. It knows which this writer has stored, so that the end of an
 * invocation, and a delivery that comes again, do not write them again. It may forget: they are upserted then.
 */
export class StoredChanges {
  readonly #keys = new Set<string>()

  /** The rows of a batch, with a `cdc` event for each change that is not stored yet, and of which none was made before. */
  addedTo(tables: Map<TableName, Row[]>, made: Set<string>): Map<TableName, Row[]> {
    const invocations = tables.get('invocations') as InvocationRow[] | undefined
    if (!invocations) return tables
    const events: Row[] = []
    for (const row of invocations) {
      const event = this.changeOf(row, made)
      if (event === null) continue
      made.add(row.source_event_id as string)
      events.push(event as object as Row)
    }
    if (events.length > 0) tables.set('events', [...(tables.get('events') ?? []), ...events])
    return tables
  }

  /** Whether the row change of a delivery is stored, or on its way. */
  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** The `cdc` event of an invocation's row change; null when it is stored, or was made before. */
  changeOf(row: InvocationRow, made: ReadonlySet<string>): EventRow | null {
    const key = row.source_event_id
    return key === null || this.#keys.has(key) || made.has(key) ? null : rowChangeOf(row)
  }

  /** To be called when records were stored. */
  stored(records: readonly StoreRecord[]): void {
    for (const { table, row } of records) {
      if (table === 'invocations' && row.source_event_id !== null) this.add(row.source_event_id)
    }
  }

  /** The row change of a delivery is stored, or is on its way. */
  add(key: string): void {
    if (this.#keys.size >= MAX_KEYS) forgetOldest(this.#keys, FORGOTTEN_AT_ONCE)
    this.#keys.add(key)
  }

  forget(key: string): void {
    this.#keys.delete(key)
  }
}

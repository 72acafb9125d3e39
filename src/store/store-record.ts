import { type EventRow, eventRowBytes } from '../event/event-row.ts'
import type { Recorded } from '../record/records.ts'
import { rowBytes } from '../record/row-size.ts'

/** A row and the table it belongs to: what the plugin records, and unified events of any kind. */
export type StoreRecord = Exclude<Recorded, { table: 'events' }> | { table: 'events'; row: EventRow }

/** About how much memory a row holds, in bytes. */
export function recordBytes(record: StoreRecord): number {
  return record.table === 'events' ? eventRowBytes(record.row) : rowBytes(record)
}

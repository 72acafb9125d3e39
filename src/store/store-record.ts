import { type EventRow, eventRowBytes } from '../event/event-row.ts'
import type { Recorded } from '../record/records.ts'
import { rowBytes, workBytes } from '../record/row-size.ts'
import type { Emitted } from '../record/work.ts'
import type { Pack } from './pack.ts'

/** A row and the table it belongs to: what the plugin records, and unified events of any kind. */
export type StoreRecord = (Exclude<Recorded, { table: 'events' }> | { table: 'events'; row: EventRow }) & {
  /** Another version of it was handed on before, so the database may have it. @default false */
  readonly again?: boolean
}

/** What waits to be written. */
export type Held = StoreRecord | Pack

/** What the buffer calls a row. */
export function recordKey(record: StoreRecord | Emitted): string {
  return isWork(record) ? record.id : record.row.id
}

/** The row itself, where a record is work that goes on changing. */
export function snapshot(record: StoreRecord): StoreRecord {
  return isWork(record) ? ({ table: record.table, row: record.row } as StoreRecord) : record
}

function isWork(record: StoreRecord | Emitted): record is Exclude<Emitted, { table: 'events' }> {
  return 'changed' in record
}

/** About how much memory a row holds, in bytes. */
export function recordBytes(record: StoreRecord | Emitted): number {
  if (isWork(record)) return workBytes(record)
  return record.table === 'events' ? eventRowBytes(record.row) : rowBytes(record)
}

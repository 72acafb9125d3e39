import { isObject, merged } from '../fields.ts'
import type { EventDraft } from '../source.ts'

type Row = Readonly<Record<string, unknown>>
export type Operation = 'insert' | 'update' | 'delete' | 'truncate' | 'read' | 'manual' | 'message'

export interface RowChange {
  operation: Operation
  schema: string | null
  table: string
  database: string | null
  before: Row | null
  after: Row | null
  /** Of the row: its key columns, as far as the source tells them. */
  key: Row | null
}

/** The columns that every row change fills, whatever brought it. */
export function changeColumns(change: RowChange, ns: string): Partial<EventDraft> & { event_name: string } {
  const { operation, schema, table, database, before, after } = change
  const name = schema === null ? table : `${schema}.${table}`
  const row = after ?? before
  const rowId = rowIdOf(change.key ?? (row && 'id' in row ? { id: row.id } : null))
  return {
    event_type: 'cdc',
    event_name: `${table}.${operation}`,
    ns,
    resource_type: name,
    resource_id: rowId,
    resource_ns: ns,
    db_name: database,
    db_table: name,
    db_operation: operation,
    db_row_id: rowId,
    db_before: before,
    db_after: after,
  }
}

/** The columns that an update changed, in the order of the new row; null for what is no update. */
export function changedColumnsOf(before: Row | null, after: Row | null): string[] | null {
  if (before === null || after === null) return null
  const changed = Object.keys(after).filter(column => JSON.stringify(before[column]) !== JSON.stringify(after[column]))
  for (const column of Object.keys(before)) if (!Object.hasOwn(after, column)) changed.push(column)
  return changed
}

/** What `data` says of a change, besides the rows. */
export function changeData(change: RowChange, more: Record<string, unknown> = {}): Record<string, unknown> | null {
  return merged({ changed_columns: changedColumnsOf(change.before, change.after), ...more })
}

function rowIdOf(key: Row | null): string | null {
  if (key === null) return null
  const values = Object.values(key)
  if (values.length !== 1) return values.length === 0 ? null : JSON.stringify(key)
  const [only] = values
  if (only === null || only === undefined) return null
  return typeof only === 'object' ? JSON.stringify(only) : String(only)
}

export const rowOrNull = (value: unknown): Row | null => (isObject(value) ? value : null)

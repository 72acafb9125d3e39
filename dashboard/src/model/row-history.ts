import { diffData, type RowDiff } from './row-diff.ts'
import { type Micros, parseMicros } from './time.ts'

/** One invocation, as what it is about: a row that changed. */
export interface RowChangeRow {
  id: string
  created_at: string
  source_event_time: string | null
  source_table: string | null
  source_operation: string | null
  source_record_id: string | null
  source_function: string
  status: string
  total_jobs_failed: number
  source_job_execution: { id: string; job_name: string } | null
  /** `event.data` of the payload: old and new row. */
  data: unknown
}

export interface RowChangeEntry {
  row: RowChangeRow
  /** When the row changed, else when the invocation started. */
  at: Micros
  /** Null when the payload was not recorded. */
  diff: RowDiff | null
}

/** Everything that happened to one row of a table within a chain, first to last. */
export interface RowHistory {
  key: string
  table: string | null
  recordId: string | null
  entries: RowChangeEntry[]
  /** Changed columns over all entries, most often changed first. */
  columns: string[]
}

/** Changes to the rows they changed, in the order in which each row was first touched. One change that several functions heard of is one entry each. */
export function toRowHistories(changes: readonly RowChangeRow[]): RowHistory[] {
  const histories = new Map<string, RowHistory>()
  const entries = changes
    .map(row => ({
      row,
      at: parseMicros(row.source_event_time) ?? parseMicros(row.created_at) ?? 0,
      diff: diffData(row.data),
    }))
    .sort((a, b) => a.at - b.at || (a.row.id < b.row.id ? -1 : 1))
  for (const entry of entries) {
    const { source_table: table, source_record_id: recordId } = entry.row
    // Without a key nobody knows whether two changes are about one row.
    const key = recordId === null ? entry.row.id : `${table}:${recordId}`
    let history = histories.get(key)
    if (!history) {
      history = { key, table, recordId, entries: [], columns: [] }
      histories.set(key, history)
    }
    history.entries.push(entry)
  }
  for (const history of histories.values()) {
    const counts = new Map<string, number>()
    for (const { diff } of history.entries) {
      if (diff?.operation !== 'update') continue
      for (const { column, changed } of diff.columns) if (changed) counts.set(column, (counts.get(column) ?? 0) + 1)
    }
    history.columns = [...counts].sort((a, b) => b[1] - a[1]).map(([column]) => column)
  }
  return [...histories.values()]
}

import type { ApolloClient } from '@apollo/client'
import { toCsvLine, toJsonLine } from '../../model/export-rows.ts'
import { olderRows } from '../../model/row-place.ts'
import type { BoolExp } from '../../model/search-query.ts'
import { EXPORT_COUNT, EXPORT_PAGE, type ExportRow } from './queries.ts'

export type ExportFormat = 'csv' | 'jsonl'

/** The file is made in memory. */
export const MAX_EXPORTED = 200_000
const PAGE = 1_000

const COLUMNS = [
  'id',
  'created_at',
  'ended_at',
  'status',
  'source_function',
  'source_table',
  'source_operation',
  'source_record_id',
  'correlation_id',
  'correlation_source',
  'source_job_id',
  'total_duration_ms',
  'events_detected_count',
  'total_jobs_run',
  'total_jobs_succeeded',
  'total_jobs_failed',
  'changed_columns',
  'error_message',
] as const

interface ExportOptions {
  client: ApolloClient
  where: BoolExp
  format: ExportFormat
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
}

/** Reads page after page, the newest first, into one file. Throws when a page cannot be read or it is aborted. */
export async function exportInvocations(options: ExportOptions): Promise<{ file: Blob; rows: number; total: number }> {
  const { client, where, format, signal, onProgress } = options
  const context = { fetchOptions: { signal }, queryDeduplication: false }
  const counted = await client.query({ query: EXPORT_COUNT, variables: { where }, fetchPolicy: 'no-cache', context })
  const total = counted.data?.invocations_aggregate.aggregate?.count ?? 0
  const parts: string[] = format === 'csv' ? [toCsvLine(COLUMNS)] : []
  let rows = 0
  let last: ExportRow | undefined
  onProgress(0, total)
  while (rows < MAX_EXPORTED) {
    signal.throwIfAborted()
    const { data } = await client.query({
      query: EXPORT_PAGE,
      variables: { where: last ? { _and: [where, olderRows(last, 'created_at')] } : where, limit: PAGE },
      fetchPolicy: 'no-cache',
      context,
    })
    const page = data?.invocations ?? []
    parts.push(page.map(row => toLine(row, format)).join(''))
    rows += page.length
    last = page[page.length - 1]
    onProgress(rows, Math.max(total, rows))
    if (page.length < PAGE) break
  }
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/x-ndjson'
  return { file: new Blob(parts, { type }), rows, total: Math.max(total, rows) }
}

function toLine(row: ExportRow, format: ExportFormat): string {
  if (format === 'csv') return toCsvLine(COLUMNS.map(column => row[column]))
  return toJsonLine(Object.fromEntries(COLUMNS.map(column => [column, row[column]])))
}

import type { CopySource } from '../db/copy-from.ts'
import { quoteIdent } from '../db/identifiers.ts'
import { ALWAYS_WRITTEN, COLUMNS, type TableName } from './tables.ts'

/** A row by its columns. */
export type Row = Readonly<Record<string, unknown>>

// Large enough that the calls cost nothing, small enough that the server starts while the rest is encoded.
const CHUNK_LENGTH = 64 * 1_024

/** The plain COPY of rows that are not in the table yet, naming only the columns that one of them uses. */
export function copySource(schema: string, table: TableName, rows: readonly object[]): CopySource {
  const columns = usedColumns(table, rows as readonly Row[])
  const names = columns.map(quoteIdent).join(', ')
  return {
    sql: `COPY ${quoteIdent(schema)}.${quoteIdent(table)} (${names}) FROM STDIN`,
    chunks: copyText(columns, rows as readonly Row[]),
  }
}

/** The columns that one of the rows has a value for, in the order of the table, and those that have to be written. */
export function usedColumns(table: TableName, rows: readonly Row[]): string[] {
  // By the rows' own keys: of the 175 columns of an event most are in no row.
  const used = new Set<string>()
  for (const row of rows) {
    for (const column in row) if (row[column] !== null && row[column] !== undefined) used.add(column)
  }
  return Object.keys(COLUMNS[table]).filter(column => used.has(column) || ALWAYS_WRITTEN.has(column))
}

/** Rows in the text format of COPY, in chunks. */
export function* copyText(columns: readonly string[], rows: readonly Row[]): Generator<string> {
  let text = ''
  for (const row of rows) {
    let separator = ''
    for (const column of columns) {
      text += separator + copyValue(row[column])
      separator = '\t'
    }
    text += '\n'
    if (text.length >= CHUNK_LENGTH) {
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

const SPECIAL = /[\\\n\r\t]/
const ALL_SPECIAL = /[\\\n\r\t]/g
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function copyValue(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  const text = typeof value === 'string' ? value : String(value)
  // Most values have nothing to escape, and testing is cheaper than replacing.
  return SPECIAL.test(text) ? text.replace(ALL_SPECIAL, character => ESCAPES[character] as string) : text
}

import { copyBinary } from '../db/copy-binary.ts'
import type { CopySource } from '../db/copy-from.ts'
import { quoteIdent } from '../db/identifiers.ts'
import { ALWAYS_WRITTEN, COLUMNS, type PostgresType, type TableName } from './tables.ts'

/** A row by its columns. */
export type Row = Readonly<Record<string, unknown>>

/** The COPY of rows of one table. */
export interface TableCopy extends CopySource {
  table: TableName
}

/** The plain COPY of rows that are not in the table yet, naming only the columns that one of them uses. */
export function copySource(schema: string, table: TableName, rows: readonly object[]): TableCopy {
  const types = COLUMNS[table] as Readonly<Record<string, PostgresType>>
  const columns = usedColumns(table, rows as readonly Row[])
  const names = columns.map(quoteIdent).join(', ')
  return {
    table,
    sql: `COPY ${quoteIdent(schema)}.${quoteIdent(table)} (${names}) FROM STDIN (FORMAT binary)`,
    chunks: copyBinary(
      columns.map(name => ({ name, type: types[name] as PostgresType })),
      rows as readonly Row[],
    ),
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

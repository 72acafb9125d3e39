import { quoteIdent } from '../db/identifiers.ts'
import type { Row } from './copy.ts'
import { COLUMNS, type TableName } from './tables.ts'

/**
 * The statement that writes any number of rows of a table: one array parameter per column. Written twice it has the
 * effect of once, and an older version of a row never replaces a newer one. Of `events` it names only the `used` columns.
 */
export function upsertSql(schema: string, table: TableName, used?: readonly string[]): string {
  const columns = Object.entries(COLUMNS[table]).filter(([name]) => used === undefined || used.includes(name))
  const names = columns.map(([name]) => quoteIdent(name)).join(', ')
  const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')
  const target = `${quoteIdent(schema)}.${quoteIdent(table)}`
  const insert = `INSERT INTO ${target} AS stored (${names}) SELECT * FROM unnest(${arrays})`
  if (table === 'events') return `${insert} ON CONFLICT DO NOTHING`
  const updates = columns
    .filter(([name]) => name !== 'id')
    .map(([name]) => `${quoteIdent(name)} = excluded.${quoteIdent(name)}`)
    .join(', ')
  return `${insert} ON CONFLICT (id) DO UPDATE SET ${updates} WHERE ${version('stored')} <= ${version('excluded')}`
}

// Of two versions the later wins, and ended work does not run again: so the end counts also when the clock was set back
// between start and end.
function version(row: 'stored' | 'excluded'): string {
  return `(${row}.ended_at IS NOT NULL, ${row}.updated_at)`
}

/** The parameters of upsertSql: for each column the values of all rows. */
export function upsertParameters(columns: readonly string[], rows: readonly Row[]): unknown[][] {
  return columns.map(column => rows.map(row => row[column] ?? null))
}

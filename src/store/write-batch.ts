import type { Pool } from '../db/pool.ts'
import { withClient } from '../db/with-client.ts'
import type { Recorded } from '../record/records.ts'
import { type TableName, WRITE_ORDER } from './tables.ts'
import { upsertParameters, upsertSql } from './upsert.ts'

/** A row that Postgres does not take, however it is sent. */
export interface RefusedRow {
  record: Recorded
  error: unknown
}

/** Writes records; resolves with those that Postgres refused, and rejects when it could not be asked. */
export type WriteBatch = (records: readonly Recorded[]) => Promise<RefusedRow[]>

// SQLSTATE classes that speak of the values in a row, not of the server or the schema.
const DATA_ERROR = /^(?:22|23)/

/** Writes to the tables of a schema; every batch is one transaction. The pool is asked for at each batch. */
export function createWriteBatch(pool: () => Pool, schema: string): WriteBatch {
  const statements = new Map(WRITE_ORDER.map(table => [table, upsertSql(schema, table)]))

  async function writeAll(records: readonly Recorded[]): Promise<void> {
    const byTable = groupByTable(records)
    await withClient(pool(), async client => {
      await client.query('BEGIN')
      for (const table of WRITE_ORDER) {
        const rows = byTable.get(table)
        if (rows) await client.query(statements.get(table) as string, upsertParameters(table, rows))
      }
      await client.query('COMMIT')
      // On failure the connection is closed, which rolls back.
    })
  }

  // Halves a refused batch until the row that Postgres does not take stands alone; all others are stored.
  async function write(records: readonly Recorded[]): Promise<RefusedRow[]> {
    try {
      await writeAll(records)
      return []
    } catch (error) {
      if (!isDataError(error)) throw error
      const [only] = records
      if (only && records.length === 1) return [{ record: only, error }]
      const middle = records.length >> 1
      return [...(await write(records.slice(0, middle))), ...(await write(records.slice(middle)))]
    }
  }

  return write
}

function isDataError(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && DATA_ERROR.test(code)
}

function groupByTable(records: readonly Recorded[]): Map<TableName, object[]> {
  const byTable = new Map<TableName, object[]>()
  for (const { table, row } of records) {
    const rows = byTable.get(table)
    if (rows) rows.push(row)
    else byTable.set(table, [row])
  }
  return byTable
}

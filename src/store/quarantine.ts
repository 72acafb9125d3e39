import { quoteIdent } from '../db/identifiers.ts'
import type { Pool } from '../db/pool.ts'
import { messageOf } from '../errors.ts'
import { cleanText } from '../record/clean-text.ts'
import type { StoreRecord } from './store-record.ts'
import { sqlState, writeFailure } from './write-failures.ts'

/** A row that Postgres does not take into its table, however it is sent. */
export interface RefusedRow {
  record: StoreRecord
  error: unknown
  /** Whether it is kept in `quarantined_rows`; if not, it is lost. */
  quarantined: boolean
}

/**
 * Puts a refused row with its error into `quarantined_rows`; put there twice, it is there once, as it was last. Rejects
 * when the database could not be asked.
 */
export async function quarantine(
  pool: Pool,
  schema: string,
  record: StoreRecord,
  error: unknown,
  instance: string,
): Promise<RefusedRow> {
  try {
    await pool.query(
      `INSERT INTO ${quoteIdent(schema)}.quarantined_rows
         (table_name, row_id, "row", error_code, error_message, instance)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (table_name, row_id) DO UPDATE SET "row" = excluded."row", error_code = excluded.error_code,
         error_message = excluded.error_message, instance = excluded.instance, created_at = now()`,
      Object.values(quarantinedRow(record, error, instance)),
    )
    return { record, error, quarantined: true }
  } catch (failure) {
    if (writeFailure(failure).reaction !== 'refuse') throw failure
    return { record, error: failure, quarantined: false }
  }
}

/** The row of `quarantined_rows`, in the order of its columns. `row` is JSON text. */
export function quarantinedRow({ table, row }: StoreRecord, error: unknown, instance: string) {
  return {
    table_name: table,
    row_id: storable(row.id),
    row: JSON.stringify(row, (_, value) => (typeof value === 'string' ? storable(value) : value)),
    error_code: sqlState(error),
    error_message: storable(messageOf(error)),
    instance,
  }
}

// What Postgres refuses in any text is the likeliest reason to be here; the replacement characters show where it was.
function storable(text: string): string {
  return cleanText(text, Number.POSITIVE_INFINITY)
}

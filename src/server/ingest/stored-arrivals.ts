import { quoteIdent } from '../../db/identifiers.ts'
import type { Pool } from '../../db/pool.ts'
import type { Timestamp } from '../../event/unified-event.ts'

/** Looks up when events arrived first whose time is that of their arrival. */
export function storedArrivals(
  pool: Pool,
  schema: string,
): (ids: readonly string[]) => Promise<ReadonlyMap<string, Timestamp>> {
  return async ids => {
    const { rows } = await pool.query<{ id: string; at: Timestamp }>(
      `SELECT e.id, to_char(min(e."timestamp") AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
       FROM ${quoteIdent(schema)}.events e
       WHERE e.id = ANY ($1::text[]) AND e."timestamp" = e.ingested_at GROUP BY e.id`,
      [ids],
    )
    return new Map(rows.map(({ id, at }) => [id, at]))
  }
}

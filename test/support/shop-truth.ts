import { parseTrackingToken } from '../../src/correlation/tracking-token.ts'
import type { Pool } from '../../src/db/pool.ts'

/** One row change of the shop, as the shop's own database knows it. */
export interface RowChange {
  eventId: string
  table: string
  op: string
  /** The job that wrote the row, read from the row itself; null for a person. */
  jobId: string | null
}

/** Every row change that an order and its chain made, from the shop's database alone. */
export async function readRowChanges(shop: Pool): Promise<RowChange[]> {
  const { rows } = await shop.query(
    `SELECT id, schema_name || '.' || table_name AS name, op, data_new->>'updated_by' AS updated_by
     FROM hasura_event_delivery.event_log ORDER BY position`,
  )
  return rows.map(row => ({
    eventId: row.id,
    table: row.name,
    op: row.op,
    jobId: parseTrackingToken(row.updated_by)?.jobExecutionId ?? null,
  }))
}

/** Whether every row change was delivered and answered: nothing more will happen by itself. */
export async function isSettled(shop: Pool): Promise<boolean> {
  const { rows } = await shop.query(
    'SELECT count(*)::int AS all, count(*) FILTER (WHERE due_at IS NOT NULL)::int AS due FROM hasura_event_delivery.event_log',
  )
  return rows[0].all > 0 && rows[0].due === 0
}

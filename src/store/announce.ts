import { quoteIdent, quoteLiteral } from '../db/identifiers.ts'
import type { ClientBase } from '../db/pool.ts'
import { announce, EVENTS_CHANNEL } from '../event/announcement.ts'

/**
 * Statements that tell the live stream of events, by their times in milliseconds since 1970, to be run in the transaction that
 * stores them; none for no events. Listeners hear of it when that commits, and find the rows by the transaction.
 */
export function announcementSql(schema: string, timestampsMs: readonly number[], batch?: string): string[] {
  return announce(schema, timestampsMs, batch).map(
    announcement =>
      `SELECT pg_notify(${quoteLiteral(EVENTS_CHANNEL)},
         (${quoteLiteral(JSON.stringify(announcement))}::jsonb
            || jsonb_build_object('xid', pg_current_xact_id()::xid::text))::text)`,
  )
}

/** Tells of events that somebody else inserted in the transaction at hand; `rows` are the texts of whole rows. */
export async function announceInserted(client: ClientBase, schema: string, rows: readonly string[]): Promise<void> {
  const { rows: times } = await client.query<{ ms: number }>(
    `SELECT floor(extract(epoch FROM row."timestamp") * 1000)::float8 AS ms
     FROM unnest($1::${quoteIdent(schema)}.events[]) AS row`,
    [rows],
  )
  const timesMs = times.map(({ ms }) => ms)
  for (const sql of announcementSql(schema, timesMs)) await client.query(sql)
}

import { quoteLiteral } from '../db/identifiers.ts'
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

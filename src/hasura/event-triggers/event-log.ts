import type { Pool } from '../../db/pool.ts'
import type { RowOperation } from './trigger-function.ts'

/** A recorded row change that this dispatcher has leased. */
export interface LeasedEvent {
  id: string
  triggerName: string
  schemaName: string
  tableName: string
  operation: RowOperation
  /** JSON text exactly as Postgres wrote it, so that the digits of a bigint survive. */
  dataOld: string | null
  dataNew: string | null
  sessionVariables: string | null
  traceContext: string | null
  /** UTC without a zone, as Hasura writes it. */
  createdAt: string
  /** How many attempts have ended before. */
  tries: number
}

/** How one attempt to deliver ended, and what follows for the event. */
export interface Outcome {
  /** Of the attempt, so that writing it twice changes nothing. */
  attemptId: string
  eventId: string
  /** Which retry it was; 0 is the first attempt. */
  retry: number
  status: number | null
  error: string | null
  response: string | null
  startedAt: string
  durationMs: number
  delivered: boolean
  /** When to try again; null together with `delivered: false` gives the event up. */
  retryInSeconds: number | null
}

export interface LeaseRequest {
  sourceName: string
  leasedBy: string
  limit: number
  /** Seconds after which an event whose dispatcher died is due again, by event trigger. */
  leaseSeconds: ReadonlyMap<string, number>
  /** Events this dispatcher still holds: not to be taken again, even if their lease has run out. */
  heldIds: readonly string[]
}

/** Takes events that are due, oldest first; another dispatcher neither waits for them nor gets them. */
export async function leaseDueEvents(pool: Pool, request: LeaseRequest): Promise<LeasedEvent[]> {
  const { rows } = await pool.query(
    `UPDATE hasura_event_delivery.event_log AS event
     SET due_at = clock_timestamp() + make_interval(secs => due.lease_seconds), leased_by = $2
     FROM (
       SELECT log.id, event_trigger.lease_seconds
       FROM hasura_event_delivery.event_log AS log
       JOIN unnest($3::text[], $4::float8[]) AS event_trigger (name, lease_seconds) ON event_trigger.name = log.trigger_name
       WHERE log.source_name = $1 AND log.due_at <= clock_timestamp() AND log.id <> ALL ($5::uuid[])
       ORDER BY log.due_at, log.position
       LIMIT $6
       FOR UPDATE OF log SKIP LOCKED
     ) AS due
     WHERE event.id = due.id
     RETURNING event.id, event.position::text, event.trigger_name, event.schema_name, event.table_name, event.op,
       event.data_old::text, event.data_new::text, event.session_variables, event.trace_context, event.tries,
       to_char(event.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS created_at`,
    [
      request.sourceName,
      request.leasedBy,
      [...request.leaseSeconds.keys()],
      [...request.leaseSeconds.values()],
      request.heldIds,
      request.limit,
    ],
  )
  // RETURNING promises no order.
  rows.sort((a, b) => Number(BigInt(a.position) - BigInt(b.position)))
  return rows.map(row => ({
    id: row.id,
    triggerName: row.trigger_name,
    schemaName: row.schema_name,
    tableName: row.table_name,
    operation: row.op,
    dataOld: row.data_old,
    dataNew: row.data_new,
    sessionVariables: row.session_variables,
    traceContext: row.trace_context,
    createdAt: row.created_at,
    tries: row.tries,
  }))
}

/** Records attempts and what follows from them. Safe to repeat when it is not known whether it worked. */
export async function writeOutcomes(pool: Pool, leasedBy: string, outcomes: readonly Outcome[]): Promise<void> {
  await pool.query(
    `WITH outcome AS (
       SELECT * FROM json_to_recordset($1::json) AS outcome (
         "attemptId" uuid, "eventId" uuid, retry int, status int, error text, response text, "startedAt" timestamptz,
         "durationMs" int, delivered boolean, "retryInSeconds" float8)
     ), attempt AS (
       INSERT INTO hasura_event_delivery.invocation_log
         (id, event_id, retry, status, error, response, started_at, duration_ms)
       SELECT "attemptId", id, retry, status, error, response, "startedAt", "durationMs"
       FROM outcome JOIN hasura_event_delivery.event_log ON id = "eventId"
       ON CONFLICT (id) DO NOTHING
     )
     UPDATE hasura_event_delivery.event_log AS event SET
       tries = event.tries + 1,
       leased_by = NULL,
       delivered_at = CASE WHEN outcome.delivered THEN clock_timestamp() END,
       given_up_at = CASE WHEN NOT outcome.delivered AND "retryInSeconds" IS NULL THEN clock_timestamp() END,
       due_at = CASE WHEN NOT outcome.delivered THEN clock_timestamp() + make_interval(secs => "retryInSeconds") END
     FROM outcome
     WHERE event.id = outcome."eventId" AND event.due_at IS NOT NULL
       -- A failure says nothing about an event that another dispatcher has taken over since; a success does.
       AND (outcome.delivered OR event.leased_by = $2)`,
    [JSON.stringify(outcomes), leasedBy],
  )
}

/** Makes events due at once that this dispatcher took and will not finish. */
export async function releaseLeases(pool: Pool, leasedBy: string, eventIds: readonly string[]): Promise<void> {
  await pool.query(
    `UPDATE hasura_event_delivery.event_log SET due_at = clock_timestamp(), leased_by = NULL
     WHERE id = ANY ($2::uuid[]) AND leased_by = $1 AND due_at IS NOT NULL`,
    [leasedBy, eventIds],
  )
}

/** Makes events due at once that are leased by this dispatcher without its knowing, after a lost connection. */
export async function releaseUnknownLeases(pool: Pool, leasedBy: string, knownIds: readonly string[]): Promise<void> {
  await pool.query(
    `UPDATE hasura_event_delivery.event_log SET due_at = clock_timestamp(), leased_by = NULL
     WHERE leased_by = $1 AND id <> ALL ($2::uuid[]) AND due_at IS NOT NULL`,
    [leasedBy, knownIds],
  )
}

/** The name under which a dispatcher's listening connection is known to the server, for as long as it lives. */
export function dispatcherName(dispatcherId: string): string {
  return `event dispatcher ${dispatcherId}`
}

/**
 * Makes events due at once that were leased by dispatchers which are gone (killed: their connection is closed). Otherwise
 * these events would wait until their lease ends. A dispatcher that has just lost its connection may be taken for gone; its
 * events are then delivered twice, which "at least once" allows.
 */
export async function releaseAbandonedLeases(pool: Pool, sourceName: string): Promise<void> {
  await pool.query(
    `UPDATE hasura_event_delivery.event_log SET due_at = clock_timestamp(), leased_by = NULL
     WHERE source_name = $1 AND leased_by IS NOT NULL AND due_at > clock_timestamp()
       AND NOT EXISTS (
         SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = $2 || leased_by::text)`,
    [sourceName, dispatcherName('')],
  )
}

/** How many events are neither delivered nor given up. */
export async function countPendingEvents(pool: Pool, sourceName: string): Promise<number> {
  const { rows } = await pool.query(
    'SELECT count(*)::int AS pending FROM hasura_event_delivery.event_log WHERE source_name = $1 AND due_at IS NOT NULL',
    [sourceName],
  )
  return rows[0].pending
}

/** Deletes finished events, and the record of their attempts, that are older than the given number of days. */
export async function deleteFinishedEvents(pool: Pool, sourceName: string, olderThanDays: number): Promise<void> {
  await pool.query(
    `DELETE FROM hasura_event_delivery.event_log WHERE id IN (
       SELECT id FROM hasura_event_delivery.event_log
       WHERE source_name = $1 AND due_at IS NULL AND created_at < now() - make_interval(days => $2)
       LIMIT 50000)`,
    [sourceName, olderThanDays],
  )
}

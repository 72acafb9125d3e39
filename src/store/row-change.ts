import { hasuraEventId } from '../event/cdc/hasura-id.ts'
import type { EventRow } from '../event/event-row.ts'
import type { InvocationRow } from '../record/records.ts'
import { jsonMember } from './json-member.ts'

/** What an event calls Hasura's operations. A payload may name any: of an object's own it would get what objects inherit. */
export const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['INSERT', 'insert'],
  ['UPDATE', 'update'],
  ['DELETE', 'delete'],
  ['MANUAL', 'manual'],
])

/**
 * The row change that set an invocation off, as a `cdc` event: tied to its invocation by span, to the job that wrote it by the
 * parent's. Made of what the invocation has recorded, so what is redacted or not captured there is not here either. A
 * redelivery makes the same event. Null when no row change is known.
 */
export function rowChangeOf(row: InvocationRow): EventRow | null {
  const operation = OPERATIONS.get(row.source_operation ?? '')
  if (operation === undefined || row.source_table === null || row.source_event_id === null) return null
  // A payload that is sent again tells of a change that was there before.
  if (row.replay_of !== null) return null
  const timestamp = row.source_event_time ?? row.created_at
  const payload = row.source_event_payload
  const before = payload === null ? null : jsonMember(payload, 'event', 'data', 'old')
  const after = payload === null ? null : jsonMember(payload, 'event', 'data', 'new')
  const table = row.source_table
  return {
    id: hasuraEventId(row.source_event_id),
    event_type: 'cdc',
    event_name: `${tableNameOf(table)}.${operation}`,
    ns: row.source_function,
    trace_id: row.trace_id,
    span_id: row.span_id,
    parent_id: row.parent_span_id,
    correlation_id: row.correlation_id,
    actor_id: row.source_user_email,
    actor_type: row.source_user_role,
    resource_type: table,
    resource_id: row.source_record_id,
    timestamp,
    service_name: row.source_function,
    db_system: 'postgresql',
    db_table: table,
    db_operation: operation,
    db_row_id: row.source_record_id,
    db_before: before === 'null' ? null : before,
    db_after: after === 'null' ? null : after,
    data: changeDataOf(row.id, row.source_job_id, row.changed_columns),
    day: timestamp.slice(0, 10),
    hour: Number(timestamp.slice(11, 13)),
    event_source: 'hasura',
    ingested_at: row.created_at,
    schema_version: 1,
  }
}

/** The name of a table without its schema. */
export function tableNameOf(table: string): string {
  return table.slice(table.indexOf('.') + 1)
}

/** The `data` of such an event. Its parts are ids, and JSON already. */
export function changeDataOf(invocationId: string, sourceJobId: string | null, changedColumns: string | null): string {
  const job = sourceJobId === null ? '' : `,"source_job_id":"${sourceJobId}"`
  return `{"invocation_id":"${invocationId}"${job}${changedColumns === null ? '' : `,"changed_columns":${changedColumns}`}}`
}

import type { Pool } from '../../src/db/pool.ts'
import { SCHEMA } from './postgres.ts'

export interface InvocationToWrite {
  /** When it started. */
  at: Date | string
  status?: string
  sourceFunction?: string
  correlationSource?: string
  durationMs?: number | null
  instanceId?: string | null
}

export interface WrittenInvocation {
  id: string
  eventId: string
  jobId: string
}

/** An invocation with one event that fired, one job, and one line of the job's output, all started at one time. */
export async function writeInvocation(pool: Pool, row: InvocationToWrite): Promise<WrittenInvocation> {
  const { status = 'completed', sourceFunction = 'orders', correlationSource = 'generated' } = row
  const running = status === 'running'
  const failed = status === 'failed' || status === 'timeout'
  const id = (n: string): string =>
    `(overlay(${SCHEMA}.uuid_v7_at($1)::text PLACING '${n}' || right(gen_random_uuid()::text, 11) FROM 25))::uuid`
  const { rows } = await pool.query<WrittenInvocation>(
    `WITH i AS (
       INSERT INTO ${SCHEMA}.invocations (id, created_at, updated_at, correlation_id, correlation_source, source_function, status,
         total_duration_ms, events_detected_count, total_jobs_run, total_jobs_succeeded, total_jobs_failed, instance_id)
       VALUES (${id('1')}, $1, $1, gen_random_uuid(), $2, $3, $4, $5, 1, 1, $6, $7, $8) RETURNING *
     ), e AS (
       INSERT INTO ${SCHEMA}.event_executions (id, invocation_id, created_at, updated_at, correlation_id, event_name, detected,
         detection_duration_ms, handler_duration_ms, status, jobs_count, jobs_failed)
       SELECT ${id('2')}, i.id, $1, $1, i.correlation_id, 'orders.placed', true, 1, $5, $9, 1, $7 FROM i RETURNING *
     ), j AS (
       INSERT INTO ${SCHEMA}.job_executions (id, invocation_id, event_execution_id, created_at, updated_at, correlation_id,
         trace_id, span_id, job_name, status, duration_ms)
       SELECT ${id('3')}, e.invocation_id, e.id, $1, $1, e.correlation_id, replace(e.correlation_id::text, '-', ''),
         right(replace(gen_random_uuid()::text, '-', ''), 16), 'sendReceipt', $4, $5 FROM e RETURNING *
     ), l AS (
       INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, timestamp, trace_id, span_id, log_message)
       SELECT j.id || ':000001', 'log', 'job.console', $3, $1, j.trace_id, j.span_id, 'sent' FROM j
     )
     SELECT i.id, e.id AS "eventId", j.id AS "jobId" FROM i, e, j`,
    [
      row.at,
      correlationSource,
      sourceFunction,
      status,
      running ? null : row.durationMs === undefined ? 10 : row.durationMs,
      failed || running ? 0 : 1,
      failed ? 1 : 0,
      row.instanceId ?? null,
      running ? 'handling' : failed ? 'failed' : 'completed',
    ],
  )
  return rows[0] as WrittenInvocation
}

/** How many rows each of the recorded tables has. */
export async function countRows(pool: Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query(
    `SELECT (SELECT count(*)::int FROM ${SCHEMA}.invocations) AS invocations,
            (SELECT count(*)::int FROM ${SCHEMA}.event_executions) AS event_executions,
            (SELECT count(*)::int FROM ${SCHEMA}.job_executions) AS job_executions,
            (SELECT count(*)::int FROM ${SCHEMA}.events) AS events`,
  )
  return rows[0]
}

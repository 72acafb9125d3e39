import { randomUUID } from 'node:crypto'
import type { Pool } from '../../src/db/pool.ts'
import { SCHEMA } from './schema.ts'

/** Spans of one invocation: itself, eight modules that said no, one that fired, and its jobs. */
const MODULES = 8
const JOBS = 2
const SPANS = 1 + MODULES + 1 + JOBS

export interface BigChain {
  rootId: string
  spans: number
  failed: number
}

/**
 * A chain of about so many spans, by SQL: each job causes an invocation, each invocation runs two jobs, until there are
 * enough. One job in a hundred failed. It lies one hour in the past and takes some minutes.
 */
export async function insertBigChain(pool: Pool, spans: number): Promise<BigChain> {
  const invocations = Math.ceil(spans / SPANS)
  const correlation = randomUUID()
  const id = (what: string, n: string) =>
    `overlay(overlay(${SCHEMA}.uuid_v7_at(at)::text PLACING '7' || substr(md5('${correlation}${what}' || ${n}), 1, 3) FROM 15)
     PLACING '8' || substr(md5('${correlation}${what}' || ${n}), 4, 3) || '-' || substr(md5('${correlation}${what}' || ${n}), 7, 12) FROM 20)::uuid`
  // Invocation n is caused by job (n - 1) % 2 of invocation (n - 1) / 2.
  const at = `date_trunc('second', now()) - interval '1 hour' + floor(log(2, n + 1)) * interval '4 seconds' + n * interval '350 microseconds'`
  await pool.query(
    `CREATE TABLE big_chain AS SELECT n, at, ${id('i', 'n')} AS id, ${id('e', 'n')} AS event_id, ${id('j0-', 'n')} AS job_0,
       ${id('j1-', 'n')} AS job_1 FROM (SELECT n, ${at} AS at FROM generate_series(0, ${invocations} - 1) n) t`,
  )
  await pool.query('CREATE UNIQUE INDEX ON big_chain (n)')
  await pool.query(
    `INSERT INTO ${SCHEMA}.invocations (id, created_at, updated_at, ended_at, correlation_id, correlation_source, trace_id, span_id,
       source_function, source_table, source_operation, source_record_id, source_job_id, source_event_time, changed_columns,
       total_duration_ms, status)
     SELECT c.id, c.at, c.at, c.at + interval '900 ms', '${correlation}', 'updated_by', replace('${correlation}', '-', ''), right(replace(c.id::text, '-', ''), 16),
       'big', CASE c.n % 3 WHEN 0 THEN 'public.orders' WHEN 1 THEN 'public.payments' ELSE 'public.stock' END, CASE WHEN c.n = 0 THEN 'INSERT' ELSE 'UPDATE' END, c.n::text,
       CASE WHEN c.n > 0 THEN CASE (c.n - 1) % 2 WHEN 0 THEN p.job_0 ELSE p.job_1 END END, c.at - interval '20 ms', '["status"]', 900, 'completed'
     FROM big_chain c LEFT JOIN big_chain p ON c.n > 0 AND p.n = (c.n - 1) / 2`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.event_executions (id, invocation_id, created_at, updated_at, detection_ended_at, ended_at, correlation_id, trace_id,
       span_id, event_name, detected, detection_duration_ms, jobs_count, status)
     SELECT CASE WHEN k = 0 THEN event_id ELSE ${id('m', "n || '-' || k")} END, id, at + k * interval '1 ms', at, at + interval '2 ms' + k * interval '1 ms',
       at + CASE WHEN k = 0 THEN interval '880 ms' ELSE interval '2 ms' + k * interval '1 ms' END, '${correlation}', replace('${correlation}', '-', ''),
       NULL, CASE WHEN k = 0 THEN 'stock.moved' ELSE 'module-' || k END, k = 0, 2, CASE WHEN k = 0 THEN ${JOBS} ELSE 0 END,
       CASE WHEN k = 0 THEN 'completed' ELSE 'not_detected' END
     FROM big_chain, generate_series(0, ${MODULES}) k`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.job_executions (id, invocation_id, event_execution_id, created_at, updated_at, ended_at, correlation_id, trace_id,
       span_id, job_name, duration_ms, status, error_message)
     SELECT CASE k WHEN 0 THEN job_0 ELSE job_1 END, id, event_id, at + interval '15 ms', at, at + interval '15 ms' + (100 + (n * 37) % 700) * interval '1 ms',
       '${correlation}', replace('${correlation}', '-', ''), NULL, CASE k WHEN 0 THEN 'moveStock' ELSE 'notify' END, 100 + (n * 37) % 700,
       CASE WHEN k = 1 AND n % 50 = 7 THEN 'failed' ELSE 'completed' END, CASE WHEN k = 1 AND n % 50 = 7 THEN 'mail server said no' END
     FROM big_chain, generate_series(0, ${JOBS} - 1) k`,
  )
  const { rows } = await pool.query<{ id: string; failed: number }>(
    `SELECT id, (SELECT count(*)::int FROM ${SCHEMA}.job_executions WHERE correlation_id = '${correlation}' AND status = 'failed') AS failed
     FROM big_chain WHERE n = 0`,
  )
  await pool.query('DROP TABLE big_chain')
  await pool.query(`ANALYZE ${SCHEMA}.invocations, ${SCHEMA}.event_executions, ${SCHEMA}.job_executions`)
  const [root] = rows
  if (!root) throw new Error('the chain has no root')
  return { rootId: root.id, spans: invocations * SPANS, failed: root.failed }
}

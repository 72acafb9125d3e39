// What a load takes on disk: 200,000 invocations (10 modules asked, 3 fired, 5 jobs) with 1,000,000 job executions, with
// and without a payload of 1 KB, all indexes included. Written by SQL with the values that the plugin writes, an hour's
// worth at a time, in the order in which work starts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { runMaintenance } from '../../src/db/maintenance.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { MIGRATIONS_DIR } from '../../src/package-files.ts'
import { report } from './support/report.ts'

const SCHEMA = 'event_detector_observability'
const JOBS = 5
const INVOCATIONS = 1_000_000 / JOBS
const HOURS = 20

// The estimates of the plugin's README: "~100MB per million job executions", "~50KB per complete invocation with 5 jobs".
const ESTIMATE_PER_JOB = 100
const ESTIMATE_PER_INVOCATION = 50 * 1_024

/** A payload as Hasura sends it, of about 1 KB; its values differ from row to row, so that little of it compresses. */
const PAYLOAD = `jsonb_build_object('id', gen_random_uuid(), 'created_at', at, 'trigger', jsonb_build_object('name', 'orders'),
  'table', jsonb_build_object('schema', 'public', 'name', 'orders'),
  'event', jsonb_build_object('op', 'UPDATE', 'session_variables', jsonb_build_object('x-hasura-role', 'user'),
    'data', jsonb_build_object('old', jsonb_build_object('id', n, 'status', 'new', 'note', left(noise, 330)),
      'new', jsonb_build_object('id', n, 'status', 'paid', 'note', right(noise, 330)))))`

/** An id of the version 7 for the time `at`. */
const ID = `overlay(overlay(${SCHEMA}.uuid_v7_at(at)::text PLACING '7' || substr(md5(random()::text), 1, 3) FROM 15)
  PLACING '8' || substr(md5(random()::text), 1, 3) || '-' || substr(md5(random()::text), 1, 12) FROM 20)::uuid`

async function writeHour(pool: Pool, hour: number, withPayload: boolean): Promise<void> {
  const perHour = INVOCATIONS / HOURS
  await pool.query(
    `CREATE TEMP TABLE load ON COMMIT DROP AS
     SELECT n, at, ${ID} AS id, gen_random_uuid() AS correlation_id,
       (SELECT string_agg(md5(n::text || k), '') FROM generate_series(1, 12) k) AS noise
     FROM (SELECT n, date_trunc('day', now(), 'UTC') - interval '1 day' + make_interval(hours => ${hour}, secs => n * 3600.0 / ${perHour}) AS at
           FROM generate_series(0, ${perHour} - 1) n) t`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.invocations (id, created_at, updated_at, ended_at, correlation_id, correlation_source, trace_id, span_id,
       parent_span_id, source_function, source_table, source_operation, source_record_id, source_job_id, source_event_id,
       source_event_payload, source_event_time, source_user_email, source_user_role, total_duration_ms, events_detected_count,
       total_jobs_run, total_jobs_succeeded, total_jobs_failed, status, instance_id)
     SELECT id, at, at + interval '90 ms', at + interval '90 ms', correlation_id, 'updated_by', replace(correlation_id::text, '-', ''),
       right(id::text, 16), right(md5(n::text), 16), 'orders', 'public.orders', 'UPDATE', n::text, gen_random_uuid(), gen_random_uuid(),
       ${withPayload ? PAYLOAD : 'NULL'}, at, 'ann@shop.example', 'user', 90, 3, 5, 5, 0, 'completed', '${'0'.repeat(8)}-0000-7000-8000-000000000001'
     FROM load ORDER BY at`,
  )
  await pool.query(
    `CREATE TEMP TABLE asked ON COMMIT DROP AS
     SELECT load.id AS invocation_id, correlation_id, n, at, k, ${ID} AS id FROM load, generate_series(1, 10) k`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.event_executions (id, invocation_id, created_at, updated_at, detection_ended_at, ended_at, correlation_id,
       trace_id, span_id, parent_span_id, event_name, detected, detection_duration_ms, handler_duration_ms, jobs_count,
       jobs_succeeded, status)
     SELECT id, invocation_id, at, at + interval '1 ms', at + interval '1 ms', at + interval '80 ms', correlation_id,
       replace(correlation_id::text, '-', ''), right(id::text, 16), right(invocation_id::text, 16), 'orders.event-' || k, k <= 3, 1,
       CASE WHEN k <= 3 THEN 70 END, CASE WHEN k <= 2 THEN 2 WHEN k = 3 THEN 1 ELSE 0 END, CASE WHEN k <= 2 THEN 2 WHEN k = 3 THEN 1 ELSE 0 END,
       CASE WHEN k <= 3 THEN 'completed' ELSE 'not_detected' END
     FROM asked ORDER BY at, k`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.job_executions (id, invocation_id, event_execution_id, created_at, updated_at, ended_at, correlation_id,
       trace_id, span_id, parent_span_id, job_name, job_function_name, job_options, duration_ms, status, result)
     SELECT j.id, invocation_id, event_id, at, at + interval '70 ms', at + interval '70 ms', correlation_id,
       replace(correlation_id::text, '-', ''), right(j.id::text, 16), right(event_id::text, 16), 'sendReceipt', 'sendReceipt',
       jsonb_build_object('orderId', n), 70, 'completed', jsonb_build_object('sent', true, 'messageId', j.id)
     FROM (SELECT invocation_id, correlation_id, n, at, a.id AS event_id, ${ID} AS id
           FROM asked a, generate_series(1, 2) twice WHERE k <= 2 OR (k = 3 AND twice = 1)) j
     ORDER BY at`,
  )
}

interface Sizes {
  invocations: number
  event_executions: number
  job_executions: number
}

async function load(pool: Pool, withPayload: boolean): Promise<Sizes> {
  await pool.query(`TRUNCATE ${SCHEMA}.invocations, ${SCHEMA}.event_executions, ${SCHEMA}.job_executions`)
  for (let hour = 0; hour < HOURS; hour++) {
    await pool.query('BEGIN')
    await writeHour(pool, hour, withPayload)
    await pool.query('COMMIT')
  }
  const { rows } = await pool.query<{ table: keyof Sizes; bytes: string; rows: string }>(
    `SELECT t AS table, (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(('${SCHEMA}.' || t)::regclass)) AS bytes,
       CASE t WHEN 'invocations' THEN (SELECT count(*) FROM ${SCHEMA}.invocations)
              WHEN 'job_executions' THEN (SELECT count(*) FROM ${SCHEMA}.job_executions)
              ELSE (SELECT count(*) FROM ${SCHEMA}.event_executions) END AS rows
     FROM unnest(ARRAY['invocations', 'event_executions', 'job_executions']) t`,
  )
  const expected = { invocations: INVOCATIONS, event_executions: INVOCATIONS * 10, job_executions: INVOCATIONS * JOBS }
  for (const row of rows) {
    if (Number(row.rows) !== expected[row.table]) throw new Error(`${row.table} has ${row.rows} rows`)
  }
  return Object.fromEntries(rows.map(row => [row.table, Number(row.bytes) / Number(row.rows)])) as unknown as Sizes
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-size-'))
const postgres = await startEmbeddedPostgres({
  dataDir,
  logger: silentLogger,
  settings: { fsync: 'off', max_wal_size: '4GB' },
})
// One connection, because temporary tables belong to one.
const pool = createPool({ connectionString: postgres.connectionString('postgres'), max: 1 })
await migrateUp({ pool, directory: MIGRATIONS_DIR, schema: SCHEMA })

const measure = (name: string, value: number, unit: string, baseline: string, baselineValue: number) => ({
  bench: 'size',
  measure: name,
  value,
  unit,
  baseline,
  baselineValue,
  ratio: value / baselineValue,
  target: null,
  holds: null,
})
let rowsKib = 0
for (const withPayload of [false, true]) {
  const sizes = await load(pool, withPayload)
  const invocation = sizes.invocations + 10 * sizes.event_executions + JOBS * sizes.job_executions
  const what = withPayload ? 'with a payload of 1 KB' : 'without payload'
  rowsKib = (invocation * INVOCATIONS) / 1_024
  report([
    measure(`a job row, ${what}`, sizes.job_executions, 'bytes', 'estimate', ESTIMATE_PER_JOB),
    measure(`an event row, ${what}`, sizes.event_executions, 'bytes', 'a job row', sizes.job_executions),
    measure(`an invocation row, ${what}`, sizes.invocations, 'bytes', 'a job row', sizes.job_executions),
    measure(
      `an invocation with 10 modules and 5 jobs, ${what}`,
      invocation,
      'bytes',
      'estimate',
      ESTIMATE_PER_INVOCATION,
    ),
  ])
}

// What maintenance does with it: everything once, then what a run finds that has nothing new.
const retention = { retentionDays: 30, failedRetentionDays: 90 }
const first = await runMaintenance(pool, SCHEMA, retention)
const second = await runMaintenance(pool, SCHEMA, retention)
const { rows } = await pool.query<{ bytes: string }>(
  `SELECT sum(pg_total_relation_size(c)) AS bytes FROM unnest(ARRAY['metrics_hourly', 'event_metrics_hourly',
     'job_metrics_hourly', 'metrics_snapshots']) t, LATERAL (SELECT ('${SCHEMA}.' || t)::regclass AS c) r`,
)
report([
  measure(
    'a maintenance run with nothing new',
    second.duration_ms ?? 0,
    'ms',
    'the first, counting 20 hours',
    first.duration_ms ?? 0,
  ),
  measure('roll-ups of 20 hours', Number(rows[0]?.bytes) / 1_024, 'KiB', 'their rows', rowsKib),
])
await pool.end()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

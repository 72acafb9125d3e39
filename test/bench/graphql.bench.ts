// Queries through the GraphQL engine, beside the same hand-written SQL sent with `pg` from the same process: a list of 20
// with nested events and jobs, one by primary key, totals by hour, and a chain of 200 invocations. Interleaved, on 100,000
// invocations of 14 days with 3 events and 2 jobs each; `--invocations=1000000` takes more.
//
// With PostGraphile 4 on the same data, which is too much to install for everyone:
//   npm i --prefix /tmp/postgraphile postgraphile@4.14.1
//   npm run bench -- graphql --postgraphile=/tmp/postgraphile
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { createGraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { silentLogger } from '../../src/log.ts'
import { MIGRATIONS_DIR } from '../../src/package-files.ts'
import { askPostgraphile } from './support/postgraphile.ts'
import { type Measure, median, report } from './support/report.ts'

const SCHEMA = 'event_detector_observability'
const DAYS = 14
const CHAIN = 200
const ROUNDS = 60
const WARM_UP = 10
const TARGET = 1.5
const option = (name: string): string | undefined =>
  process.argv.find(item => item.startsWith(`--${name}=`))?.slice(name.length + 3)
const INVOCATIONS = Number(option('invocations') ?? 1e5)

/** An id of version 7 for the time `at`, the rest of it from `salt`. */
const idAt = (salt: string): string =>
  `overlay(overlay(${SCHEMA}.uuid_v7_at(at)::text PLACING '7' || substr(md5(${salt}), 1, 3) FROM 15)
   PLACING '8' || substr(md5(${salt}), 4, 3) || '-' || substr(md5(${salt}), 7, 12) FROM 20)::uuid`

async function writeDay(pool: Pool, day: number): Promise<void> {
  const perDay = Math.ceil(INVOCATIONS / DAYS)
  await pool.query('BEGIN')
  await pool.query(
    `CREATE TEMP TABLE load ON COMMIT DROP AS
     SELECT n, at, ${idAt(`'i' || n || ':${day}'`)} AS id, md5('c' || n || ':${day}')::uuid AS correlation_id
     FROM (SELECT n, date_trunc('day', now(), 'UTC') - interval '${day} days' + n * interval '86400 s' / ${perDay} AS at
           FROM generate_series(0, ${perDay} - 1) n) t`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.invocations (id, created_at, updated_at, ended_at, correlation_id, correlation_source, trace_id,
       source_function, source_table, source_operation, source_record_id, source_event_payload, total_duration_ms, status)
     SELECT id, at, at, at, correlation_id, 'generated', replace(correlation_id::text, '-', ''), 'function-' || n % 20,
       'public.orders', 'UPDATE', n::text, jsonb_build_object('event', jsonb_build_object('op', 'UPDATE', 'data',
         jsonb_build_object('new', jsonb_build_object('id', n, 'status', 'paid', 'note', repeat('x', 200))))),
       n % 900, CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'completed' END
     FROM load ORDER BY at`,
  )
  await pool.query(
    `CREATE TEMP TABLE asked ON COMMIT DROP AS
     SELECT load.id AS invocation_id, correlation_id, n, at, k, ${idAt(`'e' || n || ':' || k || ':${day}'`)} AS id
     FROM load, generate_series(1, 3) k`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.event_executions (id, invocation_id, created_at, updated_at, correlation_id, event_name, detected, status)
     SELECT id, invocation_id, at, at, correlation_id, 'module-' || k, k < 3, CASE WHEN k < 3 THEN 'completed' ELSE 'not_detected' END
     FROM asked ORDER BY at`,
  )
  await pool.query(
    `INSERT INTO ${SCHEMA}.job_executions (id, invocation_id, event_execution_id, created_at, updated_at, correlation_id, job_name,
       duration_ms, status)
     SELECT ${idAt(`'j' || n || ':' || k || ':${day}'`)}, invocation_id, id, at, at, correlation_id, 'job-' || k, n % 300, 'completed'
     FROM asked WHERE k < 3 ORDER BY at`,
  )
  await pool.query('COMMIT')
}

/** Makes each of today's first invocations the cause of the next, and tells the first of them. */
async function makeChain(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ id: string; job: string }>(
    `SELECT i.id, (SELECT j.id FROM ${SCHEMA}.job_executions j WHERE j.invocation_id = i.id LIMIT 1) AS job
     FROM ${SCHEMA}.invocations i WHERE created_at >= date_trunc('day', now(), 'UTC') ORDER BY id LIMIT ${CHAIN}`,
  )
  for (const [index, { id }] of rows.entries()) {
    const cause = rows[index - 1]?.job
    if (cause !== undefined) {
      await pool.query(`UPDATE ${SCHEMA}.invocations SET source_job_id = $1 WHERE id = $2`, [cause, id])
    }
  }
  if (rows[0] === undefined || rows.length < CHAIN) throw new Error(`there are fewer than ${CHAIN} invocations today`)
  return rows[0].id
}

interface Case {
  name: string
  query: string
  /** The same for PostGraphile; null where it cannot ask it. */
  postgraphile: string | null
  variables: Record<string, unknown>
  sql: string
  values: unknown[]
}

interface Contestant {
  what: 'SQL' | 'engine' | 'prepared' | 'PostGraphile'
  ask: () => Promise<unknown>
}

/** Milliseconds of each, in turns. */
async function race(name: string, contestants: Contestant[]): Promise<Map<Contestant['what'], number[]>> {
  const times = new Map<Contestant['what'], number[]>()
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const answers: unknown[] = []
    for (const { what, ask } of contestants) {
      const start = performance.now()
      answers.push(await ask())
      const took = performance.now() - start
      if (round >= WARM_UP) times.set(what, [...(times.get(what) ?? []), took])
    }
    if (round > 0) continue
    const [plain, ours, prepared, theirs] = answers
    const [data] = Object.values((JSON.parse(String(ours)) as { data: Record<string, unknown> }).data)
    const isSame = JSON.stringify(data) === JSON.stringify(JSON.parse(String(plain))) && ours === prepared
    // PostGraphile has other names and may have another order.
    const hasAll = theirs === undefined || theirs === (Array.isArray(data) ? data.length : 1)
    if (!isSame || !hasAll) throw new Error(`${name}: not the same`)
  }
  return times
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-graphql-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger, settings: { fsync: 'off' } })
const pool = createPool({ connectionString: postgres.connectionString('postgres'), max: 1 })
try {
  await migrateUp({ pool, directory: MIGRATIONS_DIR, schema: SCHEMA })
  await pool.query(`SELECT ${SCHEMA}.ensure_partitions(current_date - ${DAYS}, current_date + 1)`)
  for (let day = DAYS - 1; day >= 0; day--) await writeDay(pool, day)
  const rootId = await makeChain(pool)
  await pool.query(`SELECT ${SCHEMA}.roll_up()`)
  await pool.query('VACUUM ANALYZE')
  const metadata = await readMetadata('hasura-metadata')
  const engine = await createGraphqlEngine({ pool, metadata })
  const preparing = await createGraphqlEngine({ pool, metadata, preparedStatements: 100 })
  const folder = option('postgraphile')
  const postgraphile = folder === undefined ? null : await askPostgraphile(folder, pool, SCHEMA)
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM ${SCHEMA}.invocations WHERE created_at < now() - interval '3 days' LIMIT 1`,
  )
  const key = rows[0]?.id ?? rootId
  const since = new Date(Date.now() - 2 * 86_400_000).toISOString()

  const events = (of: string): string =>
    `(SELECT coalesce(json_agg(e), '[]') FROM (SELECT event_name, detected,
       (SELECT coalesce(json_agg(j), '[]') FROM (SELECT job_name, status, duration_ms FROM ${SCHEMA}.job_executions j
          WHERE j.event_execution_id = e.id) j) AS job_executions
     FROM ${SCHEMA}.event_executions e WHERE e.invocation_id = ${of}.id) e) AS event_executions`
  const cases: Case[] = [
    {
      name: 'a list of 20 with nested events and jobs',
      query: `query ($limit: Int!) { invocations(order_by: {created_at: desc}, limit: $limit) { id source_function created_at status
        event_executions { event_name detected job_executions { job_name status duration_ms } } } }`,
      postgraphile: `query { allInvocationsList(orderBy: CREATED_AT_DESC, first: 20) { id sourceFunction createdAt status
        eventExecutionsByInvocationIdList { eventName detected jobExecutionsByEventExecutionIdList { jobName status durationMs } } } }`,
      variables: { limit: 20 },
      sql: `SELECT coalesce(json_agg(r), '[]')::text FROM (SELECT id, source_function, created_at, status, ${events('i')}
        FROM ${SCHEMA}.invocations i ORDER BY created_at DESC LIMIT 20) r`,
      values: [],
    },
    {
      name: 'one by primary key',
      query: `query ($id: uuid!) { invocations_by_pk(id: $id) { id source_function created_at status total_duration_ms } }`,
      postgraphile: `query ($id: UUID!) { invocationById(id: $id) { id sourceFunction createdAt status totalDurationMs } }`,
      variables: { id: key },
      sql: `SELECT to_json(r)::text FROM (SELECT id, source_function, created_at, status, total_duration_ms
        FROM ${SCHEMA}.invocations WHERE id = $1::uuid) r`,
      values: [key],
    },
    {
      name: 'totals by hour',
      query: `query ($since: timestamptz!) { metrics_hourly(where: {hour_bucket: {_gte: $since}}, order_by: [{hour_bucket: asc}, {source_function: asc}]) {
        hour_bucket source_function total_invocations failed_invocations p95_duration_ms } }`,
      // It has no comparison but equality without plugins.
      postgraphile: null,
      variables: { since },
      sql: `SELECT coalesce(json_agg(r), '[]')::text FROM (SELECT hour_bucket, source_function, total_invocations, failed_invocations,
        p95_duration_ms FROM ${SCHEMA}.metrics_hourly WHERE hour_bucket >= $1::timestamptz ORDER BY hour_bucket, source_function) r`,
      values: [since],
    },
    {
      name: `a chain of ${CHAIN} invocations with their jobs`,
      query: `query ($id: uuid!) { invocation_chain(args: {root_id: $id}, order_by: {id: asc}) { id source_function source_job_id
        job_executions { id job_name } } }`,
      postgraphile: `query ($id: UUID!) { invocationChainList(rootId: $id) { id sourceFunction sourceJobId
        jobExecutionsByInvocationIdList { id jobName } } }`,
      variables: { id: rootId },
      sql: `SELECT coalesce(json_agg(r), '[]')::text FROM (SELECT i.id, i.source_function, i.source_job_id,
          (SELECT coalesce(json_agg(j), '[]') FROM (SELECT id, job_name FROM ${SCHEMA}.job_executions j WHERE j.invocation_id = i.id) j) AS job_executions
        FROM ${SCHEMA}.invocation_chain($1::uuid) i ORDER BY id) r`,
      values: [rootId],
    },
  ]
  const session = { role: 'admin', variables: {} }
  for (const { name, query, postgraphile: theirs, variables, sql, values } of cases) {
    const contestants: Contestant[] = [
      { what: 'SQL', ask: async () => (await pool.query({ text: sql, values, rowMode: 'array' })).rows[0]?.[0] },
      { what: 'engine', ask: () => engine.execute({ query, variables }, session) },
      { what: 'prepared', ask: () => preparing.execute({ query, variables }, session) },
    ]
    if (postgraphile !== null && theirs !== null) {
      const given = 'id' in variables ? { id: variables.id } : {}
      contestants.push({ what: 'PostGraphile', ask: await postgraphile(theirs, given) })
    }
    const times = await race(name, contestants)
    const took = (what: Contestant['what']): number => median(times.get(what) ?? [])
    const measures: Measure[] = []
    const measure = (text: string, value: number, baseline: string, baselineValue: number, target: number | null) =>
      measures.push({
        bench: 'graphql',
        measure: `${name}, of ${INVOCATIONS}${text}`,
        value,
        unit: 'ms',
        baseline,
        baselineValue,
        ratio: value / baselineValue,
        target: target === null ? null : `<= ${target}`,
        holds: target === null ? null : value / baselineValue <= target,
      })
    measure(', nothing prepared', took('engine'), 'the same in SQL with pg', took('SQL'), TARGET)
    measure('', took('prepared'), 'the same in SQL with pg', took('SQL'), TARGET)
    // Both as they come: either names its statements.
    if (times.has('PostGraphile')) measure('', took('prepared'), 'PostGraphile', took('PostGraphile'), 1)
    report(measures)
  }
} finally {
  await pool.end()
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
}

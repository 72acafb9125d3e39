// What 500 subscribers of one live query with 50 different variables cost the database, compared with one subscriber: the CPU
// time of the sessions that answer the polls, as the kernel counts it (/proc, so Linux only), for each poll, in interleaved rounds
// on the same data. All data is in memory, so that is their time; elapsed time would be that of whatever else runs here. Polls
// come more often than by default, so that a round has many.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { createGraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { silentLogger } from '../../src/log.ts'
import { METADATA_DIR, MIGRATIONS_DIR } from '../../src/package-files.ts'
import { type Measure, median, report } from './support/report.ts'

const APPLICATION = 'bench'
const SCHEMA = 'event_detector_observability'
const SUBSCRIBERS = 500
const VARIABLES = 50
const ROUNDS = 3
const ROUND_MS = 2_000
const INVOCATIONS_EACH = 400

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-subscriptions-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
const connectionString = postgres.connectionString('postgres')
const admin = createPool({ connectionString, max: 1 })
await migrateUp({ pool: admin, directory: MIGRATIONS_DIR, schema: SCHEMA })
await admin.query(
  `SELECT ${SCHEMA}.ensure_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7)`,
)
// Ids that grow with time, as the recorder makes them.
await admin.query(`
  CREATE FUNCTION public.id_at(n bigint, kind text) RETURNS uuid LANGUAGE sql AS $$
    SELECT (left(${SCHEMA}.uuid_v7_at(now() - n * interval '1 second')::text, 14) || '7' || substr(h, 2, 3) || '-8' ||
      substr(h, 5, 3) || '-' || substr(h, 8, 12))::uuid FROM (SELECT md5(kind || n) AS h) AS hash $$;
  INSERT INTO ${SCHEMA}.invocations (id, created_at, correlation_id, source_function, status)
    SELECT public.id_at(i, 'i'), now() - i * interval '1 second', md5((i % 50)::text)::uuid, 'function-' || (i % 50), 'completed'
    FROM generate_series(1, ${VARIABLES * INVOCATIONS_EACH}) AS i;
  INSERT INTO ${SCHEMA}.event_executions (id, invocation_id, correlation_id, event_name, detected, status)
    SELECT public.id_at(i, 'e' || e), public.id_at(i, 'i'), md5((i % 50)::text)::uuid, 'event-' || e, e = 1, 'completed'
    FROM generate_series(1, ${VARIABLES * INVOCATIONS_EACH}) AS i, generate_series(1, 5) AS e;`)
await admin.query(`VACUUM ANALYZE`)
const { rows } = await admin.query<{ id: string }>(
  `SELECT DISTINCT ON (source_function) id FROM ${SCHEMA}.invocations ORDER BY source_function`,
)

const pool = createPool({ connectionString, max: 4, applicationName: APPLICATION })
let polls = 0
pool.on('acquire', () => {
  polls++
})
const refetch = { refetchIntervalMs: 20, batchSize: 100 }
const engine = await createGraphqlEngine({
  pool,
  metadata: await readMetadata(METADATA_DIR),
  subscriptions: { live: refetch, streaming: refetch },
  onUnexpected: error => {
    throw error
  },
})

/** Milliseconds of database time for each poll while so many subscribe. */
async function cost(query: string, variables: object[], subscribers: number): Promise<number> {
  let results = 0
  const operations = Array.from({ length: subscribers }, (_, index) =>
    engine.start(
      { query, variables: variables[index % variables.length] },
      { role: 'admin', variables: {} },
      {
        next: body => {
          if (body.includes('"errors"')) throw new Error(body)
          results++
        },
        error: errors => {
          throw new Error(errors)
        },
        complete: () => {},
      },
    ),
  )
  while (results < subscribers) await pause(10)
  const before = { polls, time: await databaseTime() }
  await pause(ROUND_MS)
  for (const operation of operations) operation.stop()
  const time = (await databaseTime()) - before.time
  const count = polls - before.polls
  // Groups that are polled still end by themselves.
  await pause(200)
  if (results !== subscribers) throw new Error(`${results} results though nothing changed`)
  return time / count
}

/** CPU time that the pool's sessions have used so far, in milliseconds. */
async function databaseTime(): Promise<number> {
  const { rows } = await admin.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE application_name = $1`, [
    APPLICATION,
  ])
  const nanoseconds = rows.map(({ pid }) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]))
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e6
}

const QUERIES = [
  {
    measure: 'one invocation with its events',
    target: 3,
    query:
      'subscription ($id: uuid!) { invocations_by_pk(id: $id) { status total_duration_ms event_executions { event_name status } } }',
    variables: rows.map(({ id }) => ({ id })),
  },
  {
    // No index serves it: each of the fifty reads a thousand rows, and sharing a statement cannot spare that.
    measure: 'the latest 20 invocations of a function',
    target: null,
    query:
      'subscription ($name: String!) { invocations(where: {source_function: {_eq: $name}}, order_by: {created_at: desc}, limit: 20) { id status } }',
    variables: rows.map((_, index) => ({ name: `function-${index}` })),
  },
]

const measures: Measure[] = []
for (const { measure, query, variables, target } of QUERIES) {
  const one: number[] = []
  const many: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const [single, all] = [await cost(query, variables, 1), await cost(query, variables, SUBSCRIBERS)]
    if (round === 0) continue // Warms up.
    one.push(single)
    many.push(all)
  }
  const ratio = median(many) / median(one)
  measures.push({
    bench: 'subscriptions',
    measure: `database CPU time of a poll for ${SUBSCRIBERS} subscribers with ${VARIABLES} variables: ${measure}`,
    value: median(many),
    unit: 'ms',
    baseline: 'one subscriber',
    baselineValue: median(one),
    ratio,
    target: target === null ? null : `<= ${target}`,
    holds: target === null ? null : ratio <= target,
  })
}
report(measures)
await pool.end()
await admin.end()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

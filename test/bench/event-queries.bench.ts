// What is asked of a large table of events, 95th percentile of each question: by trace, by correlation, the latest of a
// type, the latest errors of a service, counts by hour from roll-ups. Before that, what each index costs a write.
// `--events=10000000` for ten million; they are made by Postgres itself.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { createEventQueries } from '../../src/event-query/query-events.ts'
import { readEventQuery } from '../../src/event-query/read-query.ts'
import { silentLogger } from '../../src/log.ts'
import { MIGRATIONS_DIR } from '../../src/package-files.ts'
import { type Measure, report } from './support/report.ts'

const option = (name: string, value: number): number =>
  Number(process.argv.find(argument => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? value)
const EVENTS = option('events', 500_000)
const DAYS = 7
const RUNS = 100
const WRITTEN = Math.min(50_000, EVENTS)
const SCHEMA = 'event_detector_observability'
const EVERYTHING = { namespaces: null }

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-event-queries-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger, settings: { max_wal_size: '4GB' } })
await postgres.ensureDatabase('bench')
const pool = createPool({ connectionString: postgres.connectionString('bench'), max: 1 })
await migrateUp({ pool, directory: MIGRATIONS_DIR, schema: SCHEMA })
const events = `${SCHEMA}.events`

/** Events number `from` to `to` of all: traces of 10 spans, every tenth event a log, every fiftieth an error, 20 services. */
const insertSql = (into: string, from: number, to: number): string => `
  INSERT INTO ${into} (id, event_type, event_name, ns, trace_id, span_id, correlation_id, session_id, actor_id, "timestamp",
    ingested_at, duration_ms, outcome, log_level, log_logger, log_message, service_name, http_method, http_url, http_status, attributes, day, hour)
  SELECT 'e-' || n, CASE WHEN n % 10 = 0 THEN 'log' WHEN n % 9973 = 0 THEN 'vital' ELSE 'trace' END, 'GET /orders/:id', 'shop',
    md5((n / 10)::text), left(md5('s' || n), 16), CASE WHEN n % 5 = 0 THEN md5('c' || n / 50) END, 's-' || n / 100,
    'u-' || n % 50000, t, t + interval '1 second', n % 1000, CASE WHEN n % 50 = 1 THEN 'error' ELSE 'success' END,
    CASE WHEN n % 10 = 0 THEN (ARRAY['info', 'info', 'warn', 'error'])[1 + n / 10 % 4] END,
    CASE WHEN n % 10 = 0 THEN CASE WHEN n % 9970 = 0 THEN 'rareJob' ELSE 'job-' || n / 10 % 40 END END,
    CASE WHEN n % 10 = 0 THEN 'charging ' || n % 9000 || ' cents for order ' || n END, 'service-' || n % 20, 'GET',
    'https://shop.example/orders/' || n, 200, jsonb_build_object('items', n % 9, 'cache', 'miss', 'region', 'eu-west-1'),
    t::date, extract(hour FROM t)::smallint
  FROM (SELECT n, date_trunc('hour', now()) - interval '${DAYS} days' + n * (interval '${DAYS} days' / ${EVENTS}) AS t
        FROM generate_series(${from}, ${to - 1}) n) numbered`

const started = performance.now()
await pool.query(`SELECT ${SCHEMA}.ensure_partitions((now() - interval '${DAYS + 1} days')::date, now()::date)`)
for (let from = 0; from < EVENTS; from += 100_000) {
  await pool.query(insertSql(events, from, Math.min(EVENTS, from + 100_000)))
}
const loadedSeconds = (performance.now() - started) / 1_000
await pool.query(`ANALYZE ${events}`)
const rolled = performance.now()
await pool.query(`SELECT ${SCHEMA}.roll_up(true)`)
const rollUpSeconds = (performance.now() - rolled) / 1_000

const queries = await createEventQueries(pool, SCHEMA)
const md5 = async (text: string): Promise<string> =>
  (await pool.query<{ hash: string }>('SELECT md5($1) AS hash', [text])).rows[0]?.hash ?? ''
const any = (below: number): number => Math.floor(Math.random() * below)
const find = (query: object) => async (): Promise<number> =>
  (await queries.find(readEventQuery(query), EVERYTHING)).rows.length
const sinceAll = `now() - interval '${DAYS} days'`
const rows = (sql: string) => async (): Promise<number> => (await pool.query(sql)).rowCount ?? 0
const logsOf = (filters: object): string =>
  `${SCHEMA}.search_logs(${sinceAll}, 'infinity', '${JSON.stringify(filters)}') ORDER BY "timestamp" DESC, id DESC LIMIT 200`
const questions: [name: string, targetMs: number, ask: () => Promise<number>][] = [
  ['by trace', 100, async () => (await queries.trace(await md5(String(any(EVENTS / 10))), EVERYTHING)).rows.length],
  ['by correlation', 100, async () => find({ correlation_id: await md5(`c${any(EVENTS / 50)}`) })()],
  ['by session', 100, () => find({ session_id: `s-${any(EVENTS / 100)}` })()],
  ['by actor', 100, () => find({ actor_id: `u-${any(50_000)}` })()],
  ['latest of a type', 100, find({ event_type: 'trace' })],
  ['latest of a rare type', 100, find({ event_type: 'vital' })],
  ['latest errors of a service', 100, () => find({ service_name: `service-${1 + 10 * any(2)}`, outcome: 'error' })()],
  [
    'latest errors in the logs of a service',
    100,
    () => find({ service_name: 'service-10', event_type: 'log', log_level: ['error', 'fatal'] })(),
  ],
  ['newest lines of logs', 300, rows(`SELECT * FROM ${logsOf({})}`)],
  ['lines of a job that wrote few', 300, rows(`SELECT * FROM ${logsOf({ job: ['rareJob'] })}`)],
  ['lines with a rare word', 1_000, rows(`SELECT * FROM ${logsOf({ like: { text: ['%order 9970%'] } })}`)],
  [
    'levels of the logs of a job, by hour',
    300,
    rows(`SELECT * FROM ${SCHEMA}.log_levels(${sinceAll}, 'infinity', '1 hour', '{"job": ["job-3"]}')`),
  ],
  ['lines of each job and service', 300, rows(`SELECT * FROM ${SCHEMA}.log_sources(${sinceAll}, 'infinity', '{}')`)],
  [
    'counts by hour and type',
    500,
    async () =>
      (await pool.query(`SELECT * FROM ${SCHEMA}.event_counts(now() - interval '${DAYS} days')`)).rowCount ?? 0,
  ],
]

const measures: Measure[] = []
for (const [name, targetMs, ask] of questions) {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const at = performance.now()
    const rows = await ask()
    times.push(performance.now() - at)
    if (rows === 0 && name !== 'by actor') throw new Error(`${name} found nothing`)
  }
  times.sort((a, b) => a - b)
  const p95 = times[Math.floor(RUNS * 0.95)] ?? 0
  const middle = times[RUNS >> 1] ?? 0
  measures.push({
    bench: 'event-queries',
    measure: `${name}, of ${EVENTS} events, 95th percentile`,
    value: p95,
    unit: 'ms',
    baseline: 'median',
    baselineValue: middle,
    ratio: p95 / middle,
    target: `< ${targetMs} ms`,
    holds: p95 < targetMs,
  })
}

// The cost of an index: the same rows into a table that has the key and this index, over one that has the key only.
const { rows: indexes } = await pool.query<{ name: string; definition: string; size: number }>(
  `SELECT i.indexname AS name, i.indexdef AS definition, (SELECT sum(pg_relation_size(h.inhrelid)) FROM pg_inherits h
     WHERE h.inhparent = format('%I.%I', i.schemaname, i.indexname)::regclass)::float8 AS size
   FROM pg_indexes i WHERE i.schemaname = $1 AND i.tablename = 'events' AND i.indexname <> 'events_pkey' ORDER BY 1`,
  [SCHEMA],
)
const writeSeconds = async (definition: string | null): Promise<number> => {
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    await pool.query('DROP TABLE IF EXISTS public.written')
    await pool.query(`CREATE TABLE public.written (LIKE ${events}, PRIMARY KEY ("timestamp", id))`)
    if (definition !== null) await pool.query(definition.replace(/ ON ONLY \S+| ON \S+/, ' ON public.written'))
    const at = performance.now()
    await pool.query(`INSERT INTO public.written SELECT * FROM ${events} LIMIT ${WRITTEN}`)
    times.push(performance.now() - at)
  }
  return Math.min(...times) / 1_000
}
const keyOnly = await writeSeconds(null)
for (const { name, definition, size } of indexes) {
  const seconds = await writeSeconds(definition)
  measures.push({
    bench: 'event-queries',
    measure: `index ${name}, ${(size / EVENTS).toFixed(1)} bytes an event`,
    value: ((seconds - keyOnly) * 1e6) / WRITTEN,
    unit: 'µs a row',
    baseline: 'with the key only',
    baselineValue: (keyOnly * 1e6) / WRITTEN,
    ratio: seconds / keyOnly,
    target: null,
    holds: null,
  })
}
report(measures)
console.error(
  `${EVENTS} events were made in ${loadedSeconds.toFixed(0)} s, and their ${DAYS * 24} hours counted in ${rollUpSeconds.toFixed(1)} s`,
)
await pool.end()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

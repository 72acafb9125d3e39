// Rows committed per second: of invocations as the hooks hand them to the store (packing, batches, COPY), by raw COPY of the same
// rows, encoded beforehand, into the same tables, and by raw COPY into the tables of the original plugin, as text and as
// binary. Interleaved, in one run, on tables that hold some rows already: indexes of empty tables cost nothing, and no
// database stays empty. Counted are rows: 16 executions an invocation, and the row change behind it, which the store and raw COPY into
// our tables write into `events`. The original has nothing like it: `no changes` is the store without.
//   --cpu      also what the store costs its process
//   --short    fewer and shorter rounds, on smaller tables; nothing is handed over as rows
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { MIGRATIONS_DIR } from '../../src/package-files.ts'
import { BenchProcess, compileSupport } from './support/bench-process.ts'
import { ORIGINAL_SCHEMA } from './support/original-schema.ts'
import { EXECUTIONS } from './support/recorded-work.ts'
import { report } from './support/report.ts'
import type { StoreResult, StoreTask, Way } from './support/store-child.ts'

const isShort = process.argv.includes('--short')
const ROUNDS = isShort ? 3 : 5
// An idle store begins with small writes, which a long run hardly feels.
const INVOCATIONS = isShort ? 4_000 : 6_000
// In the tables before the clock starts: about an hour of a busy application.
const EARLIER_INVOCATIONS = isShort ? 8_000 : 40_000
const FILLED_AT_ONCE = 1_000
const SCHEMA = 'event_detector_observability'
const WAYS: Way[] = [
  'store',
  'ours text',
  'ours binary',
  'original text',
  'original binary',
  'store, no changes',
  ...(isShort ? [] : (['rows'] as const)),
]

compileSupport()
const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-store-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
const pool = createPool({ connectionString: postgres.connectionString('postgres'), max: 1 })
await migrateUp({ pool, directory: MIGRATIONS_DIR, schema: SCHEMA })
await pool.query(ORIGINAL_SCHEMA)
const writer = await BenchProcess.start('store-child', [postgres.connectionString('postgres')])
const write = (task: StoreTask): Promise<StoreResult> => writer.ask(task) as Promise<StoreResult>

for (let loaded = 0; loaded < EARLIER_INVOCATIONS; loaded += FILLED_AT_ONCE) {
  await write({ way: 'ours binary', invocations: FILLED_AT_ONCE })
  await write({ way: 'original binary', invocations: FILLED_AT_ONCE })
}
const results = new Map<Way, StoreResult[]>(WAYS.map(way => [way, []]))
for (let round = 0; round <= ROUNDS; round++) {
  for (const way of WAYS) {
    const result = await write({ way, invocations: INVOCATIONS })
    if (round > 0) results.get(way)?.push(result) // The first round warms up.
  }
}
const stored = (ways: Way[]): number => EARLIER_INVOCATIONS + ways.length * (ROUNDS + 1) * INVOCATIONS
const ours = WAYS.filter(way => !way.startsWith('original'))
const expected = { jobs: stored(ours) * 5, changes: stored(ours.filter(way => way !== 'store, no changes')) }
const { rows } = await pool.query(
  `SELECT (SELECT count(*)::int FROM ${SCHEMA}.job_executions) AS jobs, (SELECT count(*)::int FROM ${SCHEMA}.events) AS changes`,
)
if (rows[0].jobs !== expected.jobs || rows[0].changes !== expected.changes)
  throw new Error(`stored are ${JSON.stringify(rows[0])}, and not ${JSON.stringify(expected)}`)
await writer.stop()
await pool.end()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

// Of the quickest round: other programs, checkpoints and the disk only ever add time, to some rounds twice as much.
const least = (way: Way, what: keyof StoreResult): number =>
  Math.min(...(results.get(way) ?? []).map(result => result[what]))
const rowsOf = (way: Way): number => EXECUTIONS + (way.startsWith('original') || way === 'store, no changes' ? 0 : 1)
const rate = (way: Way): number => (INVOCATIONS * rowsOf(way)) / least(way, 'seconds')
const WORDS = {
  store: 'rows committed through the store',
  'store, no changes': 'the same without row changes, which the original does not have',
  rows: 'the same handed to it as rows, not as work',
}
const compare = (way: keyof typeof WORDS, baseline: string, baselineWay: Way, target: number | null) => {
  const [value, baselineValue] = [rate(way), rate(baselineWay)]
  const ratio = value / baselineValue
  return {
    bench: 'store',
    measure: WORDS[way],
    value,
    unit: 'rows/s',
    baseline,
    baselineValue,
    ratio,
    target: target === null ? null : `>= ${target}`,
    holds: target === null ? null : ratio >= target,
  }
}
report([
  compare('store', 'raw COPY as text into the same tables', 'ours text', 0.7),
  compare('store', 'raw COPY as binary into the same tables', 'ours binary', 0.7),
  compare('store', 'raw COPY as text into the original plugin’s tables', 'original text', 2),
  compare('store', 'raw COPY as binary into the original plugin’s tables', 'original binary', 2),
  compare('store, no changes', 'raw COPY as text into the original plugin’s tables', 'original text', 2),
  compare('store, no changes', 'raw COPY as binary into the original plugin’s tables', 'original binary', 2),
  ...(isShort ? [] : [compare('rows', 'raw COPY as text into the same tables', 'ours text', null)]),
])
if (process.argv.includes('--cpu'))
  console.log(`CPU of its process per invocation: ${least('store', 'cpuMicros').toFixed(0)} µs`)

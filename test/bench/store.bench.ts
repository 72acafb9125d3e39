// Rows committed per second: through the store (buffer, batches, encoding, COPY), by raw COPY of the same rows, encoded
// beforehand, into the same tables, and by raw COPY into the tables of the original plugin, as text and as binary.
// Interleaved, in one run, on tables that hold some rows already: indexes of empty tables cost nothing, and no database stays empty.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type BinaryType, copyBinary } from '../../src/db/copy-binary.ts'
import { type CopySource, copyFrom } from '../../src/db/copy-from.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { withClient } from '../../src/db/with-client.ts'
import { silentLogger } from '../../src/log.ts'
import { MIGRATIONS_DIR } from '../../src/package-files.ts'
import type { Recorded } from '../../src/record/records.ts'
import { RecordingStore } from '../../src/store/recording-store.ts'
import { COLUMNS, WRITE_ORDER } from '../../src/store/tables.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { copyText } from '../support/copy-text.ts'
import { ORIGINAL_MISSES, ORIGINAL_SCHEMA, withOriginalIds } from './support/original-schema.ts'
import { median, report } from './support/report.ts'
import { typicalInvocation } from './support/typical-rows.ts'

//   --cpu      also what the store costs this process
//   --short    fewer rounds, on smaller tables
const isShort = process.argv.includes('--short')
const ROUNDS = isShort ? 4 : 9
const INVOCATIONS = 2_000
// In the tables before the clock starts.
const EARLIER_INVOCATIONS = isShort ? 4_000 : 20_000
// As many rows as the store puts into a transaction.
const BATCH_ROWS = 8_000
const SCHEMA = 'event_detector_observability'

// Making thousands of rows at once leaves garbage that no application makes; it is not to be collected on the clock.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-store-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger })
const pool = createPool({ connectionString: postgres.connectionString('postgres'), max: 2 })
await migrateUp({ pool, directory: MIGRATIONS_DIR, schema: SCHEMA })
await pool.query(ORIGINAL_SCHEMA)

const store = new RecordingStore(
  createWriteBatch(() => pool, SCHEMA),
  silentLogger,
  { batchSize: 100, flushIntervalMs: 5_000, retryAttempts: 3, retryDelayMs: 1_000, maxRows: 1e6, maxBytes: 1e9 },
)

async function throughStore(records: Recorded[]): Promise<void> {
  // An application's rows come bit by bit, while earlier ones are on their way.
  for (let start = 0; start < records.length; start += 160) {
    for (const record of records.slice(start, start + 160)) store.add(record)
    await nextTurn()
  }
  await store.flush(600_000)
  const { bufferedRows, quarantined, lastError } = store.status
  if (bufferedRows + quarantined > 0) throw new Error(`the store left rows behind: ${lastError}`)
}

type Format = 'text' | 'binary'

/** What COPY is to be sent, made before the clock starts. */
function encoded(tables: 'ours' | 'original', format: Format, invocations: Recorded[]): CopySource[][] {
  const [schema, without] = tables === 'ours' ? [SCHEMA, new Set<string>()] : ['original', ORIGINAL_MISSES]
  const records = tables === 'ours' ? invocations : withOriginalIds(invocations)
  const batches: CopySource[][] = []
  for (let start = 0; start < records.length; start += BATCH_ROWS) {
    const batch = records.slice(start, start + BATCH_ROWS)
    batches.push(
      WRITE_ORDER.flatMap(table => {
        const rows = batch.filter(record => record.table === table).map(({ row }) => row as never as Row)
        if (rows.length === 0) return []
        const columns = Object.keys(rows[0] as Row).filter(
          name => !without.has(name) && rows.some(row => row[name] !== null),
        )
        const types = COLUMNS[table] as Record<string, BinaryType>
        const typed = columns.map(name => ({ name, type: originalTypes(tables, name) ?? (types[name] as BinaryType) }))
        return {
          sql: `COPY ${schema}.${table} (${columns}) FROM STDIN (FORMAT ${format})`,
          chunks: format === 'text' ? [copyText(columns, rows)] : [...copyBinary(typed, rows)],
        }
      }),
    )
  }
  return batches
}
type Row = Record<string, unknown>

function originalTypes(tables: 'ours' | 'original', column: string): BinaryType | null {
  return tables === 'original' && column === 'correlation_id' ? 'text' : null
}

async function rawCopy(batches: CopySource[][]): Promise<void> {
  await withClient(pool, async client => {
    for (const batch of batches) await copyFrom(client, batch)
  })
}

const typical = (invocations: number): Recorded[] =>
  Array.from({ length: invocations }, () => typicalInvocation(randomUUID())).flat()

for (let loaded = 0; loaded < EARLIER_INVOCATIONS; loaded += 1_000) {
  const records = typical(1_000)
  await rawCopy(encoded('ours', 'binary', records))
  await rawCopy(encoded('original', 'binary', records))
}

const RAW = [
  ['ours', 'text'],
  ['ours', 'binary'],
  ['original', 'text'],
  ['original', 'binary'],
] as const
type Name = 'store' | `${(typeof RAW)[number][0]} ${Format}`
const names: Name[] = ['store', ...RAW.map(([tables, format]) => `${tables} ${format}` as const)]
const rates = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
const cpu: number[] = []
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of names) {
    const records = typical(INVOCATIONS)
    const [tables, format] = RAW.find(([tables, format]) => name === `${tables} ${format}`) ?? []
    const batches = tables && format ? encoded(tables, format, records) : []
    collectGarbage()
    const started = performance.now()
    const before = process.cpuUsage()
    if (name === 'store') await throughStore(records)
    else await rawCopy(batches)
    const seconds = (performance.now() - started) / 1_000
    if (round === 0) continue // Warms up.
    rates[name].push(records.length / seconds)
    const { user, system } = process.cpuUsage(before)
    if (name === 'store') cpu.push((user + system) / INVOCATIONS)
  }
}
const { rows } = await pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.job_executions`)
if (rows[0].n !== (EARLIER_INVOCATIONS + 3 * (ROUNDS + 1) * INVOCATIONS) * 5)
  throw new Error(`${rows[0].n} jobs are stored`)
await pool.end()
await postgres.stop()
await rm(dataDir, { recursive: true, force: true })

const value = median(rates.store)
const compare = (baseline: string, values: number[], target: number) => {
  const baselineValue = median(values)
  const ratio = value / baselineValue
  return {
    bench: 'store',
    measure: 'rows committed through the store',
    value,
    unit: 'rows/s',
    baseline,
    baselineValue,
    ratio,
    target: `>= ${target}`,
    holds: ratio >= target,
  }
}
report([
  compare('raw COPY as text into the same tables', rates['ours text'], 0.7),
  compare('raw COPY as binary into the same tables', rates['ours binary'], 0.7),
  compare('raw COPY as text into the original plugin’s tables', rates['original text'], 2),
  compare('raw COPY as binary into the original plugin’s tables', rates['original binary'], 2),
])
if (process.argv.includes('--cpu')) console.log(`CPU of this process per invocation: ${median(cpu).toFixed(0)} µs`)

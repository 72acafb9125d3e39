// Writes what it is asked to, and answers with how long that took.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type BinaryType, copyBinary } from '../../../src/db/copy-binary.ts'
import { type CopySource, copyFrom } from '../../../src/db/copy-from.ts'
import { createPool } from '../../../src/db/pool.ts'
import { withClient } from '../../../src/db/with-client.ts'
import { silentLogger } from '../../../src/log.ts'
import { Packer } from '../../../src/store/packer.ts'
import { RecordingStore } from '../../../src/store/recording-store.ts'
import type { StoreRecord } from '../../../src/store/store-record.ts'
import { StoredChanges } from '../../../src/store/stored-changes.ts'
import { COLUMNS, WRITE_ORDER } from '../../../src/store/tables.ts'
import { createWriteBatch } from '../../../src/store/write-batch.ts'
import { copyText } from '../../support/copy-text.ts'
import { answerTasks } from './answer-tasks.ts'
import { ORIGINAL_MISSES, withOriginalIds } from './original-schema.ts'
import { type Handed, recordInvocations, rowsOf } from './recorded-work.ts'

/** Who writes, and where to: the store, given work, work without row changes, or rows; or raw COPY. */
export type Way = 'store' | 'store, no changes' | 'rows' | `${'ours' | 'original'} ${'text' | 'binary'}`

export interface StoreTask {
  way: Way
  invocations: number
}

export interface StoreResult {
  /** From the first row until all are committed. */
  seconds: number
  /** CPU time of this process for each invocation, in microseconds. */
  cpuMicros: number
}

const SCHEMA = 'event_detector_observability'
// As many rows as the store puts into a transaction.
const BATCH_ROWS = 8_000
// Invocations that end in one turn of the event loop.
const ENDING_TOGETHER = 10

// Making thousands of rows at once leaves garbage that no application makes; it is not to be collected on the clock.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const pool = createPool({ connectionString: process.argv[2] as string, max: 2 })
const options = {
  batchSize: 100,
  flushIntervalMs: 5_000,
  retryAttempts: 3,
  retryDelayMs: 1_000,
  maxRows: 1e6,
  maxBytes: 1e9,
}
const changes = new StoredChanges()
const store = new RecordingStore(
  createWriteBatch(() => pool, SCHEMA, { changes }),
  silentLogger,
  {
    ...options,
    packer: new Packer(changes),
  },
)
const storeOfRows = new RecordingStore(
  createWriteBatch(() => pool, SCHEMA),
  silentLogger,
  options,
)

type Row = Record<string, unknown>

/** An application's work ends bit by bit, while earlier work is on its way. */
async function through<Item>(to: RecordingStore, items: Item[][], add: (item: Item) => void): Promise<void> {
  for (let start = 0; start < items.length; start += ENDING_TOGETHER) {
    for (const item of items.slice(start, start + ENDING_TOGETHER).flat()) add(item)
    await nextTurn()
  }
  await to.flush(600_000)
  const { bufferedRows, quarantined, lastError } = to.status
  if (bufferedRows + quarantined > 0) throw new Error(`the store left rows behind: ${lastError}`)
}

/** What COPY is to be sent, in batches. */
function encoded(tables: 'ours' | 'original', format: 'text' | 'binary', rows: StoreRecord[]): CopySource[][] {
  const [schema, without] = tables === 'ours' ? [SCHEMA, new Set<string>()] : ['original', ORIGINAL_MISSES]
  const records = tables === 'ours' ? rows : withOriginalIds(rows)
  const batches: CopySource[][] = []
  for (let start = 0; start < records.length; start += BATCH_ROWS) {
    const batch = records.slice(start, start + BATCH_ROWS)
    batches.push(
      WRITE_ORDER.flatMap(table => {
        const rows = batch.filter(record => record.table === table).map(({ row }) => row as object as Row)
        if (rows.length === 0) return []
        const columns = Object.keys(rows[0] as Row).filter(
          name => !without.has(name) && rows.some(row => row[name] !== null),
        )
        const types = COLUMNS[table] as Record<string, BinaryType>
        const typed = columns.map(name => ({ name, type: originalType(tables, name) ?? (types[name] as BinaryType) }))
        return {
          sql: `COPY ${schema}.${table} (${columns}) FROM STDIN (FORMAT ${format})`,
          chunks: format === 'text' ? [copyText(columns, rows)] : [...copyBinary(typed, rows)],
        }
      }),
    )
  }
  return batches
}

function originalType(tables: 'ours' | 'original', column: string): BinaryType | null {
  return tables === 'original' && column === 'correlation_id' ? 'text' : null
}

/** All that can be made before the clock starts is made; what comes back does the rest. */
function prepared(way: Way, invocations: Handed[]): () => Promise<void> {
  switch (way) {
    case 'store':
    case 'store, no changes':
      return () => through(store, invocations, work => store.add(work))
    case 'rows': {
      const records = invocations.map(handed => rowsOf([handed], false))
      return () => through(storeOfRows, records, record => storeOfRows.add(record))
    }
    case 'ours text':
    case 'ours binary':
    case 'original text':
    case 'original binary': {
      const [tables, format] = way.split(' ') as ['ours' | 'original', 'text' | 'binary']
      const batches = encoded(tables, format, rowsOf(invocations, tables === 'ours'))
      return () =>
        withClient(pool, async client => {
          for (const batch of batches) await copyFrom(client, batch)
        })
    }
    default:
      return way satisfies never
  }
}

async function perform({ way, invocations }: StoreTask): Promise<StoreResult> {
  const write = prepared(way, recordInvocations(invocations, way !== 'store, no changes'))
  collectGarbage()
  const before = process.cpuUsage()
  const started = performance.now()
  await write()
  const seconds = (performance.now() - started) / 1_000
  const { user, system } = process.cpuUsage(before)
  return { seconds, cpuMicros: (user + system) / invocations }
}

answerTasks(perform, () => pool.end())

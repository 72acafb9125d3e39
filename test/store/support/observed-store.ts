import { createPool, type Pool } from '../../../src/db/pool.ts'
import { silentLogger } from '../../../src/log.ts'
import { RecordingStore } from '../../../src/store/recording-store.ts'
import { createWriteBatch } from '../../../src/store/write-batch.ts'
import { SCHEMA } from '../../support/postgres.ts'

export interface ObservedStore {
  store: RecordingStore
  pool: Pool
  /** Everything it logged, in order. */
  log: { level: string; message: string; error?: string }[]
  close(): Promise<void>
}

/** A store with short pauses that writes to the database at an address. */
export function observedStore(url: string, { statementTimeoutMs = 0 } = {}): ObservedStore {
  const pool = createPool({ connectionString: url, max: 2, statementTimeoutMs })
  const log: ObservedStore['log'] = []
  const hear = (level: string) => (details: { error?: string }, message: string) =>
    void log.push({ level, message, ...(details.error === undefined ? {} : { error: details.error }) })
  const store = new RecordingStore(
    createWriteBatch(() => pool, SCHEMA, { instance: 'test:1' }),
    { ...silentLogger, info: hear('info'), warn: hear('warn'), error: hear('error') },
    { batchSize: 100, flushIntervalMs: 20, retryAttempts: 2, retryDelayMs: 10, maxRows: 100_000, maxBytes: 1e8 },
  )
  return {
    store,
    pool,
    log,
    async close() {
      store.stop()
      await pool.end()
    },
  }
}

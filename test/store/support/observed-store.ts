import { createPool, type Pool } from '../../../src/db/pool.ts'
import { silentLogger } from '../../../src/log.ts'
import { Packer } from '../../../src/store/packer.ts'
import { RecordingStore, type StoreOptions } from '../../../src/store/recording-store.ts'
import { StoredChanges } from '../../../src/store/stored-changes.ts'
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
export function observedStore(
  url: string,
  {
    statementTimeoutMs = 0,
    maxConnections = 2,
    maxRows = 100_000,
    journal = null,
  }: { statementTimeoutMs?: number; maxConnections?: number } & Partial<Pick<StoreOptions, 'maxRows' | 'journal'>> = {},
): ObservedStore {
  const pool = createPool({ connectionString: url, max: maxConnections, statementTimeoutMs })
  const changes = new StoredChanges()
  const log: ObservedStore['log'] = []
  const hear = (level: string) => (details: { error?: string }, message: string) =>
    void log.push({ level, message, ...(details.error === undefined ? {} : { error: details.error }) })
  const store = new RecordingStore(
    createWriteBatch(() => pool, SCHEMA, { instance: 'test:1', changes }),
    { ...silentLogger, info: hear('info'), warn: hear('warn'), error: hear('error') },
    {
      batchSize: 100,
      flushIntervalMs: 20,
      retryAttempts: 2,
      retryDelayMs: 10,
      maxRows,
      maxBytes: 1e8,
      packer: new Packer(changes),
      journal,
    },
  )
  return {
    store,
    pool,
    log,
    async close() {
      await store.stop()
      await pool.end()
    },
  }
}

import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { findBrowser } from './find-browser.ts'
import { SCHEMA } from './schema.ts'

// Kept in step with postgres.ts, which may only be imported inside a test.
const TEMPLATE_DATABASE = 'template_migrated'

/** Starts one real Postgres for the whole run and migrates the database that the others are cloned from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(await quickFolder(), 'observability-test-'))
  const postgres = await startEmbeddedPostgres({
    dataDir,
    logger: silentLogger,
    // A test run's data need not survive the machine.
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '300',
      max_wal_size: '256MB',
    },
  })
  await postgres.ensureDatabase(TEMPLATE_DATABASE)
  const pool = createPool({ connectionString: postgres.connectionString(TEMPLATE_DATABASE), max: 1 })
  await migrateUp({ pool, directory: path.resolve('model/migrations'), schema: SCHEMA })
  await pool.end()
  project.provide('browser', await findBrowser())
  project.provide('postgresUrl', postgres.connectionString('postgres'))
  return async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Memory where there is enough: hundreds of databases are made, each of hundreds of files, which takes a disk 0.7 s and memory 0.04. */
async function quickFolder(): Promise<string> {
  const memory = '/dev/shm'
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }))
  return bavail * bsize > 3 * 1024 ** 3 ? memory : tmpdir()
}

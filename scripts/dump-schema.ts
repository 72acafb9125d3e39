// `npm run db:dump`: writes model/schema.sql, what the migrations make of an empty database. A test compares it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '../src/db/embedded.ts'
import { migrateUp } from '../src/db/migrate.ts'
import { createPool } from '../src/db/pool.ts'
import { readSchemaText } from '../src/db/schema-text.ts'
import { silentLogger } from '../src/log.ts'
import { MIGRATIONS_DIR, PACKAGE_ROOT } from '../src/package-files.ts'

const schema = 'event_detector_observability'
const dataDir = mkdtempSync(path.join(tmpdir(), 'observability-dump-'))
const postgres = await startEmbeddedPostgres({ dataDir, logger: silentLogger, settings: { fsync: 'off' } })
const pool = createPool({ connectionString: postgres.connectionString('postgres') })
try {
  await migrateUp({ pool, directory: MIGRATIONS_DIR, schema })
  writeFileSync(path.join(PACKAGE_ROOT, 'model/schema.sql'), await readSchemaText(pool, schema))
  console.log('model/schema.sql written')
} finally {
  await pool.end()
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

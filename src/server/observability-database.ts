import { explainUnreachable } from '../db/explain-unreachable.ts'
import { quoteIdent } from '../db/identifiers.ts'
import { migrateUp } from '../db/migrate.ts'
import { createPool, type Pool } from '../db/pool.ts'
import { MIGRATIONS_DIR } from '../package-files.ts'
import { SECOND } from '../units.ts'

export interface ObservabilityDatabase {
  pool: Pool
  close(): Promise<void>
}

export interface ObservabilityDatabaseOptions {
  connectionString: string
  schema: string
}

const PARTITIONS_AHEAD_DAYS = 7
export const QUERY_TIMEOUT_MS = 30 * SECOND

/**
 * Brings the observability database to this version, with partitions for the next days. Throws
 * DATABASE_MISSING or DATABASE_UNREACHABLE with what to do, or the migrator's errors.
 */
export async function openObservabilityDatabase(options: ObservabilityDatabaseOptions): Promise<ObservabilityDatabase> {
  const { connectionString, schema } = options
  // Migrating has no time limit, answering queries has.
  const migrating = createPool({ connectionString, max: 1, applicationName: 'hasura-observability migrate' })
  try {
    await migrateUp({ pool: migrating, directory: MIGRATIONS_DIR, schema })
    await makePartitions(migrating, schema)
  } catch (error) {
    throw explainUnreachable(error, connectionString)
  } finally {
    await migrating.end()
  }

  const pool = createPool({
    connectionString,
    max: 10,
    applicationName: 'hasura-observability server',
    statementTimeoutMs: QUERY_TIMEOUT_MS,
  })
  return { pool, close: () => pool.end() }
}

async function makePartitions(pool: Pool, schema: string): Promise<void> {
  await pool.query(
    `SELECT ${quoteIdent(schema)}.ensure_partitions(
       (now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + $1::integer)`,
    [PARTITIONS_AHEAD_DAYS],
  )
}

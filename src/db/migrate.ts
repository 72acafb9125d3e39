import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { ObservabilityError } from '../errors.ts'
import { quoteIdent, quoteLiteral } from './identifiers.ts'
import type { ClientBase, Pool, PoolClient } from './pool.ts'
import { withClient } from './with-client.ts'

export interface Migration {
  /** The file's name without ending, `0001-executions`. */
  name: string
  /** SQL with `:"schema"` and `:'schema'` still in it. */
  up: string
  down: string
  /** SHA-256 of `up` in hex. */
  checksum: string
}

export interface MigrateOptions {
  pool: Pool
  /** Folder of `NNNN-name.sql` and `NNNN-name.down.sql` files. */
  directory: string
  schema: string
}

export interface MigrationStatus {
  name: string
  appliedAt: Date | null
}

/** Reads the migrations of a folder in order. Throws MIGRATION_FAILED when one has no down file. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).filter(file => /^\d{4}-[a-z0-9-]+\.sql$/.test(file)).sort()
  return Promise.all(
    files.map(async file => {
      const name = file.slice(0, -'.sql'.length)
      const up = await readFile(path.join(directory, file), 'utf8')
      const down = await readFile(path.join(directory, `${name}.down.sql`), 'utf8').catch(cause => {
        throw new ObservabilityError('MIGRATION_FAILED', `${file} has no ${name}.down.sql beside it; add one`, {
          cause,
        })
      })
      return { name, up, down, checksum: createHash('sha256').update(up).digest('hex') }
    }),
  )
}

/**
 * Applies what is missing, each migration in its own transaction, and returns the names applied. Processes that start
 * together take turns (advisory lock). Throws MIGRATION_EDITED when an applied file has changed since, MIGRATION_UNKNOWN
 * when the database is newer than this program, MIGRATION_FAILED when a statement fails.
 */
export async function migrateUp(options: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(options.directory)
  return withMigrationLock(options, async client => {
    const applied = await readApplied(client, options.schema)
    refuseSurprises(migrations, applied)
    const missing = migrations.filter(migration => !applied.has(migration.name))
    for (const migration of missing) {
      await runInTransaction(client, migration.name, async () => {
        await client.query(forSchema(migration.up, options.schema))
        await client.query(`INSERT INTO ${table(options.schema)} (name, checksum) VALUES ($1, $2)`, [
          migration.name,
          migration.checksum,
        ])
      })
    }
    return missing.map(migration => migration.name)
  })
}

/** Takes the newest `steps` migrations back and returns their names, newest first. Their data is gone. */
export async function migrateDown(options: MigrateOptions, steps = 1): Promise<string[]> {
  const migrations = await readMigrations(options.directory)
  return withMigrationLock(options, async client => {
    const applied = await readApplied(client, options.schema)
    refuseSurprises(migrations, applied)
    const newest = migrations.filter(migration => applied.has(migration.name)).reverse()
    const undone = newest.slice(0, steps)
    for (const migration of undone) {
      await runInTransaction(client, migration.name, async () => {
        await client.query(forSchema(migration.down, options.schema))
        await client.query(`DELETE FROM ${table(options.schema)} WHERE name = $1`, [migration.name])
      })
    }
    return undone.map(migration => migration.name)
  })
}

/** Every migration this program knows, and when it was applied (null: not yet). */
export async function migrationStatus(options: MigrateOptions): Promise<MigrationStatus[]> {
  const migrations = await readMigrations(options.directory)
  return withMigrationLock(options, async client => {
    const applied = await readApplied(client, options.schema)
    return migrations.map(({ name }) => ({ name, appliedAt: applied.get(name)?.appliedAt ?? null }))
  })
}

/** How what is applied differs from what this program knows. Only reads; the schema must be there. */
export async function compareMigrations(
  client: ClientBase,
  { directory, schema }: Pick<MigrateOptions, 'directory' | 'schema'>,
): Promise<{ known: number; applied: string[]; missing: string[]; unknown: string[]; edited: string[] }> {
  const migrations = await readMigrations(directory)
  const applied = await readApplied(client, schema)
  const names = migrations.map(migration => migration.name)
  return {
    known: names.length,
    applied: [...applied.keys()].sort(),
    missing: names.filter(name => !applied.has(name)),
    unknown: [...applied.keys()].filter(name => !names.includes(name)),
    edited: migrations
      .filter(({ name, checksum }) => applied.has(name) && applied.get(name)?.checksum !== checksum)
      .map(migration => migration.name),
  }
}

/** Puts the schema's name where the SQL has psql's `:"schema"` (identifier) and `:'schema'` (text). */
export function forSchema(sql: string, schema: string): string {
  return sql.replaceAll(':"schema"', quoteIdent(schema)).replaceAll(":'schema'", quoteLiteral(schema))
}

interface AppliedMigration {
  checksum: string
  appliedAt: Date
}

const table = (schema: string): string => `${quoteIdent(schema)}.schema_migrations`

function withMigrationLock<T>(options: MigrateOptions, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withClient(options.pool, async client => {
    const lock = `hashtextextended(${quoteLiteral(`hasura-observability.migrate.${options.schema}`)}, 0)`
    await client.query(`SELECT pg_advisory_lock(${lock})`)
    // Without a schema there is nothing to create twice: the lock is held.
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdent(options.schema)}`)
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${table(options.schema)} (
         name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    )
    const result = await work(client)
    // On failure the connection is closed, which releases the lock as well.
    await client.query(`SELECT pg_advisory_unlock(${lock})`)
    return result
  })
}

async function readApplied(client: ClientBase, schema: string): Promise<Map<string, AppliedMigration>> {
  const { rows } = await client.query<{ name: string; checksum: string; applied_at: Date }>(
    `SELECT name, checksum, applied_at FROM ${table(schema)}`,
  )
  return new Map(rows.map(row => [row.name, { checksum: row.checksum, appliedAt: row.applied_at }]))
}

function refuseSurprises(migrations: Migration[], applied: Map<string, AppliedMigration>): void {
  const known = new Map(migrations.map(migration => [migration.name, migration]))
  for (const [name, { checksum }] of applied) {
    const migration = known.get(name)
    if (migration === undefined) {
      throw new ObservabilityError(
        'MIGRATION_UNKNOWN',
        `the database has migration ${name}, which this version does not know: start the newer version again, or migrate down with it first`,
      )
    }
    if (migration.checksum !== checksum) {
      throw new ObservabilityError(
        'MIGRATION_EDITED',
        `migration ${name} was changed after it had been applied: restore the file and put the change into a new migration`,
      )
    }
  }
}

async function runInTransaction(client: ClientBase, name: string, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN')
  try {
    await work()
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {}) // The connection is closed next; that rolls back too.
    throw new ObservabilityError(
      'MIGRATION_FAILED',
      `migration ${name} failed and was rolled back: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
}

import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readServerConfig } from '../config.ts'
import { explainUnreachable } from '../db/explain-unreachable.ts'
import { type MigrateOptions, migrateDown, migrateUp, migrationStatus } from '../db/migrate.ts'
import { createPool } from '../db/pool.ts'
import { ObservabilityError } from '../errors.ts'
import { MIGRATIONS_DIR } from '../package-files.ts'

/** `migrate up | down [steps] | status | create <name>`, on the database of OBSERVABILITY_DB_URL. */
export async function migrate([action, argument]: string[]): Promise<void> {
  if (action === 'create') return create(argument)
  if (action !== 'up' && action !== 'down' && action !== 'status') {
    throw new ObservabilityError('CONFIG_INVALID', 'migrate needs up, down, status or create; see --help')
  }
  const config = readServerConfig()
  if (config.observabilityDbUrl === null) {
    throw new ObservabilityError(
      'CONFIG_INVALID',
      'OBSERVABILITY_DB_URL is not set: migrate works on that database ("start" migrates the embedded one by itself)',
    )
  }
  const pool = createPool({ connectionString: config.observabilityDbUrl, max: 1 })
  try {
    await perform(action, argument, { pool, directory: MIGRATIONS_DIR, schema: config.schema })
  } catch (error) {
    throw explainUnreachable(error, config.observabilityDbUrl)
  } finally {
    await pool.end()
  }
}

async function perform(
  action: 'up' | 'down' | 'status',
  argument: string | undefined,
  options: MigrateOptions,
): Promise<void> {
  if (action === 'status') {
    for (const { name, appliedAt } of await migrationStatus(options)) {
      console.log(`${name}  ${appliedAt ? `applied ${appliedAt.toISOString()}` : 'not applied'}`)
    }
    return
  }
  const steps = argument === undefined ? 1 : Number(argument)
  if (!Number.isInteger(steps) || steps < 1) {
    throw new ObservabilityError('CONFIG_INVALID', `migrate down takes a number of steps, got ${argument}`)
  }
  const names = action === 'up' ? await migrateUp(options) : await migrateDown(options, steps)
  for (const name of names) console.log(`${name}  ${action === 'up' ? 'applied' : 'taken back'}`)
  if (names.length === 0) console.log(action === 'up' ? 'up to date' : 'nothing to take back')
}

async function create(name: string | undefined): Promise<void> {
  if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
    throw new ObservabilityError(
      'CONFIG_INVALID',
      'migrate create takes a name of lower-case letters, digits and hyphens',
    )
  }
  const last = (await readdir(MIGRATIONS_DIR)).sort().at(-1)?.slice(0, 4) ?? '0000'
  const file = path.join(MIGRATIONS_DIR, `${String(Number(last) + 1).padStart(4, '0')}-${name}`)
  await writeFile(`${file}.sql`, '-- What this changes, and why. Write :"schema" for the schema.\n', { flag: 'wx' })
  await writeFile(`${file}.down.sql`, '-- Takes it back.\n', { flag: 'wx' })
  console.log(`${file}.sql\n${file}.down.sql`)
}

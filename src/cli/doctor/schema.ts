import { quoteIdent } from '../../db/identifiers.ts'
import { compareMigrations } from '../../db/migrate.ts'
import type { ClientBase } from '../../db/pool.ts'
import { MIGRATIONS_DIR } from '../../package-files.ts'
import { action, counted, type Finding, note, ok } from './finding.ts'

// What the plugin writes to. It reads, too: a row that may be there already is compared first.
const WRITTEN = ['event_executions', 'events', 'instances', 'invocations', 'job_executions', 'quarantined_rows']

export interface ExaminedSchema {
  findings: Finding[]
  /** Whether what it holds can be looked at. */
  isComplete: boolean
}

/** Whether the tables are there, in this version, and may be written. */
export async function examineSchema(client: ClientBase, schema: string): Promise<ExaminedSchema> {
  const access = await readAccess(client, schema)
  if (access.tables.length === 0) {
    const found = access.schemaExists ? `the schema ${schema} is empty` : `there is no schema ${schema}`
    return {
      findings: [action('migrations', found, 'run `hasura-observability migrate up`, or correct OBSERVABILITY_SCHEMA')],
      isComplete: false,
    }
  }
  const privileges = judgePrivileges(access, schema)
  if (!access.mayRead) return { findings: [privileges], isComplete: false }
  const migrations = await judgeMigrations(client, schema)
  return { findings: [migrations, privileges], isComplete: migrations.state === 'ok' }
}

async function judgeMigrations(client: ClientBase, schema: string): Promise<Finding> {
  const { known, applied, missing, unknown, edited } = await compareMigrations(client, {
    directory: MIGRATIONS_DIR,
    schema,
  })
  if (unknown.length > 0) {
    return action(
      'migrations',
      `the database was migrated by a newer version: ${unknown.join(', ')}`,
      'use that version, or migrate down with it',
    )
  }
  if (edited.length > 0) {
    return action(
      'migrations',
      `${edited.join(', ')} changed after being applied`,
      'restore the files of this version; put changes into a new migration',
    )
  }
  if (missing.length > 0) {
    return action(
      'migrations',
      `${missing.length} of ${known} are missing: ${missing.join(', ')}`,
      'run `hasura-observability migrate up`',
    )
  }
  return ok('migrations', `all ${known} applied, the newest is ${applied.at(-1)}`)
}

interface Access {
  schemaExists: boolean
  mayUse: boolean
  /** May read its list of migrations and everything else that doctor reads. */
  mayRead: boolean
  isOwner: boolean
  tables: { name: string; missing: string[] }[]
  user: string
}

async function readAccess(client: ClientBase, schema: string): Promise<Access> {
  const { rows } = await client.query<{
    user: string
    usage: boolean
    name: string | null
    owner: boolean
    select: boolean
    insert: boolean
    update: boolean
  }>(
    // By oid: by name, Postgres would answer with an error when the schema may not be used.
    `SELECT current_user AS "user", has_schema_privilege(n.oid, 'USAGE') AS usage, c.relname AS name,
            pg_has_role(c.relowner, 'USAGE') AS owner, has_table_privilege(c.oid, 'SELECT') AS "select",
            has_table_privilege(c.oid, 'INSERT') AS "insert", has_table_privilege(c.oid, 'UPDATE') AS "update"
     FROM pg_namespace n
     LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     WHERE n.nspname = $1 ORDER BY c.relname`,
    [schema],
  )
  const tables = rows.filter(row => row.name !== null)
  const usage = rows.some(row => row.usage)
  return {
    user: rows[0]?.user ?? '',
    schemaExists: rows.length > 0,
    mayUse: usage,
    mayRead: usage && tables.every(row => row.select),
    isOwner: tables.every(row => row.owner),
    tables: tables.map(row => ({
      name: row.name as string,
      missing: (['select', 'insert', 'update'] as const).filter(
        right => !row[right] && (right === 'select' || WRITTEN.includes(row.name as string)),
      ),
    })),
  }
}

function judgePrivileges({ user, mayUse, mayRead, isOwner, tables }: Access, schema: string): Finding {
  const grantee = quoteIdent(user)
  if (!mayUse) {
    return action('privileges', `${user} may not use the schema`, `GRANT USAGE ON SCHEMA ${schema} TO ${grantee}`)
  }
  const lacking = tables.filter(table => table.missing.length > 0)
  if (lacking.length > 0) {
    const rights = [...new Set(lacking.flatMap(table => table.missing))].map(right => right.toUpperCase()).join(', ')
    return action(
      'privileges',
      `${user} lacks ${rights} on ${lacking.map(table => table.name).join(', ')}${mayRead ? '' : '; what they hold was not looked at'}`,
      `GRANT ${rights} ON ${lacking.map(table => `${schema}.${table.name}`).join(', ')} TO ${grantee}`,
    )
  }
  if (!isOwner) {
    return note(
      'privileges',
      `${user} may record, but does not own the ${counted(tables.length, 'table')}`,
      'let their owner run migrations and maintenance',
    )
  }
  return ok('privileges', `${user} may record, migrate and maintain`)
}

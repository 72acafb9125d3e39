import { createHash } from 'node:crypto'
import { quoteIdent, quoteLiteral } from '../../db/identifiers.ts'
import type { Pool, PoolClient } from '../../db/pool.ts'
import { withClient } from '../../db/with-client.ts'
import { ObservabilityError } from '../../errors.ts'
import type { HasuraMetadata } from '../metadata.ts'
import { DELIVERY_SCHEMA, DELIVERY_TABLES_SQL } from './schema.ts'
import {
  createTriggerSql,
  type RowOperation,
  type RowTrigger,
  rowTriggerName,
  triggerFunctionSql,
} from './trigger-function.ts'

export interface InstallEventTriggersOptions {
  pool: Pool
  metadata: HasuraMetadata
  /** Which of the metadata's sources the pool's database is. */
  sourceName: string
}

/** How many row triggers (one per event trigger and operation) were made or changed, found as they should be, removed. */
export interface InstalledEventTriggers {
  installed: number
  unchanged: number
  removed: number
}

/**
 * Makes a database without Hasura record its row changes as the metadata's event triggers say, in the schema
 * `hasura_event_delivery`. Can be run at every start, by several processes at once: tables that are already set up
 * are not touched. Throws EVENT_TRIGGERS_UNSUPPORTED where a Hasura delivers the changes itself, METADATA_INVALID
 * when the metadata names a table or column that is not there.
 */
export async function installEventTriggers(options: InstallEventTriggersOptions): Promise<InstalledEventTriggers> {
  const wanted = rowTriggers(options.metadata, options.sourceName)
  return withClient(options.pool, async client => {
    await client.query('BEGIN')
    // A table that is busy for long makes this start fail rather than every writer queue behind it.
    await client.query(`SET LOCAL lock_timeout = '10s'`)
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [DELIVERY_SCHEMA])
    await refuseBesideHasura(client)
    await client.query(DELIVERY_TABLES_SQL)
    await checkTables(client, wanted)
    const installed = await setTriggers(client, options.sourceName, wanted)
    await giveUpOrphans(client, options.sourceName, wanted)
    // On failure the connection is closed, which rolls back.
    await client.query('COMMIT')
    return installed
  })
}

/** The row triggers that a source's metadata asks for. */
export function rowTriggers(metadata: HasuraMetadata, sourceName: string): RowTrigger[] {
  const source = metadata.sources.find(({ name }) => name === sourceName)
  if (!source) {
    const names = metadata.sources.map(({ name }) => name).join(', ') || 'none'
    throw new ObservabilityError('METADATA_INVALID', `the metadata has no source ${sourceName}; it has: ${names}`)
  }
  const operations: [RowOperation, 'insert' | 'update' | 'delete'][] = [
    ['INSERT', 'insert'],
    ['UPDATE', 'update'],
    ['DELETE', 'delete'],
  ]
  return source.tables.flatMap(({ table, event_triggers = [] }) =>
    event_triggers.flatMap(trigger =>
      operations.flatMap(([operation, key]): RowTrigger[] => {
        const specification = trigger.definition[key]
        if (!specification) return []
        const { columns, payload = '*' } = specification
        const schemaAndName = { schema: table.schema, name: table.name }
        return [{ sourceName, triggerName: trigger.name, table: schemaAndName, operation, columns, payload }]
      }),
    ),
  )
}

async function refuseBesideHasura(client: PoolClient): Promise<void> {
  const { rows } = await client.query(`SELECT to_regclass('hdb_catalog.event_log') IS NOT NULL AS has_hasura`)
  if (!rows[0].has_hasura) return
  throw new ObservabilityError(
    'EVENT_TRIGGERS_UNSUPPORTED',
    'a Hasura manages this database (it has hdb_catalog.event_log) and delivers its row changes; delivering them here too would run every job twice. Set the webhook of its event triggers instead.',
  )
}

async function checkTables(client: PoolClient, wanted: RowTrigger[]): Promise<void> {
  const mistakes = new Set<string>()
  for (const trigger of wanted) {
    const name = `${trigger.table.schema}.${trigger.table.name}`
    const { rows } = await client.query(
      `SELECT c.relkind, array_agg(a.attname::text) AS columns
       FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relname = $2 AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
         AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
       GROUP BY c.oid`,
      [trigger.table.schema, trigger.table.name],
    )
    const [table] = rows
    if (!table) {
      mistakes.add(`event trigger ${trigger.triggerName} watches ${name}, which does not exist`)
      continue
    }
    if (table.relkind === 'v' || table.relkind === 'm') {
      mistakes.add(`event trigger ${trigger.triggerName} watches ${name}, which is a view and has no row changes`)
      continue
    }
    const named = [trigger.columns, trigger.payload].flatMap(selection => (selection === '*' ? [] : selection))
    for (const column of named) {
      if (!table.columns.includes(column)) {
        mistakes.add(`event trigger ${trigger.triggerName} names the column ${column}, which ${name} does not have`)
      }
    }
  }
  if (mistakes.size > 0) throw new ObservabilityError('METADATA_INVALID', [...mistakes].join('\n'))
}

interface InstalledTrigger {
  function_name: string
  /** Null when the table is gone and only the function is left. */
  table_name: string | null
  table_schema: string | null
  trigger_name: string | null
  mark: string | null
}

async function setTriggers(
  client: PoolClient,
  sourceName: string,
  wanted: RowTrigger[],
): Promise<InstalledEventTriggers> {
  const existing = await readInstalled(client, sourceName)
  const result: InstalledEventTriggers = { installed: 0, unchanged: 0, removed: 0 }
  for (const trigger of wanted) {
    const name = rowTriggerName(trigger)
    const found = existing.filter(({ function_name }) => function_name === name)
    const mark = installedMark(trigger)
    if (found.length === 1 && found[0]?.mark === mark && found[0].table_name !== null) {
      result.unchanged++
      continue
    }
    for (const old of found) await dropTrigger(client, old)
    await client.query(triggerFunctionSql(trigger))
    await client.query(
      `COMMENT ON FUNCTION ${quoteIdent(DELIVERY_SCHEMA)}.${quoteIdent(name)}() IS ${quoteLiteral(mark)}`,
    )
    await client.query(createTriggerSql(trigger))
    result.installed++
  }
  const names = new Set(wanted.map(rowTriggerName))
  const left = existing.filter(({ function_name }) => !names.has(function_name))
  for (const old of left) {
    await dropTrigger(client, old)
    await client.query(`DROP FUNCTION IF EXISTS ${quoteIdent(DELIVERY_SCHEMA)}.${quoteIdent(old.function_name)}()`)
  }
  result.removed = new Set(left.map(({ function_name }) => function_name)).size
  return result
}

async function dropTrigger(client: PoolClient, old: InstalledTrigger): Promise<void> {
  if (old.trigger_name === null || old.table_schema === null || old.table_name === null) return
  const table = `${quoteIdent(old.table_schema)}.${quoteIdent(old.table_name)}`
  await client.query(`DROP TRIGGER IF EXISTS ${quoteIdent(old.trigger_name)} ON ${table}`)
}

// The catalog is asked, not a table of our own: it cannot be out of step with itself.
async function readInstalled(client: PoolClient, sourceName: string): Promise<InstalledTrigger[]> {
  const { rows } = await client.query<InstalledTrigger>(
    `SELECT p.proname::text AS function_name, t.tgname::text AS trigger_name, c.relname::text AS table_name,
            n.nspname::text AS table_schema, obj_description(p.oid, 'pg_proc') AS mark
     FROM pg_proc p
     LEFT JOIN pg_trigger t ON t.tgfoid = p.oid AND t.tgparentid = 0
     LEFT JOIN pg_class c ON c.oid = t.tgrelid
     LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
       AND p.prorettype = 'trigger'::regtype`,
    [DELIVERY_SCHEMA],
  )
  return rows.filter(({ mark }) => markedSource(mark) === sourceName)
}

// Kept as the comment of the function: whose it is, and whether what it does is what is wanted now.
function installedMark(trigger: RowTrigger): string {
  const definition = createHash('sha256').update(`${triggerFunctionSql(trigger)}\n${createTriggerSql(trigger)}`)
  return JSON.stringify({
    source: trigger.sourceName,
    eventTrigger: trigger.triggerName,
    definition: definition.digest('hex').slice(0, 16),
  })
}

function markedSource(mark: string | null): unknown {
  try {
    return JSON.parse(mark ?? 'null')?.source
  } catch {
    return undefined // A function somebody else put into the schema; it is not ours to judge.
  }
}

async function giveUpOrphans(client: PoolClient, sourceName: string, wanted: RowTrigger[]): Promise<void> {
  await client.query(
    `UPDATE hasura_event_delivery.event_log SET due_at = NULL, leased_by = NULL, given_up_at = now()
     WHERE source_name = $1 AND due_at IS NOT NULL AND trigger_name <> ALL($2::text[])`,
    [sourceName, wanted.map(({ triggerName }) => triggerName)],
  )
}

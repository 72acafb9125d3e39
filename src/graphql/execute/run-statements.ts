import type { Pool, PoolClient } from '../../db/pool.ts'
import { withClient } from '../../db/with-client.ts'
import type { ParameterValue } from '../plan/nodes.ts'
import { inTransaction, isStatementError } from './transaction.ts'

export interface BoundStatement {
  readonly text: string
  readonly parameters: readonly ParameterValue[]
}

export interface RunOptions {
  /** Longest a statement may run, in milliseconds; null leaves it to the pool's connections. */
  readonly statementTimeoutMs: number | null
}

// What each connection has, asked once: a connection keeps its settings.
const settings = new WeakMap<PoolClient, { timeZone: string; statementTimeoutMs: number }>()

/**
 * Runs read-only statements and returns the JSON text of each. Timestamps have to come out in UTC. On a connection whose
 * settings already say so, one statement is one round trip; otherwise (and for several statements, which should see the
 * same data) there is a transaction around them.
 */
export async function runStatements(
  pool: Pool,
  statements: readonly BoundStatement[],
  options: RunOptions,
): Promise<(string | null)[]> {
  if (statements.length === 0) return []
  return withClient(
    pool,
    async client => {
      const [only] = statements
      const alone = statements.length === 1 && only !== undefined && (await isReady(client, options))
      if (alone) return [await run(client, only)]
      return inTransaction(client, 'read', options.statementTimeoutMs, async () => {
        const results: (string | null)[] = []
        for (const statement of statements) results.push(await run(client, statement))
        return results
      })
    },
    isStatementError,
  )
}

/** Runs one read-only statement and returns its rows, as lists of their columns. */
export async function readRows(
  pool: Pool,
  { text, values }: { text: string; values: readonly unknown[] },
  options: RunOptions,
): Promise<unknown[][]> {
  return withClient(
    pool,
    async client => {
      const read = async () => (await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows
      return (await isReady(client, options)) ? read() : inTransaction(client, 'read', options.statementTimeoutMs, read)
    },
    isStatementError,
  )
}

async function isReady(client: PoolClient, options: RunOptions): Promise<boolean> {
  let known = settings.get(client)
  if (known === undefined) {
    const { rows } = await client.query<{ zone: string; timeout: string }>(
      `SELECT current_setting('TimeZone') AS zone,
         (SELECT setting FROM pg_settings WHERE name = 'statement_timeout') AS timeout`,
    )
    known = { timeZone: rows[0]?.zone ?? '', statementTimeoutMs: Number(rows[0]?.timeout) }
    settings.set(client, known)
  }
  const isUtc = known.timeZone === 'UTC' || known.timeZone === 'Etc/UTC'
  return isUtc && (options.statementTimeoutMs === null || options.statementTimeoutMs === known.statementTimeoutMs)
}

async function run(client: PoolClient, { text, parameters }: BoundStatement): Promise<string | null> {
  const { rows } = await client.query<{ root: string | null }>({ text, values: [...parameters] })
  return rows[0]?.root ?? null
}

import type { Pool, PoolClient } from '../../db/pool.ts'
import { withClient } from '../../db/with-client.ts'
import type { ParameterValue } from '../plan/nodes.ts'
import { type PreparedStatements, UNPREPARED } from './prepared-statements.ts'
import { boundNext, type Deadline, inTransaction, isStatementError, leavesConnectionGood } from './transaction.ts'
import { untilAborted } from './until-aborted.ts'

export interface BoundStatement {
  readonly text: string
  readonly parameters: readonly ParameterValue[]
}

export interface RunOptions {
  /** Longest a statement may run, in milliseconds; null leaves it to the pool's connections. */
  readonly statementTimeoutMs: number | null
  /** Of all of them together. @default none */
  readonly deadline?: Deadline | null
  /** When it comes, what runs is stopped, and no more is begun. Its reason is thrown, or what Postgres says. @default none */
  readonly signal?: AbortSignal | undefined
  /** Which statements have names. @default none */
  readonly prepared?: PreparedStatements
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
  const { signal, statementTimeoutMs, deadline = null } = options
  const runAll = async (client: PoolClient, prepared: PreparedStatements): Promise<(string | null)[]> => {
    const [only] = statements
    const alone = statements.length === 1 && only !== undefined && (await isReady(client, options))
    if (alone) return [await run(client, only, prepared)]
    return inTransaction(client, 'read', statementTimeoutMs, async () => {
      const results: (string | null)[] = []
      for (const statement of statements) {
        signal?.throwIfAborted()
        if (results.length > 0) await boundNext(client, deadline, statementTimeoutMs)
        results.push(await run(client, statement, prepared))
      }
      return results
    })
  }
  return withNames(pool, options, (client, prepared) => untilAborted(client, signal, () => runAll(client, prepared)))
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

/** Does what only reads; once more without names when they turn out to be of no use here. */
async function withNames<T>(
  pool: Pool,
  { prepared = UNPREPARED }: RunOptions,
  work: (client: PoolClient, prepared: PreparedStatements) => Promise<T>,
): Promise<T> {
  try {
    return await withClient(pool, client => work(client, prepared), leavesConnectionGood)
  } catch (error) {
    if (!prepared.isOver(error)) throw error
    return withClient(pool, client => work(client, UNPREPARED), leavesConnectionGood)
  }
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

async function run(
  client: PoolClient,
  { text, parameters }: BoundStatement,
  prepared: PreparedStatements,
): Promise<string | null> {
  const name = await prepared.nameOf(client, text)
  const query = { text, values: [...parameters], rowMode: 'array' as const, ...(name === undefined ? {} : { name }) }
  const { rows } = await client.query<[string | null]>(query)
  return rows[0]?.[0] ?? null
}

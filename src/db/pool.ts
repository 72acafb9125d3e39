import pg from 'pg'

export type Pool = pg.Pool
export type PoolClient = pg.PoolClient
export type ClientBase = pg.ClientBase

export interface PoolOptions {
  connectionString: string
  /** Most connections open at once. @default 5 */
  max?: number
  /** Shown in pg_stat_activity. @default 'hasura-observability' */
  applicationName?: string
  /** Longest wait for a connection, in milliseconds. @default 10000 */
  connectionTimeoutMs?: number
  /** Longest a statement may run, in milliseconds; 0 for no limit. @default 0 */
  statementTimeoutMs?: number
  /** Whether open but idle connections keep the process alive. @default true */
  keepsProcessAlive?: boolean
  /** TLS settings as node-postgres takes them. */
  ssl?: boolean | object
}

/** A pool of connections. It connects at the first query, not before. */
export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.max ?? 5,
    application_name: options.applicationName ?? 'hasura-observability',
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 10_000,
    statement_timeout: options.statementTimeoutMs ?? 0,
    allowExitOnIdle: options.keepsProcessAlive === false,
    keepAlive: true,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl as pg.PoolConfig['ssl'] }),
  })
  // An idle connection that the server closes raises 'error' on the pool; unheard, it would end the process.
  // The pool has already discarded the connection, and the next query opens another and reports its own error.
  pool.on('error', () => {})
  // So does a new one that the server closes with the same bytes that say it is ready: nobody can listen by then.
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}

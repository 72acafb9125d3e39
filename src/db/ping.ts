import pg from 'pg'
import type { Pool } from './pool.ts'

/** Whether all connections that a pool may have are lent. */
export const isSaturated = (pool: Pool): boolean => pool.idleCount === 0 && pool.totalCount >= pool.options.max

/**
 * Rejects when the database does not answer. When all of the pool's connections are lent it is asked over another one: being
 * busy is no illness, and who takes it for one restarts a server in the middle of its work.
 */
export async function ping(pool: Pool): Promise<void> {
  if (!isSaturated(pool)) return void (await pool.query('SELECT 1'))
  const client = new pg.Client(pool.options)
  // A connection that is cut is what the query reports.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
  } finally {
    await client.end().catch(() => {})
  }
}

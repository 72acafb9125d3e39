import type { PoolClient } from '../../db/pool.ts'

const BEGIN = {
  // All statements of a request see the same data.
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  write: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
} as const

/** Does `work` in a transaction whose timestamps come out in UTC; when it fails, nothing of it has happened. */
export async function inTransaction<T>(
  client: PoolClient,
  kind: keyof typeof BEGIN,
  statementTimeoutMs: number | null,
  work: () => Promise<T>,
): Promise<T> {
  const timeout = statementTimeoutMs === null ? '' : `; SET LOCAL statement_timeout = ${Number(statementTimeoutMs)}`
  await client.query(`${BEGIN[kind]}; SET LOCAL TIME ZONE 'UTC'${timeout}`)
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}) // The connection is gone then, and is not used again.
    throw error
  }
}

/** Whether an error is about a statement only: the connection is as good as before. */
export const isStatementError = (error: unknown): boolean =>
  error instanceof Error && /^(?!08|57P)[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code))

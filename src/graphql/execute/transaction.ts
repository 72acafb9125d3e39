import type { PoolClient } from '../../db/pool.ts'
import { GraphqlError } from '../errors.ts'
import { timedOut } from './timed-out.ts'

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

/** The same of what was made of such an error, or thrown by us between two statements. */
export const leavesConnectionGood = (error: unknown): boolean =>
  error instanceof GraphqlError ? error.cause === undefined || isStatementError(error.cause) : isStatementError(error)

/** When an operation has to be done; null: it may take as long as its statements may. */
export interface Deadline {
  /** As `performance.now()` says it. */
  readonly endsAt: number
  /** How long it had, in milliseconds: for the complaint. */
  readonly allowedMs: number
}

export const deadlineIn = (allowedMs: number | null): Deadline | null =>
  allowedMs === null ? null : { endsAt: performance.now() + allowedMs, allowedMs }

/** Gives the next statement of a transaction no more than what is left of its operation's time. */
export async function boundNext(
  client: PoolClient,
  deadline: Deadline | null,
  statementTimeoutMs: number | null,
): Promise<void> {
  if (deadline === null) return
  const left = Math.ceil(deadline.endsAt - performance.now())
  if (left <= 0) throw timedOut(deadline.allowedMs)
  // 0 is no limit, also to Postgres.
  await client.query(`SET LOCAL statement_timeout = ${Math.min(left, statementTimeoutMs || left)}`)
}

import { copyFrom } from '../db/copy-from.ts'
import type { ClientBase, Pool, PoolClient } from '../db/pool.ts'
import { withClient } from '../db/with-client.ts'
import type { TableCopy } from './copy.ts'
import { writeFailure } from './write-failures.ts'

/** New rows on their way to the database. */
export interface CopyBatch {
  copies: readonly TableCopy[]
  /** How many of the rows are events. */
  eventRows: number
  /** Statements that belong to the events. */
  announcements: readonly string[]
}

/** Some of the rows may be stored, although `cause` kept the others out. */
export class PartlyStored extends Error {
  override name = 'PartlyStored'
}

// With fewer, a second transaction costs more than it saves.
const MIN_EVENT_ROWS = 250

/**
 * Stores new rows by COPY: all of them or none, in one transaction. Many events go in one of their own, over a second connection and
 * at the same time: the table of events is the widest, with the most indexes, and the executions do not wait for it.
 * Rejects with PartlyStored when one of two transactions may have been committed.
 */
export async function copyBatch(pool: Pool, client: ClientBase, batch: CopyBatch): Promise<void> {
  const { copies, announcements } = batch
  const events = copies.filter(({ table }) => table === 'events')
  const others = copies.filter(({ table }) => table !== 'events')
  if (batch.eventRows < MIN_EVENT_ROWS || others.length === 0 || !(await hasSecondConnection(pool))) {
    await copyFrom(client, [...others, ...events], announcements)
    return
  }
  const results = await Promise.allSettled([
    copyFrom(client, others),
    withClient(
      pool,
      second => copyFrom(second, events, announcements),
      error => writeFailure(error, true).reaction !== 'wait',
    ),
  ])
  const errors = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []))
  if (errors.length === 0) return
  // A server that is not able now, first: rows are looked for faults when it is.
  const cause = errors.find(error => writeFailure(error, true).reaction === 'wait') ?? errors[0]
  throw new PartlyStored('not all of the rows are stored', { cause })
}

/** False where the pool may have one only, or the server lets no more in: one does for both. */
async function hasSecondConnection(pool: Pool): Promise<boolean> {
  if (pool.options.max < 2) return false
  let second: PoolClient
  try {
    second = await pool.connect()
  } catch {
    // Whatever keeps it from connecting, the first connection will tell of it, if it is in its way, too.
    return false
  }
  second.release()
  return true
}

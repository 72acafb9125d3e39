import { copyFrom } from '../db/copy-from.ts'
import type { ClientBase, Pool } from '../db/pool.ts'
import { withClient } from '../db/with-client.ts'
import type { TableCopy } from './copy.ts'
import type { TableName } from './tables.ts'
import { writeFailure } from './write-failures.ts'

/** New rows on their way to the database. */
export interface CopyBatch {
  copies: readonly TableCopy[]
  /** How many rows they bring. */
  rows: number
  /** Statements that belong to the events. */
  announcements: readonly string[]
}

/** Some of the rows are stored, and `cause` kept the others out, or nobody knows whether it did. */
export class PartlyStored extends Error {
  override name = 'PartlyStored'
}

// With fewer, a second transaction costs more than it saves.
const MIN_ROWS = 4_000
// About half of Postgres' work for an invocation.
const BESIDE: ReadonlySet<TableName> = new Set(['job_executions', 'events'])
// Whoever waits for a lock of the second transaction, and makes the first one wait, would wait for ever: Postgres sees no circle
// that leads through this process. So the second one is given up at some time.
const BEGIN = `BEGIN; SET LOCAL idle_in_transaction_session_timeout = '10s'`

/**
 * Stores new rows by COPY: all of them or none, in one transaction. Many go over two connections at the same time: invocations and
 * their events over one, jobs and row changes over the other. These are committed after the former, so nobody meets a job without its
 * invocation. Rejects with PartlyStored when the former are stored and these are not.
 */
export async function copyBatch(pool: Pool, client: ClientBase, batch: CopyBatch): Promise<void> {
  const { copies, rows, announcements } = batch
  const beside = copies.filter(({ table }) => BESIDE.has(table))
  const first = copies.filter(({ table }) => !BESIDE.has(table))
  const isLarge = rows >= MIN_ROWS && first.length > 0 && beside.length > 0
  let isConnected = false
  try {
    if (isLarge && pool.options.max > 1) {
      await withClient(pool, other => {
        isConnected = true
        return copyBoth([client, first], [other, beside], announcements)
      })
    }
  } catch (error) {
    // Whatever keeps a second connection out, the first one will tell of it, if it is in its way, too.
    if (isConnected) throw error
  }
  if (!isConnected) await copyFrom(client, [...first, ...beside], announcements)
}

type Part = [ClientBase, readonly TableCopy[]]

async function copyBoth([client, first]: Part, [other, beside]: Part, announcements: readonly string[]): Promise<void> {
  const [stored, prepared] = await Promise.allSettled([
    copyFrom(client, first),
    other.query(BEGIN).then(() => copyFrom(other, beside, announcements)),
  ])
  if (stored.status === 'rejected') {
    // A server that is not able now, first: rows are looked for faults when it is.
    const isAble = prepared.status === 'fulfilled' || writeFailure(prepared.reason, true).reaction !== 'wait'
    throw isAble ? stored.reason : prepared.reason
  }
  try {
    if (prepared.status === 'rejected') throw prepared.reason
    await other.query('COMMIT')
  } catch (cause) {
    throw new PartlyStored('not all of the rows are stored', { cause })
  }
}

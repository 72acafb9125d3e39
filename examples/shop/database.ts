import { setTimeout as sleep } from 'node:timers/promises'
import { trackingToken } from '../../src/correlation/job-token.ts'
import { parseTraceId, spanIdOf, traceIdOf } from '../../src/correlation/trace-ids.ts'
import { uuidv7 } from '../../src/correlation/uuid.ts'
import { isConnectionError } from '../../src/db/connection-errors.ts'
import type { Pool, PoolClient } from '../../src/db/pool.ts'
import type { HasuraEventPayload, JobRunOptions } from '../../src/detector/types.ts'
import { SECOND } from '../../src/units.ts'

/** On whose behalf rows are changed. */
export interface Actor {
  /** For the rows' `updated_by`. */
  updatedBy: string
  /** As Hasura's session variables: event triggers pass them on. */
  sessionVariables: Record<string, string>
  traceId: string
  spanId: string
}

export interface Transaction {
  /** For the rows' `updated_by`. */
  updatedBy: string
  // biome-ignore lint/suspicious/noExplicitAny: rows are what the query says, which TypeScript cannot read
  query(text: string, values?: unknown[]): Promise<{ rows: any[]; rowCount: number }>
}

/** A customer changes rows: the start of a chain. */
export function customer(id: string, email: string): Actor {
  return {
    updatedBy: email,
    sessionVariables: { 'x-hasura-role': 'customer', 'x-hasura-user-id': id, 'x-hasura-user-email': email },
    traceId: traceIdOf(uuidv7()),
    spanId: spanIdOf(uuidv7()),
  }
}

/** A job changes rows: what these changes fire belongs below the job in the chain. */
export function jobAsActor(hasuraEvent: HasuraEventPayload, options: JobRunOptions): Actor {
  const correlationId = hasuraEvent.__correlationId ?? uuidv7()
  return {
    updatedBy: trackingToken(hasuraEvent, options, 'shop'),
    sessionVariables: { 'x-hasura-role': 'shop-backend' },
    traceId: parseTraceId(hasuraEvent.event.trace_context?.trace_id) ?? traceIdOf(correlationId),
    spanId: spanIdOf(options.jobExecutionId ?? uuidv7()),
  }
}

/**
 * Runs `change` in one transaction and tells the event triggers on whose behalf. May run it more than once, see
 * `retryWhileAway`.
 */
export function inTransaction<Result>(
  pool: Pool,
  actor: Actor,
  change: (transaction: Transaction) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  return retryWhileAway(() => tryTransaction(pool, actor, change), signal)
}

// A Postgres that restarts is back within seconds; a customer's order can wait for that.
const RETRY_FOR_MS = 60 * SECOND
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2 * SECOND

/**
 * Tries again while the database is away, and when it chose this transaction to end a deadlock. The work must be safe
 * to do twice, even after it was committed, because the answer to a COMMIT can get lost.
 */
export async function retryWhileAway<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  const deadline = Date.now() + RETRY_FOR_MS
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await work()
    } catch (error) {
      if (!isWorthRetrying(error) || Date.now() + pauseMs > deadline || signal?.aborted) throw error
      await sleep(pauseMs)
    }
  }
}

async function tryTransaction<Result>(
  pool: Pool,
  actor: Actor,
  change: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  // The query that is running reports a lost connection; the event beside it would end the process if nobody listened.
  const ignore = (): void => {}
  client.on('error', ignore)
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    await announce(client, actor)
    const result = await change({
      updatedBy: actor.updatedBy,
      async query(text, values) {
        const { rows, rowCount } = await client.query(text, values)
        return { rows, rowCount: rowCount ?? 0 }
      },
    })
    await client.query('COMMIT')
    return result
  } catch (error) {
    broken = error as Error
    await client.query('ROLLBACK').then(
      () => {
        broken = undefined
      },
      () => {}, // The connection is gone, and the transaction with it.
    )
    throw error
  } finally {
    client.off('error', ignore)
    client.release(broken)
  }
}

async function announce(client: PoolClient, actor: Actor): Promise<void> {
  const traceContext = { trace_id: actor.traceId, span_id: actor.spanId, sampling_state: '1' }
  await client.query(`SELECT set_config('hasura.user', $1, true), set_config('hasura.tracecontext', $2, true)`, [
    JSON.stringify(actor.sessionVariables),
    JSON.stringify(traceContext),
  ])
}

const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'

function isWorthRetrying(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return isConnectionError(error) || code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED
}

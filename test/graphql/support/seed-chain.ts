import { randomUUID } from 'node:crypto'
import type { Pool } from '../../../src/db/pool.ts'
import { SCHEMA } from '../../support/postgres.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

/** orders -> (job reserveStock) -> stock -> (job ship) -> shipping, and one invocation (mail) of its own. */
export async function seedChain(pool: Pool) {
  const correlationId = randomUUID()
  const ids = { orders: randomUUID(), stock: randomUUID(), shipping: randomUUID(), mail: randomUUID() }
  const jobs = { reserveStock: randomUUID(), ship: randomUUID() }

  const invocation = (id: string, name: string, minutes: number, correlation: string, sourceJob: string | null) =>
    pool.query(
      `INSERT INTO ${SCHEMA}.invocations
         (id, created_at, correlation_id, source_function, source_table, source_operation, source_job_id,
          source_event_payload, source_user_email, total_duration_ms, events_detected_count, total_jobs_run,
          total_jobs_succeeded, status, error_message)
       VALUES ($1, date_trunc('hour', now()) + $2 * interval '1 minute', $3, $4, 'public.orders', 'INSERT', $5,
          '{"event":{"op":"INSERT","data":{"new":{"id":7,"tags":["a","b"]}}}}', 'ann@example.com', $6, 1, 1, $7, $8, $9)`,
      [
        ...[id, minutes, correlation, name, sourceJob, 100 + minutes * 20],
        ...(name === 'mail' ? [0, 'failed', 'no route'] : [1, 'completed', null]),
      ],
    )
  await invocation(ids.orders, 'orders', 1, correlationId, null)
  await invocation(ids.stock, 'stock', 2, correlationId, jobs.reserveStock)
  await invocation(ids.shipping, 'shipping', 3, correlationId, jobs.ship)
  await invocation(ids.mail, 'mail', 4, randomUUID(), null)

  const event = async (invocationId: string, name: string, detected: boolean): Promise<string> => {
    const id = randomUUID()
    await pool.query(
      `INSERT INTO ${SCHEMA}.event_executions (id, invocation_id, correlation_id, event_name, detected, status)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, invocationId, correlationId, name, detected, detected ? 'completed' : 'not_detected'],
    )
    return id
  }
  const placed = await event(ids.orders, 'order.placed', true)
  await event(ids.orders, 'order.cancelled', false)
  const low = await event(ids.stock, 'stock.low', true)

  const job = (id: string, invocationId: string, eventId: string, name: string, spanId: string) =>
    pool.query(
      `INSERT INTO ${SCHEMA}.job_executions
         (id, invocation_id, event_execution_id, correlation_id, job_name, duration_ms, status, trace_id, span_id)
       VALUES ($1, $2, $3, $4, $5, 40, 'completed', $6, $7)`,
      [id, invocationId, eventId, correlationId, name, TRACE_ID, spanId],
    )
  await job(jobs.reserveStock, ids.orders, placed, 'reserveStock', '00f067aa0ba902b7')
  await job(jobs.ship, ids.stock, low, 'ship', 'b7ad6b7169203331')

  await pool.query(
    `INSERT INTO ${SCHEMA}.events
       (id, event_type, event_name, ns, "timestamp", timestamp_ns, trace_id, span_id, log_level, log_message, attributes)
     VALUES ('e1', 'log', 'console', 'test', now() - interval '2 minutes', 1750000000123456789, $1, $2, 'info',
             'reserving', '{"user.id": 7, "nested": {"list": [1, {"deep": "x"}]}}'),
            ('e2', 'log', 'console', 'test', now() - interval '1 minute', NULL, $1, $2, 'error', 'low stock', NULL)`,
    [TRACE_ID, '00f067aa0ba902b7'],
  )
  return { correlationId, rootId: ids.orders, ids, jobs }
}

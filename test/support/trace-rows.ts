import { randomBytes } from 'node:crypto'
import type { Pool } from '../../src/db/pool.ts'
import { SCHEMA } from './postgres.ts'

/** A span as OpenTelemetry sends it; times in milliseconds after the start of its trace. */
export interface TraceRow {
  name: string
  service: string
  /** Place of the parent in the list; absent for a root; `missing` for one that is never stored. */
  parent?: number | 'missing'
  at: number
  ms: number
  error?: string
  attributes?: Record<string, unknown>
}

export interface InsertedTrace {
  traceId: string
  startedAt: Date
  /** Span ids in the order of the list; the ids of the rows are `<trace id>-<span id>`. */
  spanIds: string[]
}

/** Stores the spans of one trace as rows of `events`, as an OTLP import would. */
export async function insertTrace(
  pool: Pool,
  rows: readonly TraceRow[],
  { startedAt = new Date(Date.now() - 60_000), traceId = randomBytes(16).toString('hex') } = {},
): Promise<InsertedTrace> {
  const spanIds = rows.map(() => randomBytes(8).toString('hex'))
  for (const [index, row] of rows.entries()) {
    const start = new Date(startedAt.getTime() + row.at)
    const parent =
      row.parent === 'missing' ? randomBytes(8).toString('hex') : row.parent === undefined ? null : spanIds[row.parent]
    await pool.query(
      `INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, trace_id, span_id, parent_id, is_root, "timestamp", started_at,
         ended_at, duration_ms, outcome, error_message, service_name, attributes)
       VALUES ($1, 'trace', $2, 'test', $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12, $13)`,
      [
        `${traceId}-${spanIds[index]}`,
        row.name,
        traceId,
        spanIds[index],
        parent,
        row.parent === undefined,
        start,
        new Date(start.getTime() + row.ms),
        row.ms,
        row.error ? 'error' : 'success',
        row.error ?? null,
        row.service,
        row.attributes ? JSON.stringify(row.attributes) : null,
      ],
    )
  }
  return { traceId, startedAt, spanIds }
}

/** A purchase that touches three services: one span fails, one runs ahead of its parent's clock, one names a parent that is gone. */
export const PURCHASE: readonly TraceRow[] = [
  { name: 'POST /orders', service: 'web', at: 0, ms: 480, attributes: { 'http.route': '/orders', user_agent: 'curl' } },
  { name: 'insert_orders', service: 'hasura', parent: 0, at: 20, ms: 180 },
  { name: 'INSERT orders', service: 'postgres', parent: 1, at: 40, ms: 90, attributes: { 'db.rows': 1 } },
  {
    name: 'charge card',
    service: 'payments',
    parent: 0,
    at: 210,
    ms: 230,
    error: 'card declined',
    attributes: { 'card.kind': 'visa' },
  },
  { name: 'POST /v1/charges', service: 'bank', parent: 3, at: 195, ms: 200 },
  { name: 'write audit log', service: 'audit', parent: 'missing', at: 300, ms: 40 },
]

import { uuidv7 } from '../../../src/correlation/uuid.ts'
import type { InvocationRow, JobRow, LogRow, Recorded } from '../../../src/record/records.ts'
import { COLUMNS } from '../../../src/store/tables.ts'

export const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e'
const AT = '2026-01-02T03:04:05.678901Z'
const SPANS = { correlation_id: CORRELATION, trace_id: '1'.padStart(32, '0'), span_id: '1'.padStart(16, '0') }

function emptyRow(table: 'invocations' | 'job_executions'): object {
  return Object.fromEntries(Object.keys(COLUMNS[table]).map(column => [column, null]))
}

/** An invocation that runs. */
export function invocation(changes: Partial<InvocationRow> = {}): Extract<Recorded, { table: 'invocations' }> {
  return {
    table: 'invocations',
    row: {
      ...(emptyRow('invocations') as InvocationRow),
      ...SPANS,
      id: uuidv7(),
      created_at: AT,
      updated_at: AT,
      correlation_source: 'generated',
      source_function: 'orders',
      source_system: 'hasura',
      source_event_payload: '{"big": 12345678901234567890, "q": "a\\"b\\\\c"}',
      events_detected_count: 0,
      total_jobs_run: 0,
      total_jobs_succeeded: 0,
      total_jobs_failed: 0,
      auto_load_modules: true,
      status: 'running',
      ...changes,
    },
  }
}

/** A job that runs. */
export function job(changes: Partial<JobRow> = {}): Extract<Recorded, { table: 'job_executions' }> {
  const parents = { invocation_id: uuidv7(), event_execution_id: uuidv7() }
  return {
    table: 'job_executions',
    row: {
      ...(emptyRow('job_executions') as JobRow),
      ...SPANS,
      ...parents,
      id: uuidv7(),
      created_at: AT,
      updated_at: AT,
      job_name: 'sendReceipt',
      status: 'running',
      ...changes,
    },
  }
}

/** The same work, over. */
export function ended<R extends ReturnType<typeof invocation> | ReturnType<typeof job>>(
  record: R,
  at = '2026-01-02T03:04:06Z',
): R {
  return { ...record, row: { ...record.row, status: 'completed', updated_at: at, ended_at: at } }
}

/** A line of a job's console output. */
export function logLine(changes: Partial<LogRow> = {}): Extract<Recorded, { table: 'events' }> {
  return {
    table: 'events',
    row: {
      ...SPANS,
      id: `${uuidv7()}:000001`,
      event_type: 'log',
      event_name: 'job.console',
      ns: 'orders',
      timestamp: '2026-01-02T03:04:05.5Z',
      service_name: 'orders',
      log_level: 'info',
      log_level_num: 9,
      log_message: 'sent',
      log_logger: 'sendReceipt',
      event_source: 'console',
      ...changes,
    },
  }
}

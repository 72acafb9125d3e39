import type { EventRow, InvocationRow, JobRow } from '../../dashboard/src/model/chain-rows.ts'

/** Rows of a chain with short ids; `at` is in microseconds after a fixed instant. */
export function invocation(id: string, change: Partial<InvocationRow> & { at?: number } = {}): InvocationRow {
  const { at = 0, ...row } = change
  return {
    id,
    created_at: time(at),
    ended_at: time(at + 1000),
    total_duration_ms: 1,
    status: 'completed',
    error_message: null,
    correlation_id: 'c',
    source_function: 'shop-orders',
    source_table: 'public.orders',
    source_operation: 'INSERT',
    source_record_id: '1',
    source_job_id: null,
    total_jobs_failed: 0,
    event_executions: [],
    ...row,
  }
}

export function event(id: string, jobs: JobRow[] = [], change: Partial<EventRow> = {}): EventRow {
  return {
    id,
    event_name: id,
    detected: true,
    status: 'completed',
    created_at: time(10),
    detection_ended_at: time(20),
    ended_at: time(900),
    detection_duration_ms: 0,
    handler_duration_ms: 1,
    detection_error: null,
    handler_error: null,
    job_executions: jobs,
    ...change,
  }
}

export function undetected(id: string): EventRow {
  return event(id, [], { detected: false, status: 'not_detected' })
}

export function job(id: string, change: Partial<JobRow> = {}): JobRow {
  return {
    id,
    job_name: id,
    created_at: time(30),
    ended_at: time(500),
    duration_ms: 0,
    status: 'completed',
    error_message: null,
    ...change,
  }
}

export function time(micros: number): string {
  return `2026-11-21T12:00:00.${String(micros).padStart(6, '0')}+00:00`
}

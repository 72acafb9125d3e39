import { randomUUID } from 'node:crypto'
import type { StoreRecord } from '../../../src/store/store-record.ts'

/**
 * The tables of the original plugin, with the indexes, foreign keys and triggers that inserting into them pays for.
 * Compared with in store.bench.ts.
 */
export const ORIGINAL_SCHEMA = `
CREATE SCHEMA original;
SET search_path TO original;
CREATE TABLE invocations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  correlation_id text,
  source_function text NOT NULL,
  source_table text,
  source_operation text,
  source_system text,
  source_job_id uuid,
  source_event_id uuid,
  source_event_payload jsonb NOT NULL,
  source_event_time timestamptz,
  source_user_email text,
  source_user_role text,
  total_duration_ms integer,
  events_detected_count integer DEFAULT 0,
  total_jobs_run integer DEFAULT 0,
  total_jobs_succeeded integer DEFAULT 0,
  total_jobs_failed integer DEFAULT 0,
  auto_load_modules boolean DEFAULT true,
  event_modules_directory text,
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed')),
  error_message text,
  error_stack text,
  context_data jsonb
);
CREATE INDEX ON invocations (created_at DESC);
CREATE INDEX ON invocations (source_function);
CREATE INDEX ON invocations (source_system);
CREATE INDEX ON invocations (status);
CREATE INDEX ON invocations (source_event_id);
CREATE INDEX ON invocations (correlation_id);
CREATE INDEX ON invocations (source_job_id);
CREATE TABLE event_executions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  invocation_id uuid NOT NULL REFERENCES invocations ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  correlation_id text,
  event_name text NOT NULL,
  event_module_path text,
  detected boolean NOT NULL DEFAULT false,
  detection_duration_ms integer,
  detection_error text,
  detection_error_stack text,
  handler_duration_ms integer,
  handler_error text,
  handler_error_stack text,
  jobs_count integer DEFAULT 0,
  jobs_succeeded integer DEFAULT 0,
  jobs_failed integer DEFAULT 0,
  status text NOT NULL DEFAULT 'detecting' CHECK (status IN
    ('detecting', 'not_detected', 'handling', 'completed', 'failed', 'detection_failed', 'handler_failed'))
);
CREATE INDEX ON event_executions (invocation_id);
CREATE INDEX ON event_executions (event_name);
CREATE INDEX ON event_executions (detected);
CREATE INDEX ON event_executions (status);
CREATE INDEX ON event_executions (correlation_id);
CREATE TABLE job_executions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  invocation_id uuid NOT NULL REFERENCES invocations ON DELETE CASCADE,
  event_execution_id uuid NOT NULL REFERENCES event_executions ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  correlation_id text,
  job_name text NOT NULL,
  job_function_name text,
  job_options jsonb,
  duration_ms integer,
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed')),
  result jsonb,
  error_message text,
  error_stack text
);
CREATE INDEX ON job_executions (invocation_id);
CREATE INDEX ON job_executions (event_execution_id);
CREATE INDEX ON job_executions (job_name);
CREATE INDEX ON job_executions (status);
CREATE INDEX ON job_executions (created_at DESC);
CREATE INDEX ON job_executions (correlation_id);
ALTER TABLE invocations ADD FOREIGN KEY (source_job_id) REFERENCES job_executions (id) ON DELETE SET NULL;
RESET search_path;
`

/** Rows as the original plugin would have made them: its ids are of version 4, in no order of time. */
export function withOriginalIds(records: readonly StoreRecord[]): StoreRecord[] {
  const ids = new Map<unknown, string>()
  const idOf = (ours: unknown): string => {
    const known = ids.get(ours) ?? randomUUID()
    ids.set(ours, known)
    return known
  }
  return records.map(({ table, row }) => {
    const copy: Record<string, unknown> = { ...row }
    for (const column of ['id', 'invocation_id', 'event_execution_id']) {
      if (column in copy) copy[column] = idOf(copy[column])
    }
    return { table, row: copy } as never
  })
}

/** The columns of ours that the original's tables do not have. */
export const ORIGINAL_MISSES: ReadonlySet<string> = new Set([
  'ended_at',
  'detection_ended_at',
  'trace_id',
  'span_id',
  'parent_span_id',
  'correlation_source',
  'correlation_detail',
  'previous_job_id',
  'replay_of',
  'changed_columns',
  'instance_id',
  'source_record_id',
  'not_detected_reason',
  'detection_facts',
  'columns_read',
])

import type { BinaryType } from '../db/copy-binary.ts'
import { EVENT_COLUMNS } from '../event/unified-event.ts'
import type { StoreRecord } from './store-record.ts'

export type TableName = StoreRecord['table']

type RowOf<Table extends TableName> = Extract<StoreRecord, { table: Table }>['row']

/** A table's columns and their Postgres types, in the order they are written. The only list of them in the code. */
type Columns<Table extends TableName> = { readonly [Column in keyof RowOf<Table>]-?: PostgresType }

export type PostgresType = BinaryType

const EXECUTION = {
  id: 'uuid',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  ended_at: 'timestamptz',
  correlation_id: 'uuid',
  trace_id: 'text',
  span_id: 'text',
  parent_span_id: 'text',
} as const

export const COLUMNS: { readonly [Table in TableName]: Columns<Table> } = {
  invocations: {
    ...EXECUTION,
    instance_id: 'uuid',
    correlation_source: 'text',
    correlation_detail: 'text',
    source_function: 'text',
    source_table: 'text',
    source_operation: 'text',
    source_system: 'text',
    source_record_id: 'text',
    source_job_id: 'uuid',
    previous_job_id: 'uuid',
    replay_of: 'uuid',
    source_event_id: 'uuid',
    source_event_payload: 'jsonb',
    source_event_time: 'timestamptz',
    source_user_email: 'text',
    source_user_role: 'text',
    changed_columns: 'jsonb',
    total_duration_ms: 'integer',
    events_detected_count: 'integer',
    total_jobs_run: 'integer',
    total_jobs_succeeded: 'integer',
    total_jobs_failed: 'integer',
    auto_load_modules: 'boolean',
    event_modules_directory: 'text',
    status: 'text',
    error_message: 'text',
    error_stack: 'text',
    context_data: 'jsonb',
  },
  event_executions: {
    ...EXECUTION,
    invocation_id: 'uuid',
    detection_ended_at: 'timestamptz',
    event_name: 'text',
    event_module_path: 'text',
    detected: 'boolean',
    detection_duration_ms: 'integer',
    detection_error: 'text',
    detection_error_stack: 'text',
    not_detected_reason: 'text',
    detection_facts: 'jsonb',
    columns_read: 'jsonb',
    handler_duration_ms: 'integer',
    handler_error: 'text',
    handler_error_stack: 'text',
    jobs_count: 'integer',
    jobs_succeeded: 'integer',
    jobs_failed: 'integer',
    status: 'text',
  },
  job_executions: {
    ...EXECUTION,
    invocation_id: 'uuid',
    event_execution_id: 'uuid',
    job_name: 'text',
    job_function_name: 'text',
    job_options: 'jsonb',
    duration_ms: 'integer',
    status: 'text',
    result: 'jsonb',
    error_message: 'text',
    error_stack: 'text',
  },
  events: EVENT_COLUMNS,
}

/**
 * Columns with a default in the database, which would fill them if a statement left them out; the others are null then.
 */
export const ALWAYS_WRITTEN: ReadonlySet<string> = new Set([
  'created_at',
  'updated_at',
  'correlation_source',
  'source_system',
  'events_detected_count',
  'total_jobs_run',
  'total_jobs_succeeded',
  'total_jobs_failed',
  'auto_load_modules',
  'detected',
  'jobs_count',
  'jobs_succeeded',
  'jobs_failed',
  'status',
])

/** Parents before children, so that a reader between two statements of a batch never sees a job without its event. */
export const WRITE_ORDER: readonly TableName[] = ['invocations', 'event_executions', 'job_executions', 'events']

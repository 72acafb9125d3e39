/** Text that is valid JSON and that Postgres accepts as jsonb. */
export type JsonText = string

/** Text of an instant, see toTimestamp. */
export type Timestamp = string

export type InvocationStatus = 'running' | 'completed' | 'failed' | 'timeout' | 'lost'
export type EventStatus =
  | 'detecting'
  | 'not_detected'
  | 'handling'
  | 'completed'
  | 'failed'
  | 'detection_failed'
  | 'handler_failed'
  | 'lost'
export type JobStatus = 'running' | 'completed' | 'failed' | 'timeout' | 'lost'

/** The columns that every execution has. Ids are UUIDs, trace and span ids W3C hex. */
interface Execution {
  id: string
  created_at: Timestamp
  updated_at: Timestamp
  ended_at: Timestamp | null
  correlation_id: string
  trace_id: string
  span_id: string
  parent_span_id: string | null
}

/** A row of `invocations`. Durations are whole milliseconds. */
export interface InvocationRow extends Execution {
  /** The run of the plugin that records it. */
  instance_id: string
  correlation_source: string
  correlation_detail: string | null
  source_function: string
  source_table: string | null
  source_operation: string | null
  source_system: string
  source_record_id: string | null
  source_job_id: string | null
  previous_job_id: string | null
  /** The invocation whose payload this one was given again. */
  replay_of: string | null
  source_event_id: string | null
  source_event_payload: JsonText | null
  source_event_time: Timestamp | null
  source_user_email: string | null
  source_user_role: string | null
  changed_columns: JsonText | null
  total_duration_ms: number | null
  events_detected_count: number
  total_jobs_run: number
  total_jobs_succeeded: number
  total_jobs_failed: number
  auto_load_modules: boolean
  event_modules_directory: string | null
  status: InvocationStatus
  error_message: string | null
  error_stack: string | null
  context_data: JsonText | null
}

/** A row of `event_executions`. */
export interface EventRow extends Execution {
  invocation_id: string
  detection_ended_at: Timestamp | null
  event_name: string
  event_module_path: string | null
  detected: boolean
  detection_duration_ms: number | null
  detection_error: string | null
  detection_error_stack: string | null
  not_detected_reason: string | null
  detection_facts: JsonText | null
  columns_read: JsonText | null
  handler_duration_ms: number | null
  handler_error: string | null
  handler_error_stack: string | null
  jobs_count: number
  jobs_succeeded: number
  jobs_failed: number
  status: EventStatus
}

/** A row of `job_executions`. */
export interface JobRow extends Execution {
  invocation_id: string
  event_execution_id: string
  job_name: string
  job_function_name: string | null
  job_options: JsonText | null
  duration_ms: number | null
  status: JobStatus
  result: JsonText | null
  error_message: string | null
  error_stack: string | null
}

/** A `log` row of the unified table `events`. */
export interface LogRow {
  id: string
  event_type: 'log'
  event_name: string
  ns: string
  timestamp: Timestamp
  trace_id: string
  span_id: string
  correlation_id: string
  service_name: string
  log_level: LogLevel
  log_level_num: number
  log_message: string
  log_logger: string
  event_source: string
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** What a hook produces: one row, and the table it belongs to. A later record with the same id replaces an earlier one. */
export type Recorded =
  | { table: 'invocations'; row: InvocationRow }
  | { table: 'event_executions'; row: EventRow }
  | { table: 'job_executions'; row: JobRow }
  | { table: 'events'; row: LogRow }

/** The rows of a chain as the GraphQL queries select them. Payloads, results and stacks are read only for what is open. */

export interface JobRow {
  id: string
  job_name: string
  created_at: string
  ended_at: string | null
  duration_ms: number | null
  status: string
  error_message: string | null
}

export interface EventRow {
  id: string
  event_name: string
  detected: boolean
  status: string
  created_at: string
  detection_ended_at: string | null
  ended_at: string | null
  detection_duration_ms: number | null
  handler_duration_ms: number | null
  detection_error: string | null
  handler_error: string | null
  job_executions: JobRow[]
}

/** A module that was asked and said no, or has not answered yet. When and why is read only when it is looked at. */
export type UndetectedRow = Pick<EventRow, 'id' | 'event_name' | 'status'>

export interface InvocationRow {
  id: string
  created_at: string
  ended_at: string | null
  total_duration_ms: number | null
  status: string
  error_message: string | null
  correlation_id: string
  source_function: string
  source_table: string | null
  source_operation: string | null
  source_record_id: string | null
  source_job_id: string | null
  total_jobs_failed: number
  event_executions: EventRow[]
  /** Modules that are not among `event_executions`, by start: most of what is asked says no. */
  undetected?: UndetectedRow[]
}

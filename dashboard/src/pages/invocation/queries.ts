import { gql, type TypedDocumentNode } from '@apollo/client'

export interface ModuleRow {
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
  not_detected_reason: string | null
  columns_read: string[] | null
  jobs_count: number
  jobs_failed: number
}

export interface JobRow {
  id: string
  job_name: string
  event_execution_id: string
  status: string
  created_at: string
  ended_at: string | null
  duration_ms: number | null
  error_message: string | null
}

export interface Invocation {
  id: string
  created_at: string
  updated_at: string
  ended_at: string | null
  status: string
  error_message: string | null
  correlation_id: string
  correlation_source: string
  correlation_detail: string | null
  trace_id: string | null
  source_function: string
  source_table: string | null
  source_operation: string | null
  source_system: string | null
  source_record_id: string | null
  source_job_id: string | null
  source_event_id: string | null
  source_event_time: string | null
  source_user_role: string | null
  changed_columns: string[] | null
  total_duration_ms: number | null
  events_detected_count: number
  total_jobs_run: number
  total_jobs_succeeded: number
  total_jobs_failed: number
  instance_id: string | null
  source_job_execution: { id: string; job_name: string; invocation_id: string } | null
  replay_of: string | null
  /** The newest first, at most 20. */
  replays: { id: string; created_at: string; status: string; total_jobs_failed: number }[]
  event_executions: ModuleRow[]
  job_executions: JobRow[]
}

/** Everything that a viewer may see of one invocation. One root field, so that it can be subscribed to. */
export const INVOCATION: TypedDocumentNode<{ invocations_by_pk: Invocation | null }, { id: string }> = gql`
  query Invocation($id: uuid!) {
    invocations_by_pk(id: $id) {
      id
      created_at
      updated_at
      ended_at
      status
      error_message
      correlation_id
      correlation_source
      correlation_detail
      trace_id
      source_function
      source_table
      source_operation
      source_system
      source_record_id
      source_job_id
      source_event_id
      source_event_time
      source_user_role
      changed_columns
      total_duration_ms
      events_detected_count
      total_jobs_run
      total_jobs_succeeded
      total_jobs_failed
      instance_id
      source_job_execution {
        id
        job_name
        invocation_id
      }
      replay_of
      replays(order_by: [{ created_at: desc }, { id: desc }], limit: 20) {
        id
        created_at
        status
        total_jobs_failed
      }
      event_executions(order_by: [{ created_at: asc }, { id: asc }]) {
        id
        event_name
        detected
        status
        created_at
        detection_ended_at
        ended_at
        detection_duration_ms
        handler_duration_ms
        detection_error
        handler_error
        not_detected_reason
        columns_read
        jobs_count
        jobs_failed
      }
      job_executions(order_by: [{ created_at: asc }, { id: asc }]) {
        id
        job_name
        event_execution_id
        status
        created_at
        ended_at
        duration_ms
        error_message
      }
    }
  }
`

export interface InvocationPrivate {
  id: string
  updated_at: string
  source_event_payload: unknown
  context_data: unknown
  error_stack: string | null
  event_executions: {
    id: string
    detection_facts: unknown
    detection_error_stack: string | null
    handler_error_stack: string | null
  }[]
  job_executions: { id: string; job_options: unknown; result: unknown; error_stack: string | null }[]
}

/** What only operators see: payload, context, facts, options, results and stacks. */
export const INVOCATION_PRIVATE: TypedDocumentNode<{ invocations_by_pk: InvocationPrivate | null }, { id: string }> =
  gql`
    query InvocationPrivate($id: uuid!) {
      invocations_by_pk(id: $id) {
        id
        updated_at
        source_event_payload
        context_data
        error_stack
        event_executions {
          id
          detection_facts
          detection_error_stack
          handler_error_stack
        }
        job_executions {
          id
          job_options
          result
          error_stack
        }
      }
    }
  `

export const MAX_LINES = 500

export interface ConsoleLine {
  id: string
  timestamp: string
  log_level: string | null
  log_message: string | null
}

export const INVOCATION_CONSOLE: TypedDocumentNode<
  { job_executions: { id: string; job_name: string; logs: ConsoleLine[] }[] },
  { id: string; limit: number }
> = gql`
  query InvocationConsole($id: uuid!, $limit: Int!) {
    job_executions(where: { invocation_id: { _eq: $id } }, order_by: [{ created_at: asc }, { id: asc }]) {
      id
      job_name
      logs(order_by: [{ timestamp: asc }, { id: asc }], limit: $limit) {
        id
        timestamp
        log_level
        log_message
      }
    }
  }
`

export interface Delivery {
  id: string
  created_at: string
  ended_at: string | null
  total_duration_ms: number | null
  status: string
  error_message: string | null
  total_jobs_failed: number
}

export const DELIVERIES: TypedDocumentNode<{ invocations: Delivery[] }, { eventId: string }> = gql`
  query Deliveries($eventId: uuid!) {
    invocations(where: { source_event_id: { _eq: $eventId } }, order_by: [{ created_at: asc }, { id: asc }]) {
      id
      created_at
      ended_at
      total_duration_ms
      status
      error_message
      total_jobs_failed
    }
  }
`

import { gql, type TypedDocumentNode } from '@apollo/client'
import type { InvocationRow } from '../../model/chain-rows.ts'
import type { RowChangeRow } from '../../model/row-history.ts'
import type { Ancestor } from './root-of.ts'

/** The server gives a reader no more rows than this at once. */
export const MAX_CHAIN_INVOCATIONS = 1000

/** What led to an invocation: the last one is the root of its chain. */
export const ANCESTORS: TypedDocumentNode<{ invocation_ancestors: Ancestor[] }, { id: string }> = gql`
  query Ancestors($id: uuid!) {
    invocation_ancestors(args: { invocation_id: $id }) {
      id
      source_job_id
      source_job_execution {
        id
        invocation_id
      }
    }
  }
`

/** Modules with a node of their own: most say no, and of those hardly more than a count is drawn. Never null, as it is negated. */
const DRAWN = `{ _or: [
  { detected: { _eq: true } }
  { detection_error: { _is_null: false } }
  { status: { _in: ["failed", "timeout", "detection_failed", "handler_failed", "lost"] } }
  { jobs_count: { _gt: 0 } }
] }`

/** Everything that is drawn, and nothing that is only read when a node is opened. */
export const CHAIN: TypedDocumentNode<{ invocation_chain: InvocationRow[] }, { id: string; limit: number }> = gql`
  query Chain($id: uuid!, $limit: Int!) {
    invocation_chain(args: { root_id: $id }, order_by: [{ created_at: asc }, { id: asc }], limit: $limit) {
      id
      created_at
      ended_at
      total_duration_ms
      status
      error_message
      correlation_id
      source_function
      source_table
      source_operation
      source_record_id
      source_job_id
      total_jobs_failed
      event_executions(where: ${DRAWN}, order_by: [{ created_at: asc }, { id: asc }]) {
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
        job_executions(order_by: [{ created_at: asc }, { id: asc }]) {
          id
          job_name
          created_at
          ended_at
          duration_ms
          status
          error_message
        }
      }
      undetected: event_executions(where: { _not: ${DRAWN} }, order_by: [{ created_at: asc }, { id: asc }]) {
        id
        event_name
        status
      }
    }
  }
`

export interface InvocationDetail {
  id: string
  updated_at: string
  error_stack: string | null
  correlation_source: string
  correlation_detail: string | null
  source_system: string | null
  source_user_role: string | null
  source_event_id: string | null
  source_event_time: string | null
  source_event_payload: unknown
  trace_id: string | null
  context_data: unknown
  source_job_execution: { id: string; job_name: string; invocation_id: string } | null
}

export const INVOCATION_DETAIL: TypedDocumentNode<{ invocations_by_pk: InvocationDetail | null }, { id: string }> = gql`
  query InvocationDetail($id: uuid!) {
    invocations_by_pk(id: $id) {
      id
      updated_at
      error_stack
      correlation_source
      correlation_detail
      source_system
      source_user_role
      source_event_id
      source_event_time
      source_event_payload
      trace_id
      context_data
      source_job_execution {
        id
        job_name
        invocation_id
      }
    }
  }
`

export interface EventDetail {
  id: string
  event_module_path: string | null
  detection_error_stack: string | null
  handler_error_stack: string | null
}

export const EVENT_DETAIL: TypedDocumentNode<{ event_executions_by_pk: EventDetail | null }, { id: string }> = gql`
  query EventDetail($id: uuid!) {
    event_executions_by_pk(id: $id) {
      id
      event_module_path
      detection_error_stack
      handler_error_stack
    }
  }
`

export interface DetectionDetail {
  id: string
  created_at: string
  detection_ended_at: string | null
  ended_at: string | null
  detection_duration_ms: number | null
  not_detected_reason: string | null
  columns_read: string[] | null
}

/** When the modules of an invocation were asked and why they said no: read only when that panel is open. */
export const DETECTIONS: TypedDocumentNode<{ event_executions: DetectionDetail[] }, { invocationId: string }> = gql`
  query Detections($invocationId: uuid!) {
    event_executions(where: { invocation_id: { _eq: $invocationId }, detected: { _eq: false } }) {
      id
      created_at
      detection_ended_at
      ended_at
      detection_duration_ms
      not_detected_reason
      columns_read
    }
  }
`

export interface LogLine {
  id: string
  timestamp: string
  log_level: string | null
  log_message: string | null
}

export interface JobDetail {
  id: string
  job_function_name: string | null
  job_options: unknown
  result: unknown
  error_stack: string | null
}

export const JOB_DETAIL: TypedDocumentNode<{ job_executions_by_pk: JobDetail | null }, { id: string }> = gql`
  query JobDetail($id: uuid!) {
    job_executions_by_pk(id: $id) {
      id
      job_function_name
      job_options
      result
      error_stack
    }
  }
`

export const MAX_LOG_LINES = 500

/** Apart from the job's own columns: what goes wrong here must not hide those. */
export const JOB_LOGS: TypedDocumentNode<
  { job_executions_by_pk: { id: string; logs: LogLine[] } | null },
  { id: string; limit: number }
> = gql`
  query JobLogs($id: uuid!, $limit: Int!) {
    job_executions_by_pk(id: $id) {
      id
      logs(order_by: [{ timestamp: asc }, { id: asc }], limit: $limit) {
        id
        timestamp
        log_level
        log_message
      }
    }
  }
`

/** With the payloads' rows, so fewer at once than the chain itself. */
export const ROW_CHANGES: TypedDocumentNode<{ invocation_chain: RowChangeRow[] }, { id: string; limit: number }> = gql`
  query RowChanges($id: uuid!, $limit: Int!) {
    invocation_chain(args: { root_id: $id }, order_by: [{ created_at: asc }, { id: asc }], limit: $limit) {
      id
      created_at
      source_event_time
      source_table
      source_operation
      source_record_id
      source_function
      status
      total_jobs_failed
      source_job_execution {
        id
        job_name
      }
      data: source_event_payload(path: "event.data")
    }
  }
`

import { gql, type TypedDocumentNode } from '@apollo/client'
import type { InvocationRow } from '../../model/chain-rows.ts'

export interface Ids {
  left: string
  right: string
  [name: string]: unknown
}

export interface Sides<T> {
  left: T | null
  right: T | null
}

export interface ModuleSide {
  id: string
  event_name: string
  detected: boolean
  status: string
  created_at: string
  detection_ended_at: string | null
  ended_at: string | null
  detection_duration_ms: number | null
  detection_error: string | null
  handler_error: string | null
  not_detected_reason: string | null
  columns_read: string[] | null
}

export interface JobSide {
  id: string
  invocation_id: string
  event_execution_id: string
  job_name: string
  status: string
  created_at: string
  ended_at: string | null
  duration_ms: number | null
  error_message: string | null
}

export interface InvocationSide {
  id: string
  created_at: string
  ended_at: string | null
  total_duration_ms: number | null
  status: string
  error_message: string | null
  source_function: string
  source_table: string | null
  source_operation: string | null
  source_record_id: string | null
  source_job_id: string | null
  source_user_role: string | null
  correlation_source: string
  changed_columns: string[] | null
  events_detected_count: number
  total_jobs_run: number
  total_jobs_failed: number
  event_executions: ModuleSide[]
  job_executions: JobSide[]
}

export const INVOCATIONS: TypedDocumentNode<Sides<InvocationSide>, Ids> = gql`
  query CompareInvocations($left: uuid!, $right: uuid!) {
    left: invocations_by_pk(id: $left) {
      ...InvocationSide
    }
    right: invocations_by_pk(id: $right) {
      ...InvocationSide
    }
  }
  fragment InvocationSide on invocations {
    id
    created_at
    ended_at
    total_duration_ms
    status
    error_message
    source_function
    source_table
    source_operation
    source_record_id
    source_job_id
    source_user_role
    correlation_source
    changed_columns
    events_detected_count
    total_jobs_run
    total_jobs_failed
    event_executions(order_by: [{ created_at: asc }, { id: asc }]) {
      id
      event_name
      detected
      status
      created_at
      detection_ended_at
      ended_at
      detection_duration_ms
      detection_error
      handler_error
      not_detected_reason
      columns_read
    }
    job_executions(order_by: [{ created_at: asc }, { id: asc }]) {
      id
      invocation_id
      event_execution_id
      job_name
      status
      created_at
      ended_at
      duration_ms
      error_message
    }
  }
`

export interface InvocationSecrets {
  id: string
  source_event_payload: unknown
  job_executions: { id: string; job_options: unknown; result: unknown }[]
}

/** What only operators see. */
export const INVOCATION_SECRETS: TypedDocumentNode<Sides<InvocationSecrets>, Ids> = gql`
  query CompareInvocationSecrets($left: uuid!, $right: uuid!) {
    left: invocations_by_pk(id: $left) {
      ...InvocationSecrets
    }
    right: invocations_by_pk(id: $right) {
      ...InvocationSecrets
    }
  }
  fragment InvocationSecrets on invocations {
    id
    source_event_payload
    job_executions {
      id
      job_options
      result
    }
  }
`

export interface JobRunSide extends JobSide {
  job_function_name: string | null
  event_execution: { event_name: string } | null
  invocation: {
    source_function: string
    source_table: string | null
    source_operation: string | null
    source_record_id: string | null
  } | null
  triggered_invocations_aggregate: { aggregate: { count: number } | null }
}

export const JOB_RUNS: TypedDocumentNode<Sides<JobRunSide>, Ids> = gql`
  query CompareJobRuns($left: uuid!, $right: uuid!) {
    left: job_executions_by_pk(id: $left) {
      ...JobRunSide
    }
    right: job_executions_by_pk(id: $right) {
      ...JobRunSide
    }
  }
  fragment JobRunSide on job_executions {
    id
    invocation_id
    event_execution_id
    job_name
    job_function_name
    status
    created_at
    ended_at
    duration_ms
    error_message
    event_execution {
      event_name
    }
    invocation {
      source_function
      source_table
      source_operation
      source_record_id
    }
    triggered_invocations_aggregate {
      aggregate {
        count
      }
    }
  }
`

export interface JobRunSecrets {
  id: string
  job_options: unknown
  result: unknown
}

export const JOB_RUN_SECRETS: TypedDocumentNode<Sides<JobRunSecrets>, Ids> = gql`
  query CompareJobRunSecrets($left: uuid!, $right: uuid!) {
    left: job_executions_by_pk(id: $left) {
      id
      job_options
      result
    }
    right: job_executions_by_pk(id: $right) {
      id
      job_options
      result
    }
  }
`

/** More of a chain than this is not drawn side by side. */
export const MAX_INVOCATIONS = 500

export const CHAINS: TypedDocumentNode<{ left: InvocationRow[]; right: InvocationRow[] }, Ids & { limit: number }> =
  gql`
  query CompareChains($left: uuid!, $right: uuid!, $limit: Int!) {
    left: invocation_chain(args: { root_id: $left, max_invocations: $limit }) {
      ...ChainRow
    }
    right: invocation_chain(args: { root_id: $right, max_invocations: $limit }) {
      ...ChainRow
    }
  }
  fragment ChainRow on invocations {
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
    event_executions(where: { status: { _neq: "not_detected" } }, order_by: [{ created_at: asc }, { id: asc }]) {
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
  }
`

export interface Asked {
  invocations_by_pk?: {
    created_at: string
    source_function: string
    source_table: string | null
    source_operation: string | null
    source_job_id: string | null
  } | null
  job_executions_by_pk?: { created_at: string; job_name: string } | null
}

/** What the right side is, to look for another one of its kind. */
export const ASKED_INVOCATION: TypedDocumentNode<Asked, { id: string }> = gql`
  query ComparedInvocation($id: uuid!) {
    invocations_by_pk(id: $id) {
      created_at
      source_function
      source_table
      source_operation
      source_job_id
    }
  }
`

export const ASKED_JOB: TypedDocumentNode<Asked, { id: string }> = gql`
  query ComparedJob($id: uuid!) {
    job_executions_by_pk(id: $id) {
      created_at
      job_name
    }
  }
`

export const EARLIER_INVOCATION: TypedDocumentNode<{ found: { id: string }[] }, { where: object }> = gql`
  query EarlierInvocation($where: invocations_bool_exp!) {
    found: invocations(where: $where, order_by: [{ created_at: desc }, { id: desc }], limit: 1) {
      id
    }
  }
`

export const EARLIER_JOB: TypedDocumentNode<{ found: { id: string }[] }, { where: object }> = gql`
  query EarlierJob($where: job_executions_bool_exp!) {
    found: job_executions(where: $where, order_by: [{ id: desc }], limit: 1) {
      id
    }
  }
`

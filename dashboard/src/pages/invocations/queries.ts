import { gql, type TypedDocumentNode } from '@apollo/client'

export interface ListRow {
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
  total_jobs_run: number
  total_jobs_succeeded: number
  total_jobs_failed: number
  event_executions: { event_name: string; detected: boolean; status: string }[]
  source_job_execution: { id: string; job_name: string; invocation_id: string } | null
}

type Where = Record<string, unknown>

const LIST_ROW = gql`
  fragment ListRow on invocations {
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
    total_jobs_run
    total_jobs_succeeded
    total_jobs_failed
    event_executions(order_by: [{ created_at: asc }, { id: asc }]) {
      event_name
      detected
      status
    }
    source_job_execution {
      id
      job_name
      invocation_id
    }
  }
`

interface Counted {
  aggregate: { count: number } | null
}

/** The newest rows and how many there are; how many newer than the top row; rows further down that still run. */
export const NEWEST_INVOCATIONS: TypedDocumentNode<
  { invocations: ListRow[]; invocations_aggregate: Counted; newer?: Counted; running?: ListRow[] },
  { where: Where; limit: number; newer: Where; countNewer: boolean; runningIds: string[]; readRunning: boolean }
> = gql`
  query NewestInvocations(
    $where: invocations_bool_exp!
    $limit: Int!
    $newer: invocations_bool_exp!
    $countNewer: Boolean!
    $runningIds: [uuid!]!
    $readRunning: Boolean!
  ) {
    invocations(where: $where, order_by: [{ created_at: desc }, { id: desc }], limit: $limit) {
      ...ListRow
    }
    invocations_aggregate(where: $where) {
      aggregate {
        count
      }
    }
    newer: invocations_aggregate(where: $newer) @include(if: $countNewer) {
      aggregate {
        count
      }
    }
    running: invocations(where: { id: { _in: $runningIds } }) @include(if: $readRunning) {
      ...ListRow
    }
  }
  ${LIST_ROW}
`

export const OLDER_INVOCATIONS: TypedDocumentNode<{ invocations: ListRow[] }, { where: Where; limit: number }> = gql`
  query OlderInvocations($where: invocations_bool_exp!, $limit: Int!) {
    invocations(where: $where, order_by: [{ created_at: desc }, { id: desc }], limit: $limit) {
      ...ListRow
    }
  }
  ${LIST_ROW}
`

export const FILTER_VALUES: TypedDocumentNode<
  {
    functions: { source_function: string }[]
    tables: { source_table: string | null }[]
    operations: { source_operation: string | null }[]
  },
  Record<string, never>
> = gql`
  query FilterValues {
    functions: invocations(distinct_on: source_function, order_by: { source_function: asc }) {
      source_function
    }
    tables: invocations(distinct_on: source_table, order_by: { source_table: asc }) {
      source_table
    }
    operations: invocations(distinct_on: source_operation, order_by: { source_operation: asc }) {
      source_operation
    }
  }
`

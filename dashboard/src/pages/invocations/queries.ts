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
  replay_of: string | null
  correlation_id: string
  events_detected_count: number
  changed_columns: string[] | null
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
    replay_of
    correlation_id
    events_detected_count
    changed_columns
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

export interface FacetCount {
  facet: 'status' | 'source_function' | 'source_table' | 'source_operation'
  value: string | null
  invocations: number
}

/** How many invocations of the window have each value; a facet is narrowed by the others, not by itself. */
export const FACETS: TypedDocumentNode<
  { invocation_facets: FacetCount[] },
  { since: string; until: string; filters: Record<string, string[]> }
> = gql`
  query Facets($since: timestamptz!, $until: timestamptz!, $filters: jsonb!) {
    invocation_facets(args: { since: $since, until: $until, filters: $filters }, limit: 2000) {
      facet
      value
      invocations
    }
  }
`

/** The longest first; as many as are shown. */
export const SLOWEST_INVOCATIONS: TypedDocumentNode<
  { invocations: ListRow[]; invocations_aggregate: Counted },
  { where: Where; limit: number }
> = gql`
  query SlowestInvocations($where: invocations_bool_exp!, $limit: Int!) {
    invocations(where: $where, order_by: [{ total_duration_ms: desc_nulls_last }, { id: desc }], limit: $limit) {
      ...ListRow
    }
    invocations_aggregate(where: $where) {
      aggregate {
        count
      }
    }
  }
  ${LIST_ROW}
`

/** Everything that one invocation led to, itself included. */
export const DESCENDANTS: TypedDocumentNode<{ invocation_chain: ListRow[] }, { id: string; limit: number }> = gql`
  query Descendants($id: uuid!, $limit: Int!) {
    invocation_chain(args: { root_id: $id }, order_by: [{ created_at: asc }, { id: asc }], limit: $limit) {
      ...ListRow
    }
  }
  ${LIST_ROW}
`

export interface ExportRow {
  id: string
  created_at: string
  [column: string]: unknown
}

/** A page of rows for a file, the newest first. */
export const EXPORT_PAGE: TypedDocumentNode<{ invocations: ExportRow[] }, { where: Where; limit: number }> = gql`
  query ExportInvocations($where: invocations_bool_exp!, $limit: Int!) {
    invocations(where: $where, order_by: [{ created_at: desc }, { id: desc }], limit: $limit) {
      id
      created_at
      ended_at
      status
      source_function
      source_table
      source_operation
      source_record_id
      correlation_id
      correlation_source
      source_job_id
      replay_of
      total_duration_ms
      events_detected_count
      total_jobs_run
      total_jobs_succeeded
      total_jobs_failed
      changed_columns
      error_message
    }
  }
`

export const EXPORT_COUNT: TypedDocumentNode<{ invocations_aggregate: Counted }, { where: Where }> = gql`
  query ExportCount($where: invocations_bool_exp!) {
    invocations_aggregate(where: $where) {
      aggregate {
        count
      }
    }
  }
`

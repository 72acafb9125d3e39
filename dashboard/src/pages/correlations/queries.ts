import { gql, type TypedDocumentNode } from '@apollo/client'

export interface CorrelationGroup {
  correlation_id: string
  invocations: number
  roots: number
  failed: number
  jobs_failed: number
  first_at: string
  last_at: string
  source_function: string
  source_table: string | null
  source_operation: string | null
  source_record_id: string | null
}

export const CORRELATION_GROUPS: TypedDocumentNode<
  { correlation_groups: CorrelationGroup[] },
  { since: string; until: string; limit: number }
> = gql`
  query CorrelationGroups($since: timestamptz!, $until: timestamptz!, $limit: Int!) {
    correlation_groups(args: { since: $since, until: $until }, limit: $limit) {
      correlation_id
      invocations
      roots
      failed
      jobs_failed
      first_at
      last_at
      source_function
      source_table
      source_operation
      source_record_id
    }
  }
`

export interface RootRow {
  id: string
  created_at: string
  ended_at: string | null
  total_duration_ms: number | null
  status: string
  source_function: string
  source_table: string | null
  source_operation: string | null
  source_record_id: string | null
  replay_of: string | null
  total_jobs_run: number
  total_jobs_failed: number
}

interface Counted {
  aggregate: { count: number; min?: { created_at: string | null }; max?: { created_at: string | null } } | null
}

/** The chains of one correlation id, the newest first, and how much there is in all; whatever the time range. */
export const CORRELATION: TypedDocumentNode<
  { roots: RootRow[]; all_roots: Counted; all: Counted; failed: Counted },
  { key: string; limit: number }
> = gql`
  query Correlation($key: uuid!, $limit: Int!) {
    roots: invocations(
      where: { correlation_id: { _eq: $key }, source_job_id: { _is_null: true } }
      order_by: [{ created_at: desc }, { id: desc }]
      limit: $limit
    ) {
      id
      created_at
      ended_at
      total_duration_ms
      status
      source_function
      source_table
      source_operation
      source_record_id
      replay_of
      total_jobs_run
      total_jobs_failed
    }
    all_roots: invocations_aggregate(where: { correlation_id: { _eq: $key }, source_job_id: { _is_null: true } }) {
      aggregate {
        count
      }
    }
    all: invocations_aggregate(where: { correlation_id: { _eq: $key } }) {
      aggregate {
        count
        min {
          created_at
        }
        max {
          created_at
        }
      }
    }
    failed: invocations_aggregate(
      where: { correlation_id: { _eq: $key }, status: { _in: ["failed", "timeout", "lost"] } }
    ) {
      aggregate {
        count
      }
    }
  }
`

/** The correlation id of whatever a person holds: any id, a trace, a record key, table:key. */
export const FIND_CORRELATIONS: TypedDocumentNode<
  { search_invocations: { correlation_id: string }[] },
  { term: string }
> = gql`
  query FindCorrelations($term: String!) {
    search_invocations(args: { term: $term }, order_by: [{ created_at: desc }], limit: 200) {
      correlation_id
    }
  }
`

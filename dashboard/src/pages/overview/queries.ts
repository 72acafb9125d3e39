import { gql, type TypedDocumentNode } from '@apollo/client'
import type { Windows } from '../../components/window-variables.ts'

export interface Totals {
  total: number
  completed: number
  failed: number
  lost: number
  events_detected: number
  p50_ms: number | null
  p95_ms: number | null
}

export interface RunTotals {
  total: number
  failed: number
}

interface Counted {
  aggregate: { count: number } | null
}

/** The window, the equal one right before it, and what runs for too long at this moment. */
export const OVERVIEW_TOTALS: TypedDocumentNode<
  {
    now: Totals[]
    before: Totals[]
    jobs: RunTotals[]
    jobsBefore: RunTotals[]
    stuck: Counted
    any: { id: string }[]
  },
  Windows & { stuckBefore: string }
> = gql`
  query OverviewTotals(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $stuckBefore: timestamptz!
  ) {
    now: window_totals(args: { kind: "function", since: $since, until: $until }) {
      ...TotalsOfWindow
    }
    before: window_totals(args: { kind: "function", since: $beforeSince, until: $since }) {
      ...TotalsOfWindow
    }
    jobs: window_totals(args: { kind: "job", since: $since, until: $until }) {
      total
      failed
    }
    jobsBefore: window_totals(args: { kind: "job", since: $beforeSince, until: $since }) {
      total
      failed
    }
    stuck: invocations_aggregate(where: { status: { _eq: "running" }, created_at: { _lt: $stuckBefore } }) {
      aggregate {
        count
      }
    }
    any: invocations(limit: 1) {
      id
    }
  }
  fragment TotalsOfWindow on window_totals_rows {
    total
    completed
    failed
    lost
    events_detected
    p50_ms
    p95_ms
  }
`

export interface StepRow {
  bucket: string
  total: number
  failed: number
  p50_ms: number | null
  p95_ms: number | null
}

export const OVERVIEW_STEPS: TypedDocumentNode<{ steps: StepRow[] }, { since: string; until: string; step: string }> =
  gql`
  query OverviewSteps($since: timestamptz!, $until: timestamptz!, $step: interval!) {
    steps: window_totals(args: { kind: "function", since: $since, until: $until, step: $step }) {
      bucket
      total
      failed
      p50_ms
      p95_ms
    }
  }
`

export interface NamedTotals {
  name: string
  total: number
  failed: number
  p50_ms: number | null
  p95_ms: number | null
}

export const OVERVIEW_FUNCTIONS: TypedDocumentNode<{ now: NamedTotals[]; before: NamedTotals[] }, Windows> = gql`
  query OverviewFunctions($since: timestamptz!, $until: timestamptz!, $beforeSince: timestamptz!) {
    now: window_totals(
      args: { kind: "function", since: $since, until: $until, by_name: true }
      order_by: [{ failed: desc }, { total: desc }, { name: asc }]
    ) {
      name
      total
      failed
      p50_ms
      p95_ms
    }
    before: window_totals(args: { kind: "function", since: $beforeSince, until: $since, by_name: true }) {
      name
      total
      failed
      p50_ms
      p95_ms
    }
  }
`

export const OVERVIEW_JOBS: TypedDocumentNode<{ now: NamedTotals[]; before: NamedTotals[] }, Windows> = gql`
  query OverviewJobs($since: timestamptz!, $until: timestamptz!, $beforeSince: timestamptz!) {
    now: window_totals(
      args: { kind: "job", since: $since, until: $until, by_name: true }
      where: { failed: { _gt: 0 } }
      order_by: [{ failed: desc }, { name: asc }]
    ) {
      name
      total
      failed
    }
    before: window_totals(
      args: { kind: "job", since: $beforeSince, until: $since, by_name: true }
      where: { failed: { _gt: 0 } }
    ) {
      name
      total
      failed
    }
  }
`

export interface Repeating {
  root_id: string
  last_invocation_id: string
  source_function: string
  source_table: string | null
  source_operation: string | null
  source_record_id: string | null
  repeats: number
  depth: number
  last_at: string
}

export const OVERVIEW_LOOPS: TypedDocumentNode<{ repeating_chains: Repeating[] }, { since: string; until: string }> =
  gql`
  query OverviewLoops($since: timestamptz!, $until: timestamptz!) {
    repeating_chains(args: { since: $since, until: $until }, limit: 20) {
      root_id
      last_invocation_id
      source_function
      source_table
      source_operation
      source_record_id
      repeats
      depth
      last_at
    }
  }
`

export interface RecentRow {
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
  total_jobs_failed: number
}

export const OVERVIEW_RECENT: TypedDocumentNode<
  { invocations: RecentRow[] },
  { since: string; until: string; limit: number }
> = gql`
  query OverviewRecent($since: timestamptz!, $until: timestamptz!, $limit: Int!) {
    invocations(
      where: { created_at: { _gte: $since, _lt: $until } }
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
      total_jobs_failed
    }
  }
`

export const RECORDERS: TypedDocumentNode<
  {
    instances: { id: string; started_at: string; heartbeat_at: string; version: string | null }[]
    newest: { created_at: string }[]
  },
  Record<string, never>
> = gql`
  query Recorders {
    instances(where: { ended_at: { _is_null: true } }, order_by: [{ heartbeat_at: desc }], limit: 20) {
      id
      started_at
      heartbeat_at
      version
    }
    newest: invocations(order_by: [{ created_at: desc }], limit: 1) {
      created_at
    }
  }
`

/** Apart, because viewers do not see it. */
export const QUARANTINED: TypedDocumentNode<{ quarantined_rows_aggregate: Counted }, Record<string, never>> = gql`
  query Quarantined {
    quarantined_rows_aggregate {
      aggregate {
        count
      }
    }
  }
`

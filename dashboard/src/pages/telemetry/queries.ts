import { gql, type TypedDocumentNode } from '@apollo/client'
import type { ComparedWindows } from '../../model/compared-windows.ts'

export interface Totals {
  total: number
  completed: number
  failed: number
  avg_ms: number | null
  p95_ms: number | null
}

export interface ModuleTotals {
  asked: number
  detected: number
  failed: number
  handler_sum_ms: number | null
}

interface Counted {
  aggregate: { count: number } | null
}

export interface Processed {
  functions: Totals[]
  jobs: Totals[]
}

/** Both windows, and what runs at this moment. */
export const TELEMETRY_TOTALS: TypedDocumentNode<
  Processed & { functionsBefore: Totals[]; jobsBefore: Totals[]; running: Counted; any: { id: string }[] },
  ComparedWindows
> = gql`
  query TelemetryTotals(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    functions: window_totals(args: { kind: "function", since: $since, until: $until }) {
      ...TelemetryTotalsParts
    }
    functionsBefore: window_totals(args: { kind: "function", since: $beforeSince, until: $beforeUntil }) {
      ...TelemetryTotalsParts
    }
    jobs: window_totals(args: { kind: "job", since: $since, until: $until }) {
      ...TelemetryTotalsParts
    }
    jobsBefore: window_totals(args: { kind: "job", since: $beforeSince, until: $beforeUntil }) {
      ...TelemetryTotalsParts
    }
    running: invocations_aggregate(where: { status: { _eq: "running" } }) {
      aggregate {
        count
      }
    }
    any: invocations(limit: 1) {
      id
    }
  }
  fragment TelemetryTotalsParts on window_totals_rows {
    total
    completed
    failed
    avg_ms
    p95_ms
  }
`

export interface VolumeRow {
  bucket: string
  total: number
}

/** How many invocations and runs of jobs in each step. */
export const VOLUME: TypedDocumentNode<
  { functions: VolumeRow[]; jobs: VolumeRow[] },
  { since: string; until: string; step: string }
> = gql`
  query TelemetryVolume($since: timestamptz!, $until: timestamptz!, $step: interval!) {
    functions: window_totals(args: { kind: "function", since: $since, until: $until, step: $step }) {
      bucket
      total
    }
    jobs: window_totals(args: { kind: "job", since: $since, until: $until, step: $step }) {
      bucket
      total
    }
  }
`

export interface EventsRow {
  bucket: string
  event_type: string
  events: number
}

export const EVENTS: TypedDocumentNode<{ events: EventsRow[] }, { since: string; until: string; step: string }> = gql`
  query TelemetryEvents($since: timestamptz!, $until: timestamptz!, $step: interval!) {
    events: event_volume(args: { since: $since, until: $until, step: $step }) {
      bucket
      event_type
      events
    }
  }
`

export interface SourceRow {
  name: string | null
  amount: number
}

interface Sources {
  now: SourceRow[]
  before: SourceRow[]
}

export const TOP_FUNCTIONS: TypedDocumentNode<Sources, ComparedWindows> = gql`
  query TelemetryFunctions(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    now: window_totals(args: { kind: "function", since: $since, until: $until, by_name: true }) {
      name
      amount: total
    }
    before: window_totals(args: { kind: "function", since: $beforeSince, until: $beforeUntil, by_name: true }) {
      name
      amount: total
    }
  }
`

export const TOP_TABLES: TypedDocumentNode<Sources, ComparedWindows> = gql`
  query TelemetryTables(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    now: invocation_facets(args: { since: $since, until: $until }, where: { facet: { _eq: "source_table" } }) {
      name: value
      amount: invocations
    }
    before: invocation_facets(
      args: { since: $beforeSince, until: $beforeUntil }
      where: { facet: { _eq: "source_table" } }
    ) {
      name: value
      amount: invocations
    }
  }
`

export const TOP_SERVICES: TypedDocumentNode<
  Record<'now' | 'before', { event_type: string; name: string | null; amount: number }[]>,
  ComparedWindows
> = gql`
  query TelemetryServices(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    now: event_volume(args: { since: $since, until: $until, by_service: true }) {
      event_type
      name: service_name
      amount: events
    }
    before: event_volume(args: { since: $beforeSince, until: $beforeUntil, by_service: true }) {
      event_type
      name: service_name
      amount: events
    }
  }
`

export interface FailedInvocation {
  id: string
  created_at: string
  status: string
  error_message: string | null
  source_function: string
}

export interface FailedJob {
  id: string
  created_at: string
  status: string
  error_message: string | null
  job_name: string
  invocation_id: string
}

/** Failed runs, and invocations that failed by themselves: one that only says that its job failed would say it twice. */
export const RECENT_ERRORS: TypedDocumentNode<
  { invocations: FailedInvocation[]; jobs: FailedJob[] },
  { since: string; until: string; limit: number }
> = gql`
  query TelemetryErrors($since: timestamptz!, $until: timestamptz!, $limit: Int!) {
    invocations(
      where: {
        status: { _in: ["failed", "timeout", "lost"] }
        created_at: { _gte: $since, _lt: $until }
        _or: [{ error_message: { _is_null: false } }, { total_jobs_failed: { _eq: 0 } }]
      }
      order_by: [{ created_at: desc }, { id: desc }]
      limit: $limit
    ) {
      id
      created_at
      status
      error_message
      source_function
    }
    jobs: job_executions(
      where: { status: { _in: ["failed", "timeout", "lost"] }, created_at: { _gte: $since, _lt: $until } }
      order_by: [{ created_at: desc }, { id: desc }]
      limit: $limit
    ) {
      id
      created_at
      status
      error_message
      job_name
      invocation_id
    }
  }
`

export interface Snapshot {
  hour_bucket: string
  total_invocations: number
  failed_invocations: number
  lost_invocations: number
  inherited_invocations: number
  total_events_asked: number
  total_events_detected: number
  total_jobs_run: number
  total_jobs_failed: number
  p50_duration_ms: number | null
  p95_duration_ms: number | null
  p99_duration_ms: number | null
  updated_at: string
}

/** What maintenance counted, hour by hour. */
export const SNAPSHOTS: TypedDocumentNode<
  {
    snapshots: Snapshot[]
    all: Counted
    maintenance_state: { last_run_at: string | null; live_from: string }[]
  },
  { since: string; until: string; limit: number }
> = gql`
  query TelemetrySnapshots($since: timestamptz!, $until: timestamptz!, $limit: Int!) {
    snapshots: metrics_snapshots(
      where: { hour_bucket: { _gte: $since, _lt: $until } }
      order_by: [{ hour_bucket: desc }]
      limit: $limit
    ) {
      hour_bucket
      total_invocations
      failed_invocations
      lost_invocations
      inherited_invocations
      total_events_asked
      total_events_detected
      total_jobs_run
      total_jobs_failed
      p50_duration_ms
      p95_duration_ms
      p99_duration_ms
      updated_at
    }
    all: metrics_snapshots_aggregate(where: { hour_bucket: { _gte: $since, _lt: $until } }) {
      aggregate {
        count
      }
    }
    maintenance_state {
      last_run_at
      live_from
    }
  }
`

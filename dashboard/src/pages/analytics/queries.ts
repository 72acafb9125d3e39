import { gql, type TypedDocumentNode } from '@apollo/client'
import type { ComparedWindows } from '../../model/compared-windows.ts'

export interface Totals {
  total: number
  failed: number
  p50_ms: number | null
  p95_ms: number | null
}

export interface Step extends Totals {
  bucket: string
}

export interface Both<T> {
  now: T[]
  before: T[]
}

type TrendKinds = 'functions' | 'jobs'

export const TREND_TOTALS: TypedDocumentNode<
  Record<TrendKinds | `${TrendKinds}Before`, Totals[]>,
  ComparedWindows
> = gql`
  query AnalyticsTotals(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    functions: window_totals(args: { kind: "function", since: $since, until: $until }) {
      ...AnalyticsTotalsParts
    }
    functionsBefore: window_totals(args: { kind: "function", since: $beforeSince, until: $beforeUntil }) {
      ...AnalyticsTotalsParts
    }
    jobs: window_totals(args: { kind: "job", since: $since, until: $until }) {
      ...AnalyticsTotalsParts
    }
    jobsBefore: window_totals(args: { kind: "job", since: $beforeSince, until: $beforeUntil }) {
      ...AnalyticsTotalsParts
    }
  }
  fragment AnalyticsTotalsParts on window_totals_rows {
    total
    failed
    p50_ms
    p95_ms
  }
`

export const TREND_STEPS: TypedDocumentNode<Both<Step>, ComparedWindows & { kind: string; step: string }> = gql`
  query AnalyticsSteps(
    $kind: String!
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
    $step: interval!
  ) {
    now: window_totals(args: { kind: $kind, since: $since, until: $until, step: $step }) {
      ...AnalyticsStepParts
    }
    before: window_totals(args: { kind: $kind, since: $beforeSince, until: $beforeUntil, step: $step }) {
      ...AnalyticsStepParts
    }
  }
  fragment AnalyticsStepParts on window_totals_rows {
    bucket
    total
    failed
    p50_ms
    p95_ms
  }
`

export interface HourRow {
  bucket: string
  total: number
  failed: number
}

export const HOURS: TypedDocumentNode<{ hours: HourRow[] }, { since: string; until: string }> = gql`
  query AnalyticsHours($since: timestamptz!, $until: timestamptz!) {
    hours: window_totals(args: { kind: "function", since: $since, until: $until, step: "1 hour" }) {
      bucket
      total
      failed
    }
  }
`

export interface FailingRow {
  name: string
  total: number
  failed: number
}

/** Functions or jobs that failed, the most frequent first. */
export const FAILING: TypedDocumentNode<Both<FailingRow>, ComparedWindows & { kind: string }> = gql`
  query AnalyticsFailing(
    $kind: String!
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    now: window_totals(
      args: { kind: $kind, since: $since, until: $until, by_name: true }
      where: { failed: { _gt: 0 } }
      order_by: [{ failed: desc }, { name: asc }]
    ) {
      name
      total
      failed
    }
    before: window_totals(
      args: { kind: $kind, since: $beforeSince, until: $beforeUntil, by_name: true }
      where: { failed: { _gt: 0 } }
    ) {
      name
      total
      failed
    }
  }
`

export const FAILING_MODULES: TypedDocumentNode<Both<FailingRow>, ComparedWindows> = gql`
  query AnalyticsFailingModules(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    now: module_totals(
      args: { since: $since, until: $until }
      where: { failed: { _gt: 0 } }
      order_by: [{ failed: desc }, { event_name: asc }]
    ) {
      name: event_name
      total: asked
      failed
    }
    before: module_totals(args: { since: $beforeSince, until: $beforeUntil }, where: { failed: { _gt: 0 } }) {
      name: event_name
      total: asked
      failed
    }
  }
`

export interface ErrorRow {
  fingerprint: string
  job_name: string
  pattern: string
  runs: number
  last_seen: string
  last_invocation_id: string
  last_job_execution_id: string
}

/** Failed runs of jobs by what their messages have in common. */
export const ERRORS: TypedDocumentNode<
  Both<ErrorRow> & { all: { aggregate: { count: number } | null } },
  ComparedWindows & { limit: number }
> = gql`
  query AnalyticsErrors(
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
    $limit: Int!
  ) {
    now: window_job_errors(args: { since: $since, until: $until }, limit: $limit) {
      ...AnalyticsErrorParts
    }
    before: window_job_errors(args: { since: $beforeSince, until: $beforeUntil }, limit: 1000) {
      ...AnalyticsErrorParts
    }
    all: window_job_errors_aggregate(args: { since: $since, until: $until }) {
      aggregate {
        count
      }
    }
  }
  fragment AnalyticsErrorParts on job_error_groups {
    fingerprint
    job_name
    pattern
    runs
    last_seen
    last_invocation_id
    last_job_execution_id
  }
`

export interface DurationRow {
  bucket: string | null
  name: string | null
  measured: number
  sum_ms: number
  p50_ms: number
  p95_ms: number
  p99_ms: number
  max_ms: number
  histogram: number[]
}

export type NamedDurations = Omit<DurationRow, 'bucket' | 'name' | 'histogram' | 'p99_ms'> & { name: string }

/** Where the time went: each function, module or job. */
export const DURATIONS_BY_NAME: TypedDocumentNode<Both<NamedDurations>, ComparedWindows & { kind: string }> = gql`
  query AnalyticsDurationsByName(
    $kind: String!
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    now: durations(args: { kind: $kind, since: $since, until: $until, by_name: true }) {
      ...NamedDurationParts
    }
    before: durations(args: { kind: $kind, since: $beforeSince, until: $beforeUntil, by_name: true }) {
      ...NamedDurationParts
    }
  }
  fragment NamedDurationParts on duration_rows {
    name
    measured
    sum_ms
    p50_ms
    p95_ms
    max_ms
  }
`

/** Durations of one of them, or of all together. */
export const DURATIONS: TypedDocumentNode<
  Both<DurationRow>,
  ComparedWindows & { kind: string; name: string | null }
> = gql`
  query AnalyticsDurations(
    $kind: String!
    $name: String
    $since: timestamptz!
    $until: timestamptz!
    $beforeSince: timestamptz!
    $beforeUntil: timestamptz!
  ) {
    now: durations(args: { kind: $kind, since: $since, until: $until, name: $name }) {
      ...DurationParts
    }
    before: durations(args: { kind: $kind, since: $beforeSince, until: $beforeUntil, name: $name }) {
      ...DurationParts
    }
  }
  fragment DurationParts on duration_rows {
    measured
    sum_ms
    p50_ms
    p95_ms
    p99_ms
    max_ms
    histogram
  }
`

export const DURATION_STEPS: TypedDocumentNode<
  { steps: (DurationRow & { bucket: string })[] },
  { kind: string; name: string | null; since: string; until: string; step: string }
> = gql`
  query AnalyticsDurationSteps(
    $kind: String!
    $name: String
    $since: timestamptz!
    $until: timestamptz!
    $step: interval!
  ) {
    steps: durations(args: { kind: $kind, since: $since, until: $until, step: $step, name: $name }) {
      bucket
      measured
      p50_ms
      p95_ms
      max_ms
      histogram
    }
  }
`

import { gql, type TypedDocumentNode } from '@apollo/client'
import type { StripRun } from '../../components/RunStrip.tsx'
import type { Windows } from '../../components/window-variables.ts'

interface Window {
  since: string
  until: string
}

export interface JobTotals {
  name: string
  total: number
  completed: number
  failed: number
  p50_ms: number | null
  p95_ms: number | null
  p99_ms: number | null
  max_ms: number | null
}

const TOTALS = gql`
  fragment TotalsOfJob on window_totals_rows {
    name
    total
    completed
    failed
    p50_ms
    p95_ms
    p99_ms
    max_ms
  }
`

/** Every job that ran in the window. */
export const JOBS: TypedDocumentNode<{ jobs: JobTotals[]; any: { id: string }[] }, Window> = gql`
  query Jobs($since: timestamptz!, $until: timestamptz!) {
    jobs: window_totals(
      args: { kind: "job", since: $since, until: $until, by_name: true }
      order_by: [{ failed: desc }, { total: desc }, { name: asc }]
    ) {
      ...TotalsOfJob
    }
    any: job_executions(limit: 1) {
      id
    }
  }
  ${TOTALS}
`

export interface LastRuns {
  job_name: string
  last_run_at: string | null
  runs: StripRun[]
}

export const LAST_RUNS: TypedDocumentNode<{ last_job_runs: LastRuns[] }, Window & { limit: number }> = gql`
  query LastRuns($since: timestamptz!, $until: timestamptz!, $limit: Int!) {
    last_job_runs(args: { since: $since, until: $until, max_runs: $limit }) {
      job_name
      last_run_at
      runs
    }
  }
`

export interface LastRun {
  id: string
  created_at: string
  status: string
  job_function_name: string | null
}

/** One job in the window and the one before, and its last run of all. */
export const JOB: TypedDocumentNode<
  { now: JobTotals[]; before: JobTotals[]; last: LastRun[] },
  Windows & { name: string }
> = gql`
  query Job($name: String!, $since: timestamptz!, $until: timestamptz!, $beforeSince: timestamptz!) {
    now: window_totals(
      args: { kind: "job", since: $since, until: $until, by_name: true }
      where: { name: { _eq: $name } }
    ) {
      ...TotalsOfJob
    }
    before: window_totals(
      args: { kind: "job", since: $beforeSince, until: $since, by_name: true }
      where: { name: { _eq: $name } }
    ) {
      ...TotalsOfJob
    }
    last: job_executions(where: { job_name: { _eq: $name } }, order_by: [{ id: desc }], limit: 1) {
      id
      created_at
      status
      job_function_name
    }
  }
  ${TOTALS}
`

export interface JobStep {
  bucket: string
  total: number
  failed: number
  p50_ms: number | null
  p95_ms: number | null
  p99_ms: number | null
}

export const JOB_STEPS: TypedDocumentNode<{ steps: JobStep[] }, Window & { name: string; step: string }> = gql`
  query JobSteps($name: String!, $since: timestamptz!, $until: timestamptz!, $step: interval!) {
    steps: window_totals(
      args: { kind: "job", since: $since, until: $until, step: $step, by_name: true }
      where: { name: { _eq: $name } }
    ) {
      bucket
      total
      failed
      p50_ms
      p95_ms
      p99_ms
    }
  }
`

export interface ErrorGroup {
  fingerprint: string
  pattern: string
  last_message: string | null
  runs: number
  invocations: number
  first_seen: string
  last_seen: string
  last_job_execution_id: string
  last_invocation_id: string
}

export const JOB_ERRORS: TypedDocumentNode<{ groups: ErrorGroup[] }, Window & { name: string; limit: number }> = gql`
  query JobErrors($name: String!, $since: timestamptz!, $until: timestamptz!, $limit: Int!) {
    groups: window_job_errors(args: { since: $since, until: $until, job_name: $name }, limit: $limit) {
      fingerprint
      pattern
      last_message
      runs
      invocations
      first_seen
      last_seen
      last_job_execution_id
      last_invocation_id
    }
  }
`

export interface Caller {
  event_name: string
  source_function: string
  runs: number
  failed: number
  last_run_at: string
}

export const JOB_CALLERS: TypedDocumentNode<{ callers: Caller[] }, Window & { name: string }> = gql`
  query JobCallers($name: String!, $since: timestamptz!, $until: timestamptz!) {
    callers: module_jobs(args: { since: $since, until: $until, job_name: $name }) {
      event_name
      source_function
      runs
      failed
      last_run_at
    }
  }
`

export interface JobRun {
  id: string
  invocation_id: string
  created_at: string
  ended_at: string | null
  duration_ms: number | null
  status: string
  error_message: string | null
  event_execution: { event_name: string } | null
  invocation: {
    source_table: string | null
    source_operation: string | null
    source_record_id: string | null
  } | null
}

/** The newest runs of one job, all or those that `where` takes. */
export const JOB_RUNS: TypedDocumentNode<{ runs: JobRun[] }, { where: Record<string, unknown>; limit: number }> = gql`
  query JobRuns($where: job_executions_bool_exp!, $limit: Int!) {
    runs: job_executions(where: $where, order_by: [{ id: desc }], limit: $limit) {
      id
      invocation_id
      created_at
      ended_at
      duration_ms
      status
      error_message
      event_execution {
        event_name
      }
      invocation {
        source_table
        source_operation
        source_record_id
      }
    }
  }
`

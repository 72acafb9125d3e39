import { gql, type TypedDocumentNode } from '@apollo/client'
import type { Windows } from '../../components/window-variables.ts'

interface Window {
  since: string
  until: string
}

export interface ModuleTotals {
  event_name: string
  asked: number
  detected: number
  failed: number
  jobs_run: number
  jobs_failed: number
  detection_sum_ms: number | null
  handler_sum_ms: number | null
  detection_p95_ms: number | null
  detection_max_ms: number | null
  handler_p50_ms: number | null
  handler_p95_ms: number | null
  handler_max_ms: number | null
}

const TOTALS = gql`
  fragment TotalsOfModule on module_totals_rows {
    event_name
    asked
    detected
    failed
    jobs_run
    jobs_failed
    detection_sum_ms
    handler_sum_ms
    detection_p95_ms
    detection_max_ms
    handler_p50_ms
    handler_p95_ms
    handler_max_ms
  }
`

/** Every event module that was asked in the window. */
export const MODULES: TypedDocumentNode<{ modules: ModuleTotals[]; any: { id: string }[] }, Window> = gql`
  query Modules($since: timestamptz!, $until: timestamptz!) {
    modules: module_totals(args: { since: $since, until: $until }) {
      ...TotalsOfModule
    }
    any: event_executions(limit: 1) {
      id
    }
  }
  ${TOTALS}
`

/** One module in the window and the one before. */
export const MODULE: TypedDocumentNode<{ now: ModuleTotals[]; before: ModuleTotals[] }, Windows & { name: string }> =
  gql`
  query Module($name: String!, $since: timestamptz!, $until: timestamptz!, $beforeSince: timestamptz!) {
    now: module_totals(args: { since: $since, until: $until, event_name: $name }) {
      ...TotalsOfModule
    }
    before: module_totals(args: { since: $beforeSince, until: $since, event_name: $name }) {
      ...TotalsOfModule
    }
  }
  ${TOTALS}
`

/** The hours in which a module was ever asked and fired, from the totals that outlive rows. */
export const MODULE_EVER: TypedDocumentNode<
  {
    asked: { hour_bucket: string }[]
    fired: { id: string; created_at: string }[]
  },
  { name: string }
> = gql`
  query ModuleEver($name: String!) {
    asked: event_metrics_hourly(where: { event_name: { _eq: $name } }, order_by: [{ hour_bucket: desc }], limit: 1) {
      hour_bucket
    }
    fired: event_executions(
      where: { event_name: { _eq: $name }, detected: { _eq: true } }
      order_by: [{ id: desc }]
      limit: 1
    ) {
      id
      created_at
    }
  }
`

export interface ModuleStep {
  bucket: string
  asked: number
  detected: number
  failed: number
  detection_p95_ms: number | null
  handler_p50_ms: number | null
  handler_p95_ms: number | null
}

export const MODULE_STEPS: TypedDocumentNode<{ steps: ModuleStep[] }, Window & { name: string; step: string }> = gql`
  query ModuleSteps($name: String!, $since: timestamptz!, $until: timestamptz!, $step: interval!) {
    steps: module_totals(args: { since: $since, until: $until, step: $step, event_name: $name }) {
      bucket
      asked
      detected
      failed
      detection_p95_ms
      handler_p50_ms
      handler_p95_ms
    }
  }
`

export interface Reason {
  pattern: string | null
  failed: boolean
  times: number
  looked_at: number
  last_reason: string | null
  first_seen: string
  last_seen: string
  last_invocation_id: string
}

export const MODULE_REASONS: TypedDocumentNode<{ reasons: Reason[] }, Window & { name: string; limit: number }> = gql`
  query ModuleReasons($name: String!, $since: timestamptz!, $until: timestamptz!, $limit: Int!) {
    reasons: module_reasons(args: { since: $since, until: $until, event_name: $name }, limit: $limit) {
      pattern
      failed
      times
      looked_at
      last_reason
      first_seen
      last_seen
      last_invocation_id
    }
  }
`

export interface ColumnRead {
  column_read: string
  reads: number
  looked_at: number
  recorded: number
}

export const MODULE_COLUMNS: TypedDocumentNode<{ columns: ColumnRead[] }, Window & { name: string }> = gql`
  query ModuleColumns($name: String!, $since: timestamptz!, $until: timestamptz!) {
    columns: module_columns(args: { since: $since, until: $until, event_name: $name }) {
      column_read
      reads
      looked_at
      recorded
    }
  }
`

export interface ModuleJob {
  job_name: string
  source_function: string
  runs: number
  failed: number
  last_run_at: string
}

export const MODULE_JOBS: TypedDocumentNode<{ jobs: ModuleJob[] }, Window & { name: string }> = gql`
  query ModuleJobs($name: String!, $since: timestamptz!, $until: timestamptz!) {
    jobs: module_jobs(args: { since: $since, until: $until, event_name: $name }) {
      job_name
      source_function
      runs
      failed
      last_run_at
    }
  }
`

export interface Verdict {
  id: string
  invocation_id: string
  created_at: string
  detection_ended_at: string | null
  ended_at: string | null
  detection_duration_ms: number | null
  handler_duration_ms: number | null
  detected: boolean
  status: string
  not_detected_reason: string | null
  detection_error: string | null
  handler_error: string | null
  jobs_count: number
  jobs_failed: number
  invocation: {
    source_table: string | null
    source_operation: string | null
    source_record_id: string | null
  } | null
}

/** The newest verdicts of one module, those that `where` takes. */
export const VERDICTS: TypedDocumentNode<{ verdicts: Verdict[] }, { where: Record<string, unknown>; limit: number }> =
  gql`
  query Verdicts($where: event_executions_bool_exp!, $limit: Int!) {
    verdicts: event_executions(where: $where, order_by: [{ id: desc }], limit: $limit) {
      id
      invocation_id
      created_at
      detection_ended_at
      ended_at
      detection_duration_ms
      handler_duration_ms
      detected
      status
      not_detected_reason
      detection_error
      handler_error
      jobs_count
      jobs_failed
      invocation {
        source_table
        source_operation
        source_record_id
      }
    }
  }
`

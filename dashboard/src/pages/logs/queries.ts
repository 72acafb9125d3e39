import { gql, type TypedDocumentNode } from '@apollo/client'
import type { LogFilters } from '../../model/log-query.ts'
import type { BoolExp } from '../../model/search-query.ts'

/** What is seen of a line before it is opened. */
export interface LogLine {
  id: string
  /** When it was written; under this name the list's rows are merged. */
  created_at: string
  log_level: string | null
  log_message: string | null
  log_logger: string | null
  service_name: string | null
}

export interface LogWindow {
  since: string
  until: string
  filters: LogFilters
}

const LINE = gql`
  fragment LogLineParts on events {
    id
    created_at: timestamp
    log_level
    log_message
    log_logger
    service_name
  }
`

export const NEWEST_LOGS: TypedDocumentNode<
  { lines: LogLine[]; newer?: { aggregate: { count: number } | null } },
  LogWindow & { limit: number; newer: object; countNewer: boolean }
> = gql`
  query NewestLogs(
    $since: timestamptz!
    $until: timestamptz!
    $filters: jsonb!
    $limit: Int!
    $newer: events_bool_exp!
    $countNewer: Boolean!
  ) {
    lines: search_logs(
      args: { since: $since, until: $until, filters: $filters }
      order_by: [{ timestamp: desc }, { id: desc }]
      limit: $limit
    ) {
      ...LogLineParts
    }
    newer: search_logs_aggregate(args: { since: $since, until: $until, filters: $filters }, where: $newer)
      @include(if: $countNewer) {
      aggregate {
        count
      }
    }
  }
  ${LINE}
`

export const OLDER_LOGS: TypedDocumentNode<{ lines: LogLine[] }, LogWindow & { limit: number; where: object }> = gql`
  query OlderLogs(
    $since: timestamptz!
    $until: timestamptz!
    $filters: jsonb!
    $limit: Int!
    $where: events_bool_exp!
  ) {
    lines: search_logs(
      args: { since: $since, until: $until, filters: $filters }
      where: $where
      order_by: [{ timestamp: desc }, { id: desc }]
      limit: $limit
    ) {
      ...LogLineParts
    }
  }
  ${LINE}
`

/** New lines, as they come. */
export const LOG_STREAM: TypedDocumentNode<{ lines: LogLine[] }, { after: string; size: number; where: BoolExp }> = gql`
  subscription LogStream($after: timestamptz!, $size: Int!, $where: events_bool_exp!) {
    lines: events_stream(
      batch_size: $size
      cursor: { initial_value: { timestamp: $after }, ordering: ASC }
      where: $where
    ) {
      ...LogLineParts
    }
  }
  ${LINE}
`

export interface LevelCount {
  bucket: string
  value: string
  lines: number
}

/** Lines of each level in each step; the levels that are chosen do not matter. */
export const LOG_LEVEL_COUNTS: TypedDocumentNode<{ levels: LevelCount[] }, LogWindow & { step: string }> = gql`
  query LogLevels($since: timestamptz!, $until: timestamptz!, $step: interval!, $filters: jsonb!) {
    levels: log_levels(args: { since: $since, until: $until, step: $step, filters: $filters }) {
      bucket
      value
      lines
    }
  }
`

export interface SourceCount {
  facet: 'service' | 'job'
  value: string
  lines: number
}

export const LOG_SOURCES: TypedDocumentNode<{ log_sources: SourceCount[] }, LogWindow> = gql`
  query LogSources($since: timestamptz!, $until: timestamptz!, $filters: jsonb!) {
    log_sources(args: { since: $since, until: $until, filters: $filters }, limit: 1000) {
      facet
      value
      lines
    }
  }
`

export interface OpenedLine extends LogLine {
  event_name: string
  event_source: string | null
  trace_id: string | null
  span_id: string | null
  correlation_id: string | null
}

export const LOG_LINE: TypedDocumentNode<{ events: OpenedLine[] }, { id: string; at: string }> = gql`
  query LogLine($id: String!, $at: timestamptz!) {
    events(where: { timestamp: { _eq: $at }, id: { _eq: $id }, event_type: { _eq: "log" } }, limit: 1) {
      ...LogLineParts
      event_name
      event_source
      trace_id
      span_id
      correlation_id
    }
  }
  ${LINE}
`

/** Apart from the line itself: not everyone may read what else was sent with it. */
export const LOG_ATTRIBUTES: TypedDocumentNode<
  { events: { attributes: unknown; context: unknown; data: unknown }[] },
  { id: string; at: string }
> = gql`
  query LogAttributes($id: String!, $at: timestamptz!) {
    events(where: { timestamp: { _eq: $at }, id: { _eq: $id } }, limit: 1) {
      attributes
      context
      data
    }
  }
`

/** The job or the span that carries these ids. */
export const LOG_ORIGIN: TypedDocumentNode<
  {
    invocations: { id: string; job_executions: { id: string; job_name: string; status: string }[] }[]
    spans: { id: string; event_name: string }[]
  },
  { trace: string; span: string }
> = gql`
  query LogOrigin($trace: String!, $span: String!) {
    invocations(where: { trace_id: { _eq: $trace }, job_executions: { span_id: { _eq: $span } } }, limit: 1) {
      id
      job_executions(where: { span_id: { _eq: $span } }, limit: 1) {
        id
        job_name
        status
      }
    }
    spans: events(
      where: { trace_id: { _eq: $trace }, span_id: { _eq: $span }, event_type: { _eq: "trace" } }
      limit: 1
    ) {
      id
      event_name
    }
  }
`

/** The lines before and after one, the nearest first. */
export const LOG_CONTEXT: TypedDocumentNode<
  { before: LogLine[]; after: LogLine[] },
  { before: object; after: object; beforeLimit: number; afterLimit: number }
> = gql`
  query LogContext(
    $before: events_bool_exp!
    $after: events_bool_exp!
    $beforeLimit: Int!
    $afterLimit: Int!
  ) {
    before: events(where: $before, order_by: [{ timestamp: desc }, { id: desc }], limit: $beforeLimit) {
      ...LogLineParts
    }
    after: events(where: $after, order_by: [{ timestamp: asc }, { id: asc }], limit: $afterLimit) {
      ...LogLineParts
    }
  }
  ${LINE}
`

import { gql, type TypedDocumentNode } from '@apollo/client'
import type { SpanPage } from '../../model/waterfall/from-columns.ts'

/**
 * As many spans as are read at once. A chain of 50,000 opens in about a second, and one that has a few more should not wait for
 * a second answer: to find the rest the database walks the whole chain again.
 */
export const PAGE_SIZE = 64_000
/** The database walks no further than this. */
export const MAX_INVOCATIONS = 30_000

export const SPANS: TypedDocumentNode<
  { waterfall_columns: SpanPage[] },
  { rootId: string | null; traceId: string | null; skip: number; size: number; invocations: number }
> = gql`
  query Spans($rootId: uuid, $traceId: String, $skip: Int!, $size: Int!, $invocations: Int!) {
    waterfall_columns(
      args: { root_id: $rootId, trace_id: $traceId, skip: $skip, size: $size, max_invocations: $invocations }
    ) {
      length
      origin_us
      kinds
      tones
      ids
      parents
      span_ids
      starts_us
      durations_us
      names
      services
      details
      errors
      trace_ids
    }
  }
`

export interface MarkRow {
  id: string
  event_type: string
  event_name: string
  timestamp: string
  span_id: string | null
  log_level: string | null
  log_message: string | null
}

/** A reader gets no more rows than this at once. */
export const MAX_MARKS = 1000

/** Lines and row changes of these traces; where there are too many, the most severe. */
export const SPAN_MARKS: TypedDocumentNode<{ events: MarkRow[] }, { traceIds: string[]; limit: number }> = gql`
  query SpanMarks($traceIds: [String!]!, $limit: Int!) {
    events(
      where: { trace_id: { _in: $traceIds }, event_type: { _in: ["log", "cdc"] }, span_id: { _is_null: false } }
      order_by: [{ log_level_num: desc_nulls_last }, { timestamp: asc }]
      limit: $limit
    ) {
      id
      event_type
      event_name
      timestamp
      span_id
      log_level
      log_message
    }
  }
`

export interface SpanDetail {
  id: string
  event_name: string
  service_name: string | null
  trace_id: string | null
  span_id: string | null
  parent_id: string | null
  timestamp: string
  started_at: string | null
  ended_at: string | null
  duration_ms: number | null
  outcome: string | null
  error_type: string | null
  error_message: string | null
  error_stack: string | null
  http_method: string | null
  http_url: string | null
  http_status: number | null
  data: unknown
  attributes: unknown
  properties: unknown
}

export const SPAN_DETAIL: TypedDocumentNode<{ events: SpanDetail[] }, { id: string }> = gql`
  query SpanDetail($id: String!) {
    events(where: { id: { _eq: $id }, event_type: { _eq: "trace" } }, limit: 1) {
      id
      event_name
      service_name
      trace_id
      span_id
      parent_id
      timestamp
      started_at
      ended_at
      duration_ms
      outcome
      error_type
      error_message
      error_stack
      http_method
      http_url
      http_status
      data
      attributes
      properties
    }
  }
`

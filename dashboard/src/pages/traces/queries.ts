import { gql, type TypedDocumentNode } from '@apollo/client'
import type { BoolExp } from '../../model/search-query.ts'

export interface TraceRow {
  id: string
  trace_id: string | null
  span_id: string | null
  event_name: string
  service_name: string | null
  timestamp: string
  started_at: string | null
  duration_ms: number | null
  outcome: string | null
  error_message: string | null
}

/** A reader gets no more rows than this at once. */
export const MAX_TRACES = 500

export const TRACES: TypedDocumentNode<
  { events: TraceRow[]; events_aggregate: { aggregate: { count: number } } },
  { where: BoolExp; order_by: object[]; limit: number }
> = gql`
  query Traces($where: events_bool_exp!, $order_by: [events_order_by!]!, $limit: Int!) {
    events(where: $where, order_by: $order_by, limit: $limit) {
      id
      trace_id
      span_id
      event_name
      service_name
      timestamp
      started_at
      duration_ms
      outcome
      error_message
    }
    events_aggregate(where: $where) {
      aggregate {
        count
      }
    }
  }
`

/** Which services there are. */
export const SERVICES: TypedDocumentNode<{ events: { service_name: string }[] }, { where: BoolExp }> = gql`
  query TraceServices($where: events_bool_exp!) {
    events(where: $where, distinct_on: service_name, order_by: { service_name: asc }, limit: 200) {
      service_name
    }
  }
`

/** Which of these traces hold a failed span, wherever in them. */
export const TRACE_FAILURES: TypedDocumentNode<{ events: { trace_id: string }[] }, { where: BoolExp }> = gql`
  query TraceFailures($where: events_bool_exp!) {
    events(where: $where, distinct_on: trace_id, order_by: { trace_id: asc }, limit: 1000) {
      trace_id
    }
  }
`

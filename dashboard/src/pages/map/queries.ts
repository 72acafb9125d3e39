import { gql, type TypedDocumentNode } from '@apollo/client'
import type { MapEdgeRow } from '../../model/map/map-graph.ts'

/** How many of the newest invocations the map is drawn from. */
export const MAX_INVOCATIONS = 20_000

export const EXECUTION_MAP: TypedDocumentNode<
  { execution_map: MapEdgeRow[]; window_totals: { total: number }[] },
  { since: string; until: string; max: number }
> = gql`
  query ExecutionMap($since: timestamptz!, $until: timestamptz!, $max: Int!) {
    execution_map(args: { since: $since, until: $until, max_invocations: $max }) {
      from_kind
      from_name
      to_kind
      to_name
      asked
      calls
      failed
      avg_ms
      p95_ms
    }
    window_totals(args: { kind: "function", since: $since, until: $until }) {
      total
    }
  }
`

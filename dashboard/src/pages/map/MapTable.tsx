import { Link } from '@tanstack/react-router'
import type { MapEdge, MapGraph, MapNode } from '../../model/map/map-graph.ts'
import { formatCount } from '../../model/names.ts'
import { formatRate, type RateUnit, rateUnit } from '../../model/rate.ts'
import { formatMs, KIND_WORDS, nodeLabel, rowsOf } from './map-words.ts'

interface MapTableProps {
  graph: MapGraph
  /** Edges of these nodes only; null: all. */
  lit: ReadonlySet<string> | null
  spanMs: number
}

/** The map in words: each edge a row, the busiest first. All of them, whatever the drawing folds. */
export function MapTable({ graph, lit, spanMs }: MapTableProps) {
  const edges = graph.edges.filter(edge => lit === null || (lit.has(edge.source) && lit.has(edge.target)))
  const unit = rateUnit(
    edges.map(edge => edge.calls),
    spanMs,
  )
  return (
    <div className="map-table">
      <table className="mini-table map-edges" data-testid="map-table" aria-label="Edges of the map">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Times</th>
            <th scope="col">Rate</th>
            <th scope="col">Failed</th>
            <th scope="col">Average</th>
            <th scope="col">p95</th>
          </tr>
        </thead>
        <tbody>
          {edges.map(edge => (
            <Row key={edge.id} edge={edge} graph={graph} spanMs={spanMs} unit={unit} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  edge: MapEdge
  graph: MapGraph
  spanMs: number
  unit: RateUnit
}

function Row({ edge, graph, spanMs, unit }: RowProps) {
  const source = graph.nodes.get(edge.source)
  const target = graph.nodes.get(edge.target)
  if (!source || !target) return null
  return (
    <tr data-edge={edge.id}>
      <th scope="row">
        <End node={source} />
      </th>
      <td className="map-end" data-label="to">
        <End node={target} />
      </td>
      <td data-label="times">{formatCount(edge.calls)}</td>
      <td data-label="rate">{formatRate(edge.calls, spanMs, unit)}</td>
      <td data-label="failed">
        {edge.failed > 0 ? (
          <span className="map-failed">{formatCount(edge.failed)}</span>
        ) : (
          <span className="quiet">0</span>
        )}
      </td>
      <td data-label="average">{edge.avgMs === null ? <span className="quiet">–</span> : formatMs(edge.avgMs)}</td>
      <td data-label="p95">{edge.p95Ms === null ? <span className="quiet">–</span> : formatMs(edge.p95Ms)}</td>
    </tr>
  )
}

function End({ node }: { node: MapNode }) {
  return (
    <>
      <span className="quiet map-kind">{node.kind === 'written' ? 'Table' : KIND_WORDS[node.kind]}</span>{' '}
      <Link to="/invocations" search={rowsOf(node)} className="mono link-button">
        {nodeLabel(node)}
      </Link>
    </>
  )
}

import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { Fact, Facts, Section } from '../../components/detail/parts.tsx'
import type { MapEdge, MapGraph, MapNode } from '../../model/map/map-graph.ts'
import { formatCount } from '../../model/names.ts'
import { formatRate } from '../../model/rate.ts'
import { edgeLabel, KIND_ICONS, KIND_WORDS, nodeCount, nodeLabel, rowsOf } from './map-words.ts'
import '../../components/detail/detail.css'

interface MapPanelProps {
  graph: MapGraph
  node: MapNode
  spanMs: number
  only: boolean
  onOnly: (only: boolean) => void
  onSelect: (id: string) => void
  onClose: () => void
}

/** One node: how often, how well, from where, to where, and the way to its rows. */
export function MapPanel({ graph, node, spanMs, only, onOnly, onSelect, onClose }: MapPanelProps) {
  const Icon = KIND_ICONS[node.kind]
  const byCalls = (a: MapEdge, b: MapEdge) => b.calls - a.calls
  const causes = graph.edges.filter(edge => edge.target === node.id).sort(byCalls)
  const effects = graph.edges.filter(edge => edge.source === node.id).sort(byCalls)
  return (
    <aside className="side-panel map-panel" data-testid="map-panel" aria-label={`${KIND_WORDS[node.kind]} details`}>
      <header className="panel-head">
        <Icon size={15} aria-hidden="true" />
        <div className="panel-title">
          <span className="panel-kind">{KIND_WORDS[node.kind]}</span>
          <h2 className="mono">{nodeLabel(node)}</h2>
        </div>
        <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <X size={16} />
        </button>
      </header>
      <div className="map-panel-body">
        <Section title="In this time">
          <Facts>
            <Fact name="Times">{nodeCount(node)}</Fact>
            <Fact name="Rate">{formatRate(node.calls, spanMs)}</Fact>
            <Fact name="Failed">
              {node.failed > 0 ? <span className="map-failed">{formatCount(node.failed)}</span> : 'none'}
            </Fact>
          </Facts>
          {node.folded === 1 && (
            <p className="map-panel-links">
              <Link to="/invocations" search={rowsOf(node)} className="button">
                Show the invocations
              </Link>
              {node.kind === 'module' && (
                <Link to="/modules/$name" params={{ name: node.name }} className="button">
                  Open the module
                </Link>
              )}
              {node.kind === 'job' && (
                <Link to="/jobs/$name" params={{ name: node.name }} className="button">
                  Open the job
                </Link>
              )}
              <button type="button" className="button" aria-pressed={only} onClick={() => onOnly(!only)}>
                {only ? 'Show everything' : 'Only what is connected'}
              </button>
            </p>
          )}
          {node.folded > 1 && (
            <p className="quiet">
              {formatCount(node.folded)} nodes that are not drawn one by one. The table has each of them.
            </p>
          )}
        </Section>
        <Ends title="Comes from" edges={causes} end="source" graph={graph} spanMs={spanMs} onSelect={onSelect} />
        <Ends title="Leads to" edges={effects} end="target" graph={graph} spanMs={spanMs} onSelect={onSelect} />
      </div>
    </aside>
  )
}

interface EndsProps {
  title: string
  edges: readonly MapEdge[]
  end: 'source' | 'target'
  graph: MapGraph
  spanMs: number
  onSelect: (id: string) => void
}

function Ends({ title, edges, end, graph, spanMs, onSelect }: EndsProps) {
  if (edges.length === 0) return null
  return (
    <Section title={title} aside={formatCount(edges.length)}>
      <ul className="map-ends">
        {edges.map(edge => {
          const node = graph.nodes.get(edge[end])
          return (
            node && (
              <li key={edge.id}>
                <button type="button" className="mono link-button" onClick={() => onSelect(node.id)}>
                  {nodeLabel(node)}
                </button>
                <span className="quiet number">{edgeLabel(edge, spanMs)}</span>
              </li>
            )
          )
        })}
      </ul>
    </Section>
  )
}

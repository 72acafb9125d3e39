import { MAP_KINDS, type MapEdge, type MapGraph, type MapKind, type MapNode } from './map-graph.ts'

/** More nodes than this are not drawn; the graph has one node for the rest of each column. */
export const MAX_DRAWN = 150

const FOLDED_NAME = '…'

/**
 * At most `limit` nodes: of each column what fails and what is busiest, the rest as one node that is counted. Columns give up
 * what others have no use for. What is in `keep` is never folded.
 */
export function foldMap(graph: MapGraph, keep: ReadonlySet<string> = new Set(), limit = MAX_DRAWN): MapGraph {
  if (graph.nodes.size <= limit) return graph
  const columns = MAP_KINDS.map(kind => [...graph.nodes.values()].filter(node => node.kind === kind))
  const shown = shares(
    columns.map(nodes => nodes.length),
    limit,
  )
  const standIn = new Map<string, string>()
  const nodes = new Map<string, MapNode>()
  columns.forEach((column, index) => {
    const kind = MAP_KINDS[index] as MapKind
    const room = shown[index] ?? 0
    const sorted = [...column].sort(
      (a, b) =>
        Number(keep.has(b.id)) - Number(keep.has(a.id)) ||
        Number(b.failed > 0) - Number(a.failed > 0) ||
        b.calls - a.calls ||
        (a.id < b.id ? -1 : 1),
    )
    const whole = column.length <= room ? sorted : sorted.slice(0, Math.max(0, room - 1))
    for (const node of whole) nodes.set(node.id, node)
    const rest = sorted.slice(whole.length)
    if (rest.length === 0) return
    const id = `${kind}:${FOLDED_NAME}`
    const sum = (of: (node: MapNode) => number) => rest.reduce((total, node) => total + of(node), 0)
    nodes.set(id, {
      id,
      kind,
      name: FOLDED_NAME,
      calls: sum(node => node.calls),
      failed: sum(node => node.failed),
      folded: rest.length,
    })
    for (const node of rest) standIn.set(node.id, id)
  })
  return { nodes, edges: mergeEdges(graph.edges, standIn), silentModules: graph.silentModules }
}

/** How many of each column there is room for: as many as it has, or an equal share of what small ones leave. */
function shares(sizes: readonly number[], limit: number): number[] {
  const result = sizes.map(() => 0)
  let left = limit
  let open = sizes.map((_, index) => index)
  while (open.length > 0) {
    const share = Math.floor(left / open.length)
    const fitting = open.filter(index => (sizes[index] ?? 0) <= share)
    if (fitting.length === 0) {
      for (const index of open) result[index] = share
      break
    }
    for (const index of fitting) {
      result[index] = sizes[index] ?? 0
      left -= result[index] ?? 0
    }
    open = open.filter(index => !fitting.includes(index))
  }
  return result
}

function mergeEdges(edges: readonly MapEdge[], standIn: ReadonlyMap<string, string>): MapEdge[] {
  const merged = new Map<string, MapEdge>()
  for (const edge of edges) {
    const source = standIn.get(edge.source) ?? edge.source
    const target = standIn.get(edge.target) ?? edge.target
    const id = `${source}->${target}`
    const other = merged.get(id)
    const calls = edge.calls + (other?.calls ?? 0)
    merged.set(id, {
      id,
      source,
      target,
      calls,
      failed: edge.failed + (other?.failed ?? 0),
      avgMs: other ? weightedMean(other, edge) : edge.avgMs,
      p95Ms: other ? highest(other.p95Ms, edge.p95Ms) : edge.p95Ms,
    })
  }
  return [...merged.values()]
}

function weightedMean(a: MapEdge, b: MapEdge): number | null {
  if (a.avgMs === null || b.avgMs === null) return a.avgMs ?? b.avgMs
  return (a.avgMs * a.calls + b.avgMs * b.calls) / (a.calls + b.calls)
}

function highest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}

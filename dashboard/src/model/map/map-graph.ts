/** An edge as the database counts it. */
export interface MapEdgeRow {
  from_kind: string
  from_name: string
  to_kind: string
  to_name: string
  asked: number
  calls: number
  failed: number
  avg_ms: number | null
  p95_ms: number | null
}

/** Columns from left to right. A table stands twice: where changes come from, and where jobs write. */
export const MAP_KINDS = ['table', 'function', 'module', 'job', 'written'] as const
export type MapKind = (typeof MAP_KINDS)[number]

export interface MapNode {
  /** `<kind>:<name>`; of a folded one `<kind>:…`, which no name is. */
  id: string
  kind: MapKind
  name: string
  /** Invocations, detections, runs, or changes by jobs. */
  calls: number
  failed: number
  /** How many nodes it stands for: 1, or more when it is folded. */
  folded: number
}

export interface MapEdge {
  id: string
  source: string
  target: string
  calls: number
  failed: number
  avgMs: number | null
  /** Of a folded edge the highest of its parts. */
  p95Ms: number | null
}

export interface MapGraph {
  nodes: Map<string, MapNode>
  edges: MapEdge[]
  /** Modules that were asked and never fired: they are on no way. */
  silentModules: number
}

/** The graph of what happened. Nodes have the sum of what leads to them; tables at the left of what leads from them. */
export function toMapGraph(rows: readonly MapEdgeRow[]): MapGraph {
  const nodes = new Map<string, MapNode>()
  const edges: MapEdge[] = []
  const asked = new Set<string>()
  const add = (kind: MapKind, name: string): MapNode => {
    const id = `${kind}:${name}`
    const node = nodes.get(id) ?? { id, kind, name, calls: 0, failed: 0, folded: 1 }
    nodes.set(id, node)
    return node
  }
  for (const row of rows) {
    if (row.to_kind === 'module') asked.add(row.to_name)
    const from = MAP_KINDS.find(kind => kind === row.from_kind)
    const to = row.to_kind === 'table' ? 'written' : MAP_KINDS.find(kind => kind === row.to_kind)
    if (row.calls === 0 || from === undefined || to === undefined) continue
    const source = add(from, row.from_name)
    const target = add(to, row.to_name)
    target.calls += row.calls
    target.failed += row.failed
    if (from === 'table') {
      source.calls += row.calls
      source.failed += row.failed
    }
    edges.push({
      id: `${source.id}->${target.id}`,
      source: source.id,
      target: target.id,
      calls: row.calls,
      failed: row.failed,
      avgMs: row.avg_ms,
      p95Ms: row.p95_ms,
    })
  }
  const silentModules = [...asked].filter(name => !nodes.has(`module:${name}`)).length
  return { nodes, edges, silentModules }
}

/** Everything that leads to a node, and everything it leads to: itself included. */
export function connectedTo(graph: Pick<MapGraph, 'edges'>, id: string): Set<string> {
  const found = new Set<string>([id])
  for (const [from, to] of [
    ['source', 'target'],
    ['target', 'source'],
  ] as const) {
    const next = new Map<string, string[]>()
    for (const edge of graph.edges) next.set(edge[from], [...(next.get(edge[from]) ?? []), edge[to]])
    // Columns only lead to the right, so there is no way around in a circle.
    const open = [id]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const other of next.get(at) ?? []) {
        if (found.has(other)) continue
        found.add(other)
        open.push(other)
      }
    }
  }
  return found
}

/** Only some nodes, and the edges between them. */
export function subgraph({ nodes, edges, silentModules }: MapGraph, ids: ReadonlySet<string>): MapGraph {
  return {
    nodes: new Map([...nodes].filter(([id]) => ids.has(id))),
    edges: edges.filter(edge => ids.has(edge.source) && ids.has(edge.target)),
    silentModules,
  }
}

/** The nodes whose name has a text in it, in any letter case. */
export function findInMap({ nodes }: MapGraph, text: string): Set<string> {
  const wanted = text.trim().toLowerCase()
  return new Set([...nodes.values()].filter(node => node.name.toLowerCase().includes(wanted)).map(node => node.id))
}

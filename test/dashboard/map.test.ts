import { describe, expect, it } from 'vitest'
import { foldMap } from '../../dashboard/src/model/map/fold-map.ts'
import { layoutMap, stepInMap } from '../../dashboard/src/model/map/layout-map.ts'
import {
  connectedTo,
  findInMap,
  type MapEdgeRow,
  subgraph,
  toMapGraph,
} from '../../dashboard/src/model/map/map-graph.ts'

const row = (from: string, to: string, calls = 1, failed = 0): MapEdgeRow => {
  const [from_kind = '', from_name = ''] = from.split(':')
  const [to_kind = '', to_name = ''] = to.split(':')
  return { from_kind, from_name, to_kind, to_name, asked: calls, calls, failed, avg_ms: calls, p95_ms: calls }
}
const SHOP = [
  row('table:orders', 'function:on_order', 10, 1),
  row('function:on_order', 'module:placed', 6),
  row('function:on_order', 'module:paid', 4),
  row('function:on_order', 'module:silent', 0),
  row('module:placed', 'job:reserve', 6, 2),
  row('module:paid', 'job:ship', 4),
  row('job:reserve', 'table:stock', 6),
  row('job:ship', 'table:orders', 4),
]

describe('the map of what runs into what', () => {
  it('has tables at both ends, the sums of what leads to each node, and counts what never fired', () => {
    const graph = toMapGraph(SHOP)
    expect([...graph.nodes.keys()]).toContain('written:orders')
    expect(graph.nodes.get('table:orders')).toMatchObject({ calls: 10, failed: 1 })
    expect(graph.nodes.get('job:reserve')).toMatchObject({ calls: 6, failed: 2 })
    expect(graph.edges).toHaveLength(7)
    expect(graph.silentModules).toBe(1)
    expect(findInMap(graph, 'ORD')).toEqual(new Set(['table:orders', 'function:on_order', 'written:orders']))
  })

  it('knows the way to a node and from it, and nothing beside it', () => {
    const graph = toMapGraph(SHOP)
    const way = connectedTo(graph, 'job:ship')
    expect([...way].sort()).toEqual(['function:on_order', 'job:ship', 'module:paid', 'table:orders', 'written:orders'])
    expect(subgraph(graph, way).edges).toHaveLength(4)
  })

  it('stands in columns, without overlap, the same however the rows come', () => {
    const layout = layoutMap(toMapGraph(SHOP))
    const boxes = [...layout.nodes.values()]
    for (const a of boxes) {
      for (const b of boxes) {
        if (a !== b && a.x === b.x) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(a.height)
      }
    }
    expect(layout.columns.map(column => column.kind)).toEqual(['table', 'function', 'module', 'job', 'written'])
    expect(layoutMap(toMapGraph([...SHOP].reverse())).nodes.get('job:ship')).toEqual(layout.nodes.get('job:ship'))
    // Edges that need not cross do not: placed is above paid as reserve is above ship.
    const above = (a: string, b: string) => (layout.nodes.get(a)?.y ?? 0) < (layout.nodes.get(b)?.y ?? 0)
    expect(above('module:placed', 'module:paid')).toBe(above('job:reserve', 'job:ship'))
  })

  it('folds what is least busy when there is too much, counts it, and keeps what fails or was asked for', () => {
    const rows: MapEdgeRow[] = []
    for (let n = 0; n < 1_000; n++) rows.push(row(`module:m${n % 400}`, `job:j${n}`, 1_000 - n, n === 999 ? 1 : 0))
    const graph = toMapGraph(rows)
    const folded = foldMap(graph, new Set(['job:j998']))
    expect(folded.nodes.size).toBe(150)
    const stood = [...folded.nodes.values()].reduce((sum, node) => sum + node.folded, 0)
    expect(stood).toBe(graph.nodes.size)
    const calls = (of: typeof graph) =>
      [...of.nodes.values()].filter(node => node.kind === 'job').reduce((sum, node) => sum + node.calls, 0)
    expect(calls(folded)).toBe(calls(graph))
    expect(folded.edges.reduce((sum, edge) => sum + edge.calls, 0)).toBe(
      graph.edges.reduce((sum, edge) => sum + edge.calls, 0),
    )
    expect(folded.nodes.has('job:j999') && folded.nodes.has('job:j998')).toBe(true)
    expect(folded.nodes.has('job:j900')).toBe(false)
    for (const { source, target } of folded.edges)
      expect(folded.nodes.has(source) && folded.nodes.has(target)).toBe(true)
    expect(foldMap(graph, new Set(), 2_000)).toBe(graph)
  })

  it('leads the arrow keys along the busiest edge, and up and down a column', () => {
    const graph = toMapGraph(SHOP)
    const layout = layoutMap(graph)
    expect(stepInMap(graph, layout, 'table:orders', 'right')).toBe('function:on_order')
    expect(stepInMap(graph, layout, 'function:on_order', 'right')).toBe('module:placed')
    expect(stepInMap(graph, layout, 'table:orders', 'left')).toBeNull()
    const first =
      [...layout.nodes.values()].filter(node => node.id.startsWith('job')).sort((a, b) => a.y - b.y)[0]?.id ?? ''
    const below = stepInMap(graph, layout, first, 'down') ?? ''
    expect(stepInMap(graph, layout, below, 'up')).toBe(first)
    expect(stepInMap(graph, layout, first, 'up')).toBeNull()
  })
})

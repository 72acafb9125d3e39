import type { Placed } from '../layout.ts'
import { MAP_KINDS, type MapGraph, type MapKind } from './map-graph.ts'

export interface MapLayout {
  nodes: Map<string, Placed>
  /** Where each column that has nodes begins. */
  columns: { kind: MapKind; x: number }[]
  width: number
  height: number
}

/** Known before anything is drawn, so that the first frame is right. */
export const MAP_NODE = { width: 186, height: 42 }
const COLUMN_GAP = 86
const ROW_GAP = 8
/** Room for the columns' names. */
const TOP = 34
const SWEEPS = 4

/**
 * A column for each kind, from left to right. In a column nodes stand in the order of what they are connected with, so that
 * few edges cross, and every column is centred. The same graph is always drawn alike.
 */
export function layoutMap(graph: MapGraph): MapLayout {
  const columns = MAP_KINDS.map(kind => ({
    kind,
    ids: [...graph.nodes.values()]
      .filter(node => node.kind === kind)
      .sort((a, b) => Number(a.folded > 1) - Number(b.folded > 1) || (a.id < b.id ? -1 : 1))
      .map(node => node.id),
  })).filter(column => column.ids.length > 0)
  const near = neighbours(graph)
  const rank = new Map<string, number>()
  const number = (ids: readonly string[]) => {
    ids.forEach((id, index) => {
      // Between 0 and 1, so that short and long columns compare.
      rank.set(id, (index + 0.5) / ids.length)
    })
  }
  for (const { ids } of columns) number(ids)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const order = sweep % 2 === 0 ? columns.slice(1) : columns.slice(0, -1).reverse()
    for (const column of order) {
      const wanted = new Map(column.ids.map(id => [id, barycenter(near.get(id) ?? [], rank) ?? rank.get(id) ?? 0]))
      column.ids.sort((a, b) => {
        const folded = Number((graph.nodes.get(a)?.folded ?? 1) > 1) - Number((graph.nodes.get(b)?.folded ?? 1) > 1)
        return folded || (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || (a < b ? -1 : 1)
      })
      number(column.ids)
    }
  }
  const tallest = Math.max(0, ...columns.map(({ ids }) => heightOf(ids.length)))
  const nodes = new Map<string, Placed>()
  const places = columns.map(({ kind, ids }, index) => {
    const x = index * (MAP_NODE.width + COLUMN_GAP)
    const top = TOP + (tallest - heightOf(ids.length)) / 2
    ids.forEach((id, row) => {
      nodes.set(id, { id, x, y: top + row * (MAP_NODE.height + ROW_GAP), ...MAP_NODE })
    })
    return { kind, x }
  })
  const width = places.length * (MAP_NODE.width + COLUMN_GAP) - COLUMN_GAP
  return { nodes, columns: places, width: Math.max(0, width), height: TOP + tallest }
}

const heightOf = (rows: number): number => Math.max(0, rows * (MAP_NODE.height + ROW_GAP) - ROW_GAP)

function neighbours({ edges }: MapGraph): Map<string, { id: string; weight: number }[]> {
  const near = new Map<string, { id: string; weight: number }[]>()
  const add = (from: string, id: string, weight: number) => {
    const list = near.get(from)
    if (list) list.push({ id, weight })
    else near.set(from, [{ id, weight }])
  }
  for (const { source, target, calls } of edges) {
    // A busy edge counts more, but not by as much as it is busier.
    const weight = 1 + Math.log2(Math.max(1, calls))
    add(source, target, weight)
    add(target, source, weight)
  }
  return near
}

function barycenter(near: readonly { id: string; weight: number }[], rank: ReadonlyMap<string, number>): number | null {
  let sum = 0
  let weights = 0
  for (const { id, weight } of near) {
    sum += (rank.get(id) ?? 0) * weight
    weights += weight
  }
  return weights === 0 ? null : sum / weights
}

export type MapDirection = 'left' | 'right' | 'up' | 'down'

/** The node that an arrow key leads to: the neighbour in the column, or the busiest edge's other end. */
export function stepInMap(graph: MapGraph, layout: MapLayout, id: string, direction: MapDirection): string | null {
  const here = layout.nodes.get(id)
  if (!here) return null
  if (direction === 'left' || direction === 'right') {
    const [own, other] = direction === 'left' ? (['target', 'source'] as const) : (['source', 'target'] as const)
    const ways = graph.edges.filter(edge => edge[own] === id).sort((a, b) => b.calls - a.calls)
    return ways[0]?.[other] ?? null
  }
  const column = [...layout.nodes.values()].filter(node => node.x === here.x).sort((a, b) => a.y - b.y)
  const at = column.findIndex(node => node.id === id)
  return column[at + (direction === 'up' ? -1 : 1)]?.id ?? null
}

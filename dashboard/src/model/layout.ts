import { type ChainNode, type ChainTree, isNodeRunning } from './chain-tree.ts'

export interface Placed {
  id: string
  x: number
  y: number
  width: number
  height: number
}

export interface PlacedEdge {
  /** `<source id>-><target id>`. */
  id: string
  source: string
  target: string
  intoRunning: boolean
}

export interface ChainLayout {
  nodes: Map<string, Placed>
  edges: PlacedEdge[]
  width: number
  height: number
}

/** Sizes are known before anything is drawn, so the first frame is already right. */
export const NODE_SIZE: Record<ChainNode['kind'], { width: number; height: number }> = {
  invocation: { width: 216, height: 84 },
  event: { width: 220, height: 46 },
  undetected: { width: 156, height: 28 },
  job: { width: 192, height: 54 },
  folded: { width: 156, height: 28 },
}

/** Jobs stand under their event, a little to the right. */
const JOB_INDENT = 28
const ROW_GAP = 12
const GAP_BEFORE_EVENTS = 40
const GAP_BEFORE_INVOCATIONS = 46
const EVENTS_X = NODE_SIZE.invocation.width + GAP_BEFORE_EVENTS
const LEVEL_WIDTH =
  EVENTS_X + Math.max(NODE_SIZE.event.width, JOB_INDENT + NODE_SIZE.job.width) + GAP_BEFORE_INVOCATIONS

/**
 * Left to right, two lanes per level: the invocation, then its events with their jobs under them. The first child
 * stands level with its parent (the first job right under its event) and every next sibling below, as close as the
 * branches allow. What arrives later is always the last sibling and moves only what lies below it: no node ever leaves
 * its lane.
 */
export function layoutChain(tree: ChainTree): ChainLayout {
  const offsets = offsetsFromParent(tree)
  const nodes = new Map<string, Placed>()
  const centers = new Map<string, number>()
  const edges: PlacedEdge[] = []
  let top = 0
  let width = 0
  let bottom = 0

  // Parents come before children in the map.
  for (const node of tree.nodes.values()) {
    const size = NODE_SIZE[node.kind]
    const parentCenter = node.parentId === null ? 0 : (centers.get(node.parentId) ?? 0)
    const center = parentCenter + (offsets.get(node.id) ?? 0)
    centers.set(node.id, center)
    const placed = { id: node.id, x: xOf(node.depth), y: center - size.height / 2, ...size }
    nodes.set(node.id, placed)
    top = Math.min(top, placed.y)
    bottom = Math.max(bottom, placed.y + placed.height)
    width = Math.max(width, placed.x + placed.width)
    if (node.parentId !== null) {
      edges.push({
        id: `${node.parentId}->${node.id}`,
        source: node.parentId,
        target: node.id,
        intoRunning: isNodeRunning(node),
      })
    }
  }
  for (const placed of nodes.values()) placed.y -= top
  return { nodes, edges, width, height: bottom - top }
}

function xOf(depth: number): number {
  const level = Math.floor(depth / 3) * LEVEL_WIDTH
  return level + [0, EVENTS_X, EVENTS_X + JOB_INDENT][depth % 3]!
}

function laneOf(depth: number): number {
  return Math.floor(depth / 3) * 2 + (depth % 3 === 0 ? 0 : 1)
}

/** How far up and down a branch reaches in each lane, from the middle of its first node. */
interface Contour {
  firstLane: number
  top: number[]
  bottom: number[]
}

function offsetsFromParent(tree: ChainTree): Map<string, number> {
  const offsets = new Map<string, number>()
  const contours = new Map<string, Contour>()
  // Children come after parents, so backwards every child is done before its parent: no recursion.
  for (const node of [...tree.nodes.values()].reverse()) {
    const half = NODE_SIZE[node.kind].height / 2
    const contour: Contour = { firstLane: laneOf(node.depth), top: [-half], bottom: [half] }
    for (const childId of node.childIds) {
      const child = contours.get(childId)
      if (!child) continue
      const offset = clearance(contour, child)
      offsets.set(childId, offset)
      include(contour, child, offset)
      contours.delete(childId)
    }
    contours.set(node.id, contour)
  }
  return offsets
}

/** The smallest shift down that keeps `next` below `above` in every lane they share; none when they share none. */
function clearance(above: Contour, next: Contour): number {
  let shift = 0
  for (let index = 0; index < next.top.length; index += 1) {
    const reached = above.bottom[next.firstLane + index - above.firstLane]
    if (reached !== undefined) shift = Math.max(shift, reached + ROW_GAP - next.top[index]!)
  }
  return shift
}

function include(contour: Contour, child: Contour, offset: number): void {
  for (let index = 0; index < child.top.length; index += 1) {
    const lane = child.firstLane + index - contour.firstLane
    // An orphan skips lanes; what it skips reaches nowhere.
    while (contour.top.length <= lane) {
      contour.top.push(Number.POSITIVE_INFINITY)
      contour.bottom.push(Number.NEGATIVE_INFINITY)
    }
    contour.top[lane] = Math.min(contour.top[lane]!, child.top[index]! + offset)
    contour.bottom[lane] = Math.max(contour.bottom[lane]!, child.bottom[index]! + offset)
  }
}

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
  invocation: { width: 200, height: 84 },
  event: { width: 208, height: 46 },
  undetected: { width: 148, height: 28 },
  job: { width: 188, height: 54 },
  folded: { width: 148, height: 28 },
}

/** Jobs stand under their event, a little to the right. */
const JOB_INDENT = 20
const ROW_GAP = 12
const GAP_BEFORE_EVENTS = 32
const GAP_BEFORE_INVOCATIONS = 36
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
  if (depth % 3 === 0) return level
  return level + EVENTS_X + (depth % 3 === 2 ? JOB_INDENT : 0)
}

function laneOf(depth: number): number {
  return Math.floor(depth / 3) * 2 + (depth % 3 === 0 ? 0 : 1)
}

/** How far up and down a branch reaches in each lane, from the middle of its first node. */
interface Contour {
  firstLane: number
  lanes: { top: number; bottom: number }[]
}

const NOWHERE = { top: Number.POSITIVE_INFINITY, bottom: Number.NEGATIVE_INFINITY }

function offsetsFromParent(tree: ChainTree): Map<string, number> {
  const offsets = new Map<string, number>()
  const contours = new Map<string, Contour>()
  // Children come after parents, so backwards every child is done before its parent: no recursion.
  for (const node of [...tree.nodes.values()].reverse()) {
    const half = NODE_SIZE[node.kind].height / 2
    const contour: Contour = { firstLane: laneOf(node.depth), lanes: [{ top: -half, bottom: half }] }
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
  for (const [index, { top }] of next.lanes.entries()) {
    const { bottom } = above.lanes[next.firstLane + index - above.firstLane] ?? NOWHERE
    shift = Math.max(shift, bottom + ROW_GAP - top)
  }
  return shift
}

function include(contour: Contour, child: Contour, offset: number): void {
  for (const [index, { top, bottom }] of child.lanes.entries()) {
    const lane = child.firstLane + index - contour.firstLane
    // An orphan skips lanes; what it skips reaches nowhere.
    while (contour.lanes.length < lane) contour.lanes.push(NOWHERE)
    const reached = contour.lanes[lane] ?? NOWHERE
    contour.lanes[lane] = {
      top: Math.min(reached.top, top + offset),
      bottom: Math.max(reached.bottom, bottom + offset),
    }
  }
}

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
  invocation: { width: 236, height: 88 },
  event: { width: 212, height: 48 },
  undetected: { width: 156, height: 30 },
  job: { width: 220, height: 62 },
  folded: { width: 156, height: 30 },
}

const COLUMN_GAP = 46
const ROW_GAP = 14
const COLUMN_WIDTHS = [NODE_SIZE.invocation.width, NODE_SIZE.event.width, NODE_SIZE.job.width]
const LEVEL_WIDTH = COLUMN_WIDTHS.reduce((sum, width) => sum + width + COLUMN_GAP, 0)

/**
 * Left to right, one column per depth. The first child stands level with its parent and every next sibling below, as
 * close as the branches allow. So the main road is a straight line, and what arrives later (always the last sibling)
 * moves only what lies below it: no node ever leaves its column.
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
    const placed = { id: node.id, x: columnX(node.depth), y: center - size.height / 2, ...size }
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

function columnX(depth: number): number {
  const level = Math.floor(depth / 3)
  const column = depth % 3
  const before = COLUMN_WIDTHS.slice(0, column).reduce((sum, width) => sum + width + COLUMN_GAP, 0)
  return level * LEVEL_WIDTH + before
}

/** How far up and down a branch reaches in each column, from the middle of its first node. */
interface Contour {
  top: number[]
  bottom: number[]
  firstDepth: number
}

function offsetsFromParent(tree: ChainTree): Map<string, number> {
  const offsets = new Map<string, number>()
  const contours = new Map<string, Contour>()
  // Children come after parents, so backwards every child is done before its parent: no recursion.
  for (const node of [...tree.nodes.values()].reverse()) {
    const half = NODE_SIZE[node.kind].height / 2
    const branches: Contour = { top: [], bottom: [], firstDepth: node.depth + 1 }
    for (const childId of node.childIds) {
      const child = contours.get(childId)
      if (!child) continue
      const offset = branches.top.length === 0 ? 0 : clearance(branches, child)
      offsets.set(childId, offset)
      include(branches, child, offset)
      contours.delete(childId)
    }
    const gap = branches.firstDepth - node.depth - 1
    contours.set(node.id, {
      firstDepth: node.depth,
      top: [-half, ...Array.from({ length: gap }, () => 0), ...branches.top],
      bottom: [half, ...Array.from({ length: gap }, () => 0), ...branches.bottom],
    })
  }
  return offsets
}

/** The smallest shift down that keeps `next` below `above` in every column they share. */
function clearance(above: Contour, next: Contour): number {
  let shift = 0
  for (let index = 0; index < next.top.length; index += 1) {
    const at = next.firstDepth + index - above.firstDepth
    const reached = above.bottom[at]
    if (reached !== undefined) shift = Math.max(shift, reached + ROW_GAP - next.top[index]!)
  }
  return shift
}

function include(branches: Contour, child: Contour, offset: number): void {
  for (let index = 0; index < child.top.length; index += 1) {
    const at = child.firstDepth + index - branches.firstDepth
    // An orphan skips columns; what it skips reaches nowhere.
    while (branches.top.length < at) {
      branches.top.push(offset)
      branches.bottom.push(offset)
    }
    branches.top[at] = Math.min(branches.top[at] ?? Number.POSITIVE_INFINITY, child.top[index]! + offset)
    branches.bottom[at] = Math.max(branches.bottom[at] ?? Number.NEGATIVE_INFINITY, child.bottom[index]! + offset)
  }
}

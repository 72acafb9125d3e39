import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { endOf, MISSING } from './spans.ts'

/** A stretch of time that the whole had to wait for. */
export interface Segment {
  /** Whose time it is. */
  row: number
  from: Micros
  to: Micros
  /** Nobody worked: the time between what caused `row` and its start, or after its end. */
  waiting: boolean
}

export interface CriticalPath {
  /** From the last to the first; without gaps or overlaps they cover all from the start of the first top to the last end. */
  segments: readonly Segment[]
  /** Rows on the path. */
  rows: ReadonlySet<number>
}

/** A span whose time is being told apart: what is after `at` is done. */
interface Frame {
  row: number
  at: Micros
  /** By last end, latest first. */
  children: Int32Array
  next: number
}

/**
 * Backwards from the last end: of the children that had ended by then, the one that ended last is what was waited for;
 * until then it was the parent's own work. A child that outlives its parent extends it: chains go on after their cause.
 */
export function findCriticalPath(tree: SpanTree, now: Micros): CriticalPath {
  const { table } = tree
  if (table.length === 0) return { segments: [], rows: new Set() }
  const ends = subtreeEnds(tree, now)
  const segments: Segment[] = []
  const rows = new Set<number>()
  const add = (row: number, from: Micros, to: Micros) => {
    if (to <= from) return
    // What is outside the span itself is waiting: before it starts, after it ends.
    const start = clamp(table.starts[row] as number, from, to)
    const end = clamp(endOf(table, row, now), start, to)
    const missing = table.kinds[row] === MISSING
    if (to > end) segments.push({ row, from: end, to, waiting: true })
    if (end > start) segments.push({ row, from: start, to: end, waiting: missing })
    if (start > from) segments.push({ row, from, to: start, waiting: true })
  }

  // The tops are the children of nobody: row -1.
  const stack: Frame[] = []
  const enter = (row: number, until: Micros, children: Int32Array) => {
    if (row >= 0) rows.add(row)
    const byEnd = children.slice().sort((a, b) => (ends[b] as number) - (ends[a] as number) || b - a)
    stack.push({ row, at: until, children: byEnd, next: 0 })
  }
  const last = tree.tops.reduce((latest, row) => Math.max(latest, ends[row] as number), Number.NEGATIVE_INFINITY)
  enter(-1, last, tree.tops)
  while (stack.length > 0) {
    const frame = stack[stack.length - 1] as Frame
    const child = nextChild(frame, ends, table.starts)
    if (child === -1) {
      stack.pop()
      const parent = stack[stack.length - 1]
      if (!parent) break
      const start = table.starts[frame.row] as number
      add(frame.row, start, frame.at)
      // A child that starts before its parent has taken the path back further than its parent's start.
      parent.at = Math.min(start, frame.at)
      continue
    }
    const end = Math.min(frame.at, ends[child] as number)
    const before = segments[segments.length - 1]
    if (frame.row >= 0) add(frame.row, end, frame.at)
    else if (frame.at > end && before) segments.push({ row: before.row, from: end, to: frame.at, waiting: true })
    frame.at = end
    const childRows = tree.children.subarray(tree.firstChild[child], tree.firstChild[child + 1] as number)
    enter(child, end, childRows)
  }
  return { segments, rows }
}

/**
 * Of the children left, the next one that had ended by then and took some time before. Tops belong to nobody who could
 * have worked meanwhile, so of those one that had only started will do.
 */
function nextChild(frame: Frame, ends: Float64Array, starts: Float64Array): number {
  while (frame.next < frame.children.length) {
    const child = frame.children[frame.next++] as number
    if ((frame.row < 0 || (ends[child] as number) <= frame.at) && (starts[child] as number) < frame.at) return child
  }
  return -1
}

/** The last end of each subtree. */
function subtreeEnds({ table, order, parents }: SpanTree, now: Micros): Float64Array {
  const ends = new Float64Array(table.length)
  for (let row = 0; row < table.length; row++) ends[row] = endOf(table, row, now)
  for (let position = order.length - 1; position >= 0; position--) {
    const row = order[position] as number
    const parent = parents[row] as number
    if (parent >= 0) ends[parent] = Math.max(ends[parent] as number, ends[row] as number)
  }
  return ends
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

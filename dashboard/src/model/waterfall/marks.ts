import type { Tone } from '../status.ts'
import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { TONES } from './spans.ts'
import type { TimeScale } from './time-scale.ts'

/** A moment on the bar of a span: a line it logged, or a row it changed. */
export interface Mark {
  spanId: string
  at: Micros
  kind: 'log' | 'change'
  tone: Tone
  /** `warn payment slow`, `UPDATE orders 1042`. */
  text: string
}

export interface MarkIndex {
  /** By span, then time. */
  marks: readonly Mark[]
  /** The marks of row i are those from first[i] up to but not including first[i + 1]. */
  first: Int32Array
  /** Marks of spans that are not here. */
  stray: number
}

export interface MarkCluster {
  x: number
  /** The most alarming of them. */
  tone: Tone
  changes: number
  logs: number
  marks: readonly Mark[]
}

const NO_MARKS: readonly Mark[] = []

export function indexMarks(tree: SpanTree, marks: readonly Mark[]): MarkIndex {
  const placed = marks
    .map(mark => ({ mark, row: tree.rowOf.get(mark.spanId) ?? -1 }))
    .filter(({ row }) => row >= 0)
    .sort((a, b) => a.row - b.row || a.mark.at - b.mark.at)
  const first = new Int32Array(tree.table.length + 1)
  for (const { row } of placed) first[row + 1] = (first[row + 1] as number) + 1
  for (let row = 0; row < tree.table.length; row++) {
    first[row + 1] = (first[row + 1] as number) + (first[row] as number)
  }
  return { marks: placed.map(({ mark }) => mark), first, stray: marks.length - placed.length }
}

export function marksOf({ marks, first }: MarkIndex, row: number): readonly Mark[] {
  const from = first[row] ?? 0
  const to = first[row + 1] ?? 0
  return from === to ? NO_MARKS : marks.slice(from, to)
}

/** Marks nearer to each other than so many pixels become one; those outside the window are left out. */
export function clusterMarks(marks: readonly Mark[], scale: TimeScale, distance = 6): MarkCluster[] {
  const clusters: (MarkCluster & { marks: Mark[] })[] = []
  for (const mark of marks) {
    const x = scale.toX(mark.at)
    if (x < -distance || x > scale.width + distance) continue
    const last = clusters[clusters.length - 1]
    const cluster =
      last && x - last.x < distance ? last : { x, tone: 'quiet' as Tone, changes: 0, logs: 0, marks: [] as Mark[] }
    if (cluster !== last) clusters.push(cluster)
    cluster.marks.push(mark)
    cluster[mark.kind === 'log' ? 'logs' : 'changes'] += 1
    if (TONES.indexOf(mark.tone) > TONES.indexOf(cluster.tone)) cluster.tone = mark.tone
  }
  return clusters
}

import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { endOf, MISSING, type SpanTable } from './spans.ts'

export interface Gap {
  from: Micros
  to: Micros
}

export interface Extent {
  from: Micros
  to: Micros
}

/** Only what is longer than this share of everything is worth a fold. */
const MIN_SHARE = 0.05

/** From the first start to the last end; of nothing, a moment at zero. */
export function extentOf(table: SpanTable, now: Micros): Extent {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (let row = 0; row < table.length; row++) {
    from = Math.min(from, table.starts[row] as number)
    to = Math.max(to, endOf(table, row, now))
  }
  return from <= to ? { from, to } : { from: 0, to: 0 }
}

/** The times in which nothing was open, from first to last, where they are long enough to fold. */
export function findIdleGaps({ table, byStart }: SpanTree, now: Micros): Gap[] {
  const { from, to } = extentOf(table, now)
  const gaps: Gap[] = []
  let covered = from
  for (const row of byStart) {
    // What stands for a missing parent covers the pauses between its children, but nothing was recorded there.
    if (table.kinds[row] === MISSING) continue
    const start = table.starts[row] as number
    if (start - covered > (to - from) * MIN_SHARE) gaps.push({ from: covered, to: start })
    covered = Math.max(covered, endOf(table, row, now))
  }
  return gaps
}

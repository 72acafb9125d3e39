import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { endOf, MISSING } from './spans.ts'

/** Starts before its parent: effect before cause, so two clocks disagree. */
export const STARTS_BEFORE = 1
/** Ends after a parent that waits for it: a clock disagrees, or the parent did not wait after all. */
export const ENDS_AFTER = 2

export interface OutsideParent {
  /** For each row STARTS_BEFORE and ENDS_AFTER, or 0. */
  flags: Uint8Array
  count: number
  /** The most that any span starts before its parent. */
  largest: Micros
}

/** Which spans lie outside their parent. The times themselves are shown as recorded: nothing is moved. */
export function findOutsideParent({ table, parents }: SpanTree, now: Micros): OutsideParent {
  const flags = new Uint8Array(table.length)
  let count = 0
  let largest = 0
  for (let row = 0; row < table.length; row++) {
    const parent = parents[row] as number
    if (parent < 0 || table.kinds[parent] === MISSING) continue
    const early = (table.starts[parent] as number) - (table.starts[row] as number)
    const late = endOf(table, row, now) - endOf(table, parent, now)
    let flag = early > 0 ? STARTS_BEFORE : 0
    if (late > 0 && table.caused[row] === 0) flag |= ENDS_AFTER
    if (flag === 0) continue
    flags[row] = flag
    count += 1
    largest = Math.max(largest, early)
  }
  return { flags, count, largest }
}

import { onceFor } from '../once-for.ts'
import type { Steps } from '../slices.ts'
import type { Micros } from '../time.ts'
import { findIdleGaps, type Gap } from './idle-gaps.ts'
import { findOutsideParent, type OutsideParent } from './outside-parent.ts'
import { groupSiblings } from './sibling-groups.ts'
import type { SpanTree } from './span-tree.ts'

// Where nothing runs any more, what passes over all spans find does not depend on the time: once is enough.
const settledGaps = onceFor((tree: SpanTree) => findIdleGaps(tree, 0))
const settledOutside = onceFor((tree: SpanTree) => findOutsideParent(tree, 0))

/** `findIdleGaps`; `now` is 0 where nothing runs. */
export function idleGapsOf(tree: SpanTree, now: Micros): readonly Gap[] {
  return now === 0 ? settledGaps(tree) : findIdleGaps(tree, now)
}

/** `findOutsideParent`; `now` is 0 where nothing runs. */
export function outsideParentOf(tree: SpanTree, now: Micros): OutsideParent {
  return now === 0 ? settledOutside(tree) : findOutsideParent(tree, now)
}

/** Works out what a waterfall asks for first, a step for each: it is there when the tree is drawn. */
export function* settleSteps(tree: SpanTree, running: boolean): Steps<void> {
  yield
  groupSiblings(tree)
  if (running) return
  yield
  settledGaps(tree)
  yield
  settledOutside(tree)
}

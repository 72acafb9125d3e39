import { onceFor } from '../once-for.ts'
import type { SpanTree } from './span-tree.ts'
import { isFailedRow, MISSING, RUNNING, UNDETECTED } from './spans.ts'

/** This many equal siblings are folded into one row. */
export const MIN_GROUP = 5

export interface SiblingGroup {
  /** In order of drawing. */
  rows: Int32Array
  parent: number
}

export interface SiblingGroups {
  groups: readonly SiblingGroup[]
  /** For each row the index of its group, or -1. */
  groupOf: Int32Array
}

/**
 * Siblings of one kind, name and status, at least MIN_GROUP of them; modules that were not detected count as equal
 * whatever their names. What failed, what runs and what has a failure below it stays outside: it is never folded away.
 */
export const groupSiblings = onceFor((tree: SpanTree): SiblingGroups => {
  const { table, children, firstChild, failuresBelow } = tree
  const groupOf = new Int32Array(table.length).fill(-1)
  const groups: SiblingGroup[] = []
  const nameCount = table.words.length
  const found = new Map<number, number[]>()
  for (let parent = 0; parent < table.length; parent++) {
    const first = firstChild[parent] as number
    const end = firstChild[parent + 1] as number
    if (end - first < MIN_GROUP) continue
    found.clear()
    for (let at = first; at < end; at++) {
      const row = children[at] as number
      const kind = table.kinds[row] as number
      const tone = table.tones[row] as number
      if (kind === MISSING || tone === RUNNING || isFailedRow(table, row) || failuresBelow[row] !== 0) continue
      const name = kind === UNDETECTED ? 0 : (table.names[row] as number)
      const key = (kind * 16 + tone) * nameCount + name
      const equal = found.get(key)
      if (equal) equal.push(row)
      else found.set(key, [row])
    }
    for (const rows of found.values()) {
      if (rows.length < MIN_GROUP) continue
      for (const row of rows) groupOf[row] = groups.length
      groups.push({ rows: Int32Array.from(rows), parent })
    }
  }
  return { groups, groupOf }
})

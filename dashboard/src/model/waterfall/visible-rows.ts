import type { SiblingGroup, SiblingGroups } from './sibling-groups.ts'
import type { SpanTree } from './span-tree.ts'

export interface Folding {
  /** Rows whose children are hidden. */
  collapsed: ReadonlySet<number>
  /** Groups of equal siblings that are shown one by one. */
  openGroups: ReadonlySet<number>
  /** When set, rows with a 0 are left out: those that match a filter and what leads to them have a 1. */
  keep: Uint8Array | null
}

/** What is on the screen, from top to bottom: a row of the table, or -1 - g for the folded group g. */
export type Lines = Int32Array

export function isGroupLine(line: number): boolean {
  return line < 0
}

export function groupOfLine(line: number): number {
  return -1 - line
}

export function lineOfGroup(group: number): number {
  return -1 - group
}

/**
 * The lines to draw. A group stands where its first span would; open, its spans follow it. While a filter is on there are
 * no groups: what matches is shown itself.
 */
export function flatten(tree: SpanTree, { groups, groupOf }: SiblingGroups, folding: Folding): Lines {
  const { order, sizes, positions } = tree
  const { collapsed, openGroups, keep } = folding
  // Each row once, and a line more for each group.
  const lines = new Int32Array(order.length + groups.length)
  let length = 0
  // Ranges of positions still to be shown, the next one last. The top of a member's range is shown whatever its group.
  const ranges: { from: number; to: number; member: boolean }[] = [{ from: 0, to: order.length, member: false }]
  for (let range = ranges.pop(); range; range = ranges.pop()) {
    const { to } = range
    let { from: position, member } = range
    while (position < to) {
      const row = order[position] as number
      const size = sizes[row] as number
      if (keep?.[row] === 0) {
        position += size
        continue
      }
      const group = keep || member ? -1 : (groupOf[row] as number)
      member = false
      if (group === -1) {
        lines[length++] = row
        position += collapsed.has(row) ? size : 1
        continue
      }
      position += size
      const { rows } = groups[group] as SiblingGroup
      if (rows[0] !== row) continue
      lines[length++] = lineOfGroup(group)
      if (!openGroups.has(group)) continue
      ranges.push({ from: position, to, member: false })
      for (let index = rows.length - 1; index >= 0; index--) {
        const from = positions[rows[index] as number] as number
        ranges.push({ from, to: from + (sizes[rows[index] as number] as number), member: true })
      }
      break
    }
  }
  return lines.subarray(0, length)
}

/** What must be unfolded for a row to be on the screen. */
export function revealing(
  tree: SpanTree,
  { groupOf }: SiblingGroups,
  row: number,
): { rows: number[]; groups: number[] } {
  const rows: number[] = []
  const groups: number[] = []
  for (let at = row; at >= 0; at = tree.parents[at] as number) {
    if (at !== row) rows.push(at)
    const group = groupOf[at] as number
    if (group >= 0) groups.push(group)
  }
  return { rows, groups }
}

/** Marks the rows given and everything that leads to them. */
export function withAncestors(tree: SpanTree, rows: Iterable<number>): Uint8Array {
  const keep = new Uint8Array(tree.table.length)
  for (const row of rows) {
    for (let at = row; at >= 0 && keep[at] === 0; at = tree.parents[at] as number) keep[at] = 1
  }
  return keep
}

import type { SiblingGroups } from '../../model/waterfall/sibling-groups.ts'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import { groupOfLine, isGroupLine, type Lines, lineOfGroup } from '../../model/waterfall/visible-rows.ts'

const GROUP = 'group:'

/** A line as the address names it: the id of its span, or `group:` and the id of the first span of a folded group. */
export function idOfLine(tree: SpanTree, { groups }: SiblingGroups, line: number): string {
  if (!isGroupLine(line)) return tree.table.ids[line] as string
  return GROUP + tree.table.ids[groups[groupOfLine(line)]?.rows[0] as number]
}

/** The line of an id, shown or folded away; null when there is none (any more). */
export function lineOfId(tree: SpanTree, { groupOf }: SiblingGroups, id: string | null): number | null {
  if (id === null) return null
  const row = tree.rowOf.get(id)
  if (row !== undefined) return row
  if (!id.startsWith(GROUP)) return null
  const first = tree.rowOf.get(id.slice(GROUP.length))
  const group = first === undefined ? -1 : (groupOf[first] as number)
  return group < 0 ? null : lineOfGroup(group)
}

/** The first span a line stands for. */
export function rowOfLine({ groups }: SiblingGroups, line: number): number {
  return isGroupLine(line) ? (groups[groupOfLine(line)]?.rows[0] as number) : line
}

/** Where on the screen each line is, by span and by group; -1 when it is not. */
export interface LinePlaces {
  indexOf: (line: number) => number
}

export function placeLines(lines: Lines, rowCount: number, groupCount: number): LinePlaces {
  const places = new Int32Array(rowCount + groupCount).fill(-1)
  lines.forEach((line, index) => {
    places[isGroupLine(line) ? rowCount + groupOfLine(line) : line] = index
  })
  return { indexOf: line => places[isGroupLine(line) ? rowCount + groupOfLine(line) : line] ?? -1 }
}

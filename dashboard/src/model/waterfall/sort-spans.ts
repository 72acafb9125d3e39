import type { Micros } from '../time.ts'
import type { SpanTree } from './span-tree.ts'
import { endOf } from './spans.ts'

export type SpanSort = 'name' | 'kind' | 'status' | 'start' | 'duration' | 'below'

/** Rows in another order; equal ones stay in the order of drawing. An unknown column sorts by start. */
export function sortSpans(
  tree: SpanTree,
  rows: Int32Array,
  by: SpanSort,
  descending: boolean,
  now: Micros,
): Int32Array {
  const { table, sizes, positions } = tree
  const sign = descending ? -1 : 1
  const compare = comparing(by)
  return rows.slice().sort((a, b) => sign * compare(a, b) || (positions[a] as number) - (positions[b] as number))

  function comparing(column: SpanSort): (a: number, b: number) => number {
    switch (column) {
      case 'name': {
        // Each text is compared once, however many spans share it.
        const ranks = new Uint32Array(table.words.length)
        const sorted = [...table.words.keys()].sort((a, b) =>
          (table.words[a] as string) < (table.words[b] as string) ? -1 : 1,
        )
        sorted.forEach((word, rank) => {
          ranks[word] = rank
        })
        return (a, b) => (ranks[table.names[a] as number] as number) - (ranks[table.names[b] as number] as number)
      }
      case 'kind':
        return (a, b) => (table.kinds[a] as number) - (table.kinds[b] as number)
      case 'status':
        return (a, b) => (table.tones[a] as number) - (table.tones[b] as number)
      case 'duration':
        return (a, b) => length(a) - length(b)
      case 'below':
        return (a, b) => (sizes[a] as number) - (sizes[b] as number)
      default:
        return (a, b) => (table.starts[a] as number) - (table.starts[b] as number)
    }
  }
  function length(row: number): number {
    return endOf(table, row, now) - (table.starts[row] as number)
  }
}

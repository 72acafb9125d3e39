import type { ListRow } from './queries.ts'

export interface ShownRow {
  row: ListRow
  /** How many causes above it are shown; 0 for a row of the list itself. */
  depth: number
}

/** What is known below one root: its rows, why they could not be read, or nothing yet. */
export type Below = { rows: ListRow[] } | { failure: string } | 'loading'

export interface RowOptions {
  /** Roots with what they led to below them. */
  grouped: boolean
  below: ReadonlyMap<string, Below>
  toggle: (id: string) => void
}

/** The list with what is open below its rows, each effect under its cause. */
export function toShownRows(
  rows: readonly ListRow[],
  { grouped, below }: Pick<RowOptions, 'grouped' | 'below'>,
): ShownRow[] {
  if (!grouped) return rows.map(row => ({ row, depth: 0 }))
  return rows.flatMap(row => {
    const open = below.get(row.id)
    if (!open || open === 'loading' || 'failure' in open) return [{ row, depth: 0 }]
    return underCauses(row, open.rows)
  })
}

/** Depth first, without recursion: chains may be long. A cause that was not read leaves its effects at the root. */
function underCauses(root: ListRow, rows: readonly ListRow[]): ShownRow[] {
  const known = new Set(rows.map(row => row.id))
  const effects = new Map<string, ListRow[]>()
  for (const row of rows) {
    if (row.id === root.id) continue
    const cause = row.source_job_execution?.invocation_id
    const parent = cause && known.has(cause) && cause !== row.id ? cause : root.id
    effects.set(parent, [...(effects.get(parent) ?? []), row])
  }
  const shown: ShownRow[] = []
  const stack: ShownRow[] = [{ row: root, depth: 0 }]
  const seen = new Set<string>()
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next.row.id)) continue
    seen.add(next.row.id)
    shown.push(next)
    for (const effect of [...(effects.get(next.row.id) ?? [])].reverse()) {
      stack.push({ row: effect, depth: next.depth + 1 })
    }
  }
  return shown
}

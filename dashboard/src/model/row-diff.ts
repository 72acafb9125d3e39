export interface ColumnChange {
  column: string
  before: unknown
  after: unknown
  changed: boolean
}

export interface RowDiff {
  operation: 'insert' | 'update' | 'delete'
  /** Changed columns first, each group in the order of the row. */
  columns: ColumnChange[]
  changedCount: number
}

/** Old and new row of a Hasura event payload, column by column. Null when the payload is no row change. */
export function diffPayload(payload: unknown): RowDiff | null {
  return diffData(field(field(payload, 'event'), 'data'))
}

/** The same of the part of the payload that holds `old` and `new`. */
export function diffData(data: unknown): RowDiff | null {
  const before = asRow(field(data, 'old'))
  const after = asRow(field(data, 'new'))
  if (!before && !after) return null
  const columns = Object.keys({ ...before, ...after }).map(column => {
    const change = { column, before: before?.[column], after: after?.[column] }
    return { ...change, changed: !before || !after || !isSame(change.before, change.after) }
  })
  return {
    operation: !before ? 'insert' : !after ? 'delete' : 'update',
    columns: [...columns.filter(change => change.changed), ...columns.filter(change => !change.changed)],
    changedCount: columns.filter(change => change.changed).length,
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function asRow(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

/** JSON equality; the order of keys does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(key => key in b && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

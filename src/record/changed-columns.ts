/** The columns that an update changed, in the order of the new row; undefined for what is no update. Never throws. */
export function changedColumns(payload: unknown): string[] | undefined {
  const data = member(member(payload, 'event'), 'data')
  const before = member(data, 'old')
  const after = member(data, 'new')
  if (!isObject(before) || !isObject(after)) return undefined
  const changed = Object.keys(after).filter(column => !isEqual(before[column], after[column]))
  for (const column of Object.keys(before)) if (!(column in after)) changed.push(column)
  return changed
}

// Values of a JSON column come in as objects of their own; Postgres writes their keys in one order.
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isObject(a) || !isObject(b)) return false
  try {
    return JSON.stringify(a) === JSON.stringify(b)
  } catch {
    // Circular or BigInt: no row of Hasura's, so only the very same object is equal.
    return false
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function member(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined
}

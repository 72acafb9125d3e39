import { fieldNames, fieldOf } from './plain-copy.ts'

/** The columns that an update changed, in the order of the new row; undefined for what is no update. Of a payload or its copy. */
export function changedColumns(payload: unknown): string[] | undefined {
  const data = fieldOf(fieldOf(payload, 'event'), 'data')
  const before = fieldOf(data, 'old')
  const after = fieldOf(data, 'new')
  if (!isObject(before) || !isObject(after)) return undefined
  const [columns, former] = [fieldNames(after), fieldNames(before)]
  const changed: string[] = []
  let common = 0
  for (const [index, column] of columns.entries()) {
    if (former[index] === column) common++
    if (!isEqual(fieldOf(before, column, index), fieldOf(after, column, index))) changed.push(column)
  }
  // Most rows have the same columns in one order.
  if (common === former.length) return changed
  const left = new Set(columns)
  for (const column of former) if (!left.has(column)) changed.push(column)
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

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

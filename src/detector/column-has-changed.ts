import { isDeepStrictEqual } from 'node:util'
import type { HasuraEventData } from './types.ts'

/** Whether an update changed a column. False unless both the old and the new row have the column. */
export function columnHasChanged(column: string, dbEvent: HasuraEventData<object> | null | undefined): boolean {
  const before = dbEvent?.old as Record<string, unknown> | null | undefined
  const after = dbEvent?.new as Record<string, unknown> | null | undefined
  if (!before || !after || !Object.hasOwn(before, column) || !Object.hasOwn(after, column)) return false
  // By value: a jsonb or array column is a new object in each row.
  return !isDeepStrictEqual(before[column], after[column])
}

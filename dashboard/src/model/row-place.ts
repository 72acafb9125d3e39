import type { BoolExp } from './search-query.ts'

/** Where a row stands in a list by time: its time, then its id. */
export interface RowPlace {
  id: string
  created_at: string
}

// The bound of the time stands alone, outside of the "or": so an index can begin there.

/** Rows that come after this one in a list with the newest first. */
export function olderRows({ id, created_at: at }: RowPlace, column: 'created_at' | 'timestamp'): BoolExp {
  return { [column]: { _lte: at }, _or: [{ [column]: { _lt: at } }, { id: { _lt: id } }] }
}

export function newerRows({ id, created_at: at }: RowPlace, column: 'created_at' | 'timestamp'): BoolExp {
  return { [column]: { _gte: at }, _or: [{ [column]: { _gt: at } }, { id: { _gt: id } }] }
}

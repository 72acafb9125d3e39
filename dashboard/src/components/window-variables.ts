import type { Range } from './use-range.ts'

/** A window and where the equal one right before it begins, as variables of a query. */
export interface Windows {
  since: string
  until: string
  beforeSince: string
  [name: string]: unknown
}

/** The window at this moment, and where the equal one before it began. */
export function windowVariables(range: Range): Windows {
  const { from, to } = range.span()
  return {
    since: new Date(from).toISOString(),
    until: new Date(to).toISOString(),
    beforeSince: new Date(from - (to - from)).toISOString(),
  }
}

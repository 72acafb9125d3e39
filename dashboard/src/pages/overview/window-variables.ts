import type { Range } from '../../components/use-range.ts'
import type { Windows } from './queries.ts'

/** The window at this moment, and where the equal one before it began. */
export function windowVariables(range: Range): Windows {
  const { from, to } = range.span()
  return {
    since: new Date(from).toISOString(),
    until: new Date(to).toISOString(),
    beforeSince: new Date(from - (to - from)).toISOString(),
  }
}

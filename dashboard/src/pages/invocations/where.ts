import { anyOf, type BoolExp, parseSearchQuery, statusExp } from '../../model/search-query.ts'
import type { InvocationsSearch } from './url.ts'

/** The filter as a Hasura `where`, without the time range. */
export function toWhere(search: InvocationsSearch): BoolExp {
  const all: BoolExp[] = []
  if (search.status) all.push(anyOf(search.status.map(statusExp)))
  if (search.function) all.push({ source_function: { _in: search.function } })
  if (search.table) all.push({ source_table: { _in: search.table } })
  if (search.operation) all.push({ source_operation: { _in: search.operation } })
  if (search.roots) all.push({ source_job_id: { _is_null: true } })
  if (search.q) all.push(...parseSearchQuery(search.q).conditions)
  return all.length > 0 ? { _and: all } : {}
}

/** The filter within a time range: from its start on, and before its end unless that is now. */
export function within(where: BoolExp, { from, to }: { from: string; to: string }, moving: boolean): BoolExp {
  return { _and: [where, { created_at: moving ? { _gte: from } : { _gte: from, _lt: to } }] }
}

import type { InvocationsSearch } from './url.ts'

type BoolExp = Record<string, unknown>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Completed, but a job in it failed: shown as a status of its own, so it can be chosen like one. */
export const JOB_FAILED = 'job_failed'

/** The filter as a Hasura `where`. */
export function toWhere(search: InvocationsSearch): BoolExp {
  const all: BoolExp[] = []
  if (search.status) all.push(anyOf(search.status.map(statusExp)))
  if (search.function) all.push({ source_function: { _in: search.function } })
  if (search.table) all.push({ source_table: { _in: search.table } })
  if (search.operation) all.push({ source_operation: { _in: search.operation } })
  if (search.roots) all.push({ source_job_id: { _is_null: true } })
  if (search.q) all.push(keyExp(search.q))
  return all.length > 0 ? { _and: all } : {}
}

function statusExp(status: string): BoolExp {
  if (status === JOB_FAILED) return { status: { _eq: 'completed' }, total_jobs_failed: { _gt: 0 } }
  if (status === 'completed') return { status: { _eq: 'completed' }, total_jobs_failed: { _eq: 0 } }
  return { status: { _eq: status } }
}

function keyExp(text: string): BoolExp {
  const key = { source_record_id: { _eq: text } }
  return UUID.test(text) ? anyOf([{ id: { _eq: text } }, { correlation_id: { _eq: text } }, key]) : key
}

function anyOf(expressions: BoolExp[]): BoolExp {
  const [only] = expressions
  return expressions.length === 1 && only ? only : { _or: expressions }
}

/** Rows older than this one, in the order of the list. */
export function olderThan(where: BoolExp, row: { created_at: string; id: string }): BoolExp {
  const older = anyOf([
    { created_at: { _lt: row.created_at } },
    { created_at: { _eq: row.created_at }, id: { _lt: row.id } },
  ])
  return { _and: [where, older] }
}

export function newerThan(where: BoolExp, row: { created_at: string; id: string }): BoolExp {
  const newer = anyOf([
    { created_at: { _gt: row.created_at } },
    { created_at: { _eq: row.created_at }, id: { _gt: row.id } },
  ])
  return { _and: [where, newer] }
}

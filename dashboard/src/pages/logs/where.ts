import { type LogFilters, parseLogQuery } from '../../model/log-query.ts'
import type { LogsSearch } from './url.ts'

/** The filter as `search_logs` takes it. */
export function toFilters(search: LogsSearch): LogFilters {
  return {
    ...parseLogQuery(search.q ?? '').filters,
    ...(search.level && { level: search.level }),
    ...(search.service && { service: search.service }),
    ...(search.job && { job: search.job }),
  }
}

interface Place {
  id: string
  created_at: string
}

/** Lines before this one, in the order of the list. */
export function beforeLine({ id, created_at: at }: Place): object {
  return { _or: [{ timestamp: { _lt: at } }, { timestamp: { _eq: at }, id: { _lt: id } }] }
}

export function afterLine({ id, created_at: at }: Place): object {
  return { _or: [{ timestamp: { _gt: at } }, { timestamp: { _eq: at }, id: { _gt: id } }] }
}

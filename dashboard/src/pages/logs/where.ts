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

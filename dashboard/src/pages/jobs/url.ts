import { parseSort } from '../../model/sort-rows.ts'

export const JOB_SORTS = ['name', 'runs', 'failed', 'p50', 'p95', 'p99', 'last'] as const

/** What the list's address says besides the time range. */
export interface JobsSearch {
  /** A part of the name. */
  q?: string
  /** Only jobs of which a run failed. */
  only?: 'failing'
  /** A column, with a minus for descending; else those that failed most, then those that ran most. */
  sort?: string
}

export function parseJobsSearch(search: Record<string, unknown>): JobsSearch {
  const q = typeof search.q === 'string' ? search.q.trim() : ''
  const sort = parseSort(search.sort, JOB_SORTS)
  return { ...(q && { q }), ...(search.only === 'failing' && { only: 'failing' }), ...(sort && { sort }) }
}

/** What the address of one job says besides its name and the time range. */
export interface JobSearch {
  /** Which of its runs are listed. @default all */
  status?: 'failed'
}

export function parseJobSearch(search: Record<string, unknown>): JobSearch {
  return search.status === 'failed' ? { status: 'failed' } : {}
}

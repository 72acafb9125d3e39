import { parseSort } from '../../model/sort-rows.ts'

export const MODULE_SORTS = ['name', 'asked', 'detected', 'share', 'failed', 'spent', 'detection', 'handler'] as const
export const MODULE_FILTERS = ['never', 'always', 'failing'] as const
export type ModuleFilter = (typeof MODULE_FILTERS)[number]

/** What the list's address says besides the time range. */
export interface ModulesSearch {
  /** A part of the name. */
  q?: string
  /** Only modules that never fired, that fired whenever they were asked, or that failed. */
  only?: ModuleFilter
  /** A column, with a minus for descending; else those that were asked most. */
  sort?: string
}

export function parseModulesSearch(search: Record<string, unknown>): ModulesSearch {
  const q = typeof search.q === 'string' ? search.q.trim() : ''
  const only = MODULE_FILTERS.find(known => known === search.only)
  const sort = parseSort(search.sort, MODULE_SORTS)
  return { ...(q && { q }), ...(only && { only }), ...(sort && { sort }) }
}

/** What the address of one module says besides its name and the time range. */
export interface ModuleSearch {
  /** Which of its verdicts are listed. @default those that fired */
  show?: 'failed' | 'all'
}

export function parseModuleSearch(search: Record<string, unknown>): ModuleSearch {
  return search.show === 'failed' || search.show === 'all' ? { show: search.show } : {}
}

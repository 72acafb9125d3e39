import type { Against } from '../../model/compared-windows.ts'

export const TABS = ['trends', 'failures', 'bottlenecks', 'durations'] as const
export type Tab = (typeof TABS)[number]
export const KINDS = ['function', 'detector', 'handler', 'job'] as const
/** What durations are of. */
export type Kind = (typeof KINDS)[number]

/** What the address of the analytics says besides the time range. */
export interface AnalyticsSearch {
  /** `trends` by default. */
  tab?: Tab
  /** `before` by default. */
  against?: Against
  /** `function` by default. */
  kind?: Kind
  /** One function, module or job; all by default. */
  name?: string
  /** Of bottlenecks: by total time by default. */
  sort?: 'p95'
}

export function parseAnalyticsSearch(search: Record<string, unknown>): AnalyticsSearch {
  const parsed: AnalyticsSearch = {}
  const tab = TABS.find(known => known === search.tab)
  if (tab) parsed.tab = tab
  if (search.against === 'week') parsed.against = 'week'
  const kind = KINDS.find(known => known === search.kind)
  if (kind) parsed.kind = kind
  if (typeof search.name === 'string' && search.name !== '') parsed.name = search.name
  if (search.sort === 'p95') parsed.sort = 'p95'
  return parsed
}

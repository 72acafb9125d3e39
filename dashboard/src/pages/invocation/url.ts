export const TABS = ['summary', 'modules', 'jobs', 'row', 'payload', 'console', 'delivery', 'replay', 'raw'] as const
export type Tab = (typeof TABS)[number]

/** What the address of an invocation says besides its id. */
export interface InvocationSearch {
  /** @default 'summary' */
  tab?: Tab
}

export function parseInvocationSearch(search: Record<string, unknown>): InvocationSearch {
  const tab = TABS.find(known => known === search.tab)
  return tab && tab !== 'summary' ? { tab } : {}
}

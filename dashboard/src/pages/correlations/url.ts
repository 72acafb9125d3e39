/** What the list of correlations' address says besides the time range. */
export interface CorrelationsSearch {
  /** An id of any kind, a record key or table:key. */
  key?: string
}

export function parseCorrelationsSearch(search: Record<string, unknown>): CorrelationsSearch {
  const key = typeof search.key === 'string' ? search.key.trim() : ''
  // A person's address does not belong into an address of a page.
  return key && !key.includes('@') ? { key } : {}
}

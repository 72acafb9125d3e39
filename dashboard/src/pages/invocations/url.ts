/** What the list's address says besides the time range. Every part may be missing. */
export interface InvocationsSearch {
  status?: string[]
  function?: string[]
  table?: string[]
  operation?: string[]
  /** Only invocations that no job caused, what they led to below them. */
  roots?: true
  /** A search text; see model/search-query. Users stand in it as `~id`, never with their address. */
  q?: string
  /** The longest first; else the newest. */
  sort?: 'duration'
  /** The columns shown, when not the usual ones. */
  cols?: string[]
}

export type ListFilter = 'status' | 'function' | 'table' | 'operation'

export function parseInvocationsSearch(search: Record<string, unknown>): InvocationsSearch {
  const parsed: InvocationsSearch = {}
  for (const name of ['status', 'function', 'table', 'operation', 'cols'] as const) {
    const values = toList(search[name])
    if (values.length > 0) parsed[name] = values
  }
  if (search.roots === '1' || search.roots === 'true' || search.roots === true) parsed.roots = true
  const q = typeof search.q === 'string' ? search.q.trim() : ''
  if (q) parsed.q = q
  if (search.sort === 'duration') parsed.sort = 'duration'
  return parsed
}

/** Whether anything but the look of the list was chosen. */
export function isFiltered({ sort: _, cols: __, ...filters }: InvocationsSearch): boolean {
  return Object.entries(filters).some(([name, value]) => value !== undefined && name !== 'from' && name !== 'to')
}

function toList(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value]
  return [...new Set(values.filter(item => typeof item === 'string' && item !== ''))] as string[]
}

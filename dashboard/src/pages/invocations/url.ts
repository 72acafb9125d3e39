/** What the list's address says. Every part may be missing. */
export interface InvocationsSearch {
  status?: string[]
  function?: string[]
  table?: string[]
  operation?: string[]
  /** Only invocations that no job caused. */
  roots?: true
  /** A record key, or the id of an invocation or a correlation. */
  q?: string
}

export type ListFilter = 'status' | 'function' | 'table' | 'operation'

export function parseInvocationsSearch(search: Record<string, unknown>): InvocationsSearch {
  const parsed: InvocationsSearch = {}
  for (const name of ['status', 'function', 'table', 'operation'] as const) {
    const values = toList(search[name])
    if (values.length > 0) parsed[name] = values
  }
  if (search.roots === '1' || search.roots === 'true' || search.roots === true) parsed.roots = true
  const q = typeof search.q === 'string' ? search.q.trim() : ''
  if (q) parsed.q = q
  return parsed
}

export function isFiltered(search: InvocationsSearch): boolean {
  return Object.keys(search).length > 0
}

function toList(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value]
  return [...new Set(values.filter(item => typeof item === 'string' && item !== ''))] as string[]
}

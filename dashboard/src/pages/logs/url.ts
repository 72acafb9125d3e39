export const CONTEXTS = ['job', 'trace', 'service', 'all'] as const
/** Which lines stand around the opened one: of its job or span, of its trace, of its service, or all. */
export type LogContext = (typeof CONTEXTS)[number]

/** What the address of the logs says besides the time range. */
export interface LogsSearch {
  q?: string
  level?: string[]
  service?: string[]
  job?: string[]
  /** The opened line: its id, and its time as it is stored. It is found whatever the time range says. */
  sel?: string
  at?: string
  near?: LogContext
}

export function parseLogsSearch(search: Record<string, unknown>): LogsSearch {
  const parsed: LogsSearch = {}
  for (const name of ['level', 'service', 'job'] as const) {
    const value = search[name]
    const values = (Array.isArray(value) ? value : [value]).filter(item => typeof item === 'string' && item !== '')
    if (values.length > 0) parsed[name] = [...new Set(values as string[])]
  }
  const q = typeof search.q === 'string' || typeof search.q === 'number' ? String(search.q).trim() : ''
  if (q) parsed.q = q
  if (typeof search.sel === 'string' && search.sel !== '' && isTimestamp(search.at)) {
    parsed.sel = search.sel
    parsed.at = search.at
    const near = CONTEXTS.find(known => known === search.near)
    if (near) parsed.near = near
  }
  return parsed
}

export function isFiltered({ q, level, service, job }: LogsSearch): boolean {
  return [q, level, service, job].some(value => value !== undefined)
}

function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)
}

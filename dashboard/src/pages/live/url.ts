/** What the address of the live page says. */
export interface LiveSearch {
  topic?: string[]
  level?: string[]
  service?: string[]
}

export function parseLiveSearch(search: Record<string, unknown>): LiveSearch {
  const parsed: LiveSearch = {}
  for (const name of ['topic', 'level', 'service'] as const) {
    const value = search[name]
    const values = (Array.isArray(value) ? value : [value]).filter(item => typeof item === 'string' && item !== '')
    if (values.length > 0) parsed[name] = [...new Set(values as string[])]
  }
  return parsed
}

/** Search parameters as plain text: a list is the name repeated, so links stay readable and easy to type. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const params = new URLSearchParams(text)
  const search: Record<string, string | string[]> = {}
  for (const key of new Set(params.keys())) {
    const values = params.getAll(key)
    const [first] = values
    search[key] = values.length === 1 && first !== undefined ? first : values
  }
  return search
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parts: string[] = []
  for (const [key, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '' || value === false) continue
    for (const item of Array.isArray(value) ? value : [value]) parts.push(`${encode(key)}=${encode(String(item))}`)
  }
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

/** Colons and commas are harmless in a query and easier to read as they are. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%2C', ',')
}

/** The value of one cookie in a Cookie header; undefined when it is not there. */
export function cookieValue(header: string | string[] | undefined, name: string): string | undefined {
  for (const pair of String(header ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

import { type ConfigReader, matching } from '../config-reader.ts'

// RFC 9110's token, and what a header may hold.
const headerName = matching(/^[!#$%&'*+.^_`|~\w-]+$/, 'a header name')
const headerValue = matching(/^[\t\x20-\x7e]*$/, 'a text of printable characters')

/** Headers, checked one by one. `where` names the option in what is reported. */
export function readHeaders(
  reader: ConfigReader,
  where: string,
  entries: readonly [string, unknown][],
): Record<string, string> {
  return Object.fromEntries(
    entries.map(([name, value]) => [
      reader.get(where, name, headerName, ''),
      reader.get(where, value, headerValue, ''),
    ]),
  )
}

/** Headers in the form of W3C baggage: `name=value` pairs between commas, values percent-encoded. */
export function readHeaderList(reader: ConfigReader, where: string, list: string | undefined): Record<string, string> {
  const pairs = (list ?? '').split(',').filter(pair => pair.trim() !== '')
  if (pairs.some(pair => !pair.includes('='))) {
    reader.mistake(`${where}: got string (not shown), allowed is name=value,name=value`)
    return {}
  }
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at).trim(), decode(pair.slice(at + 1).trim())]
  })
  return readHeaders(reader, where, entries)
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    // Not encoded: a lone % stands for itself.
    return value
  }
}

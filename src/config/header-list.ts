import { type ConfigReader, type Field, Mistake, matching } from '../config-reader.ts'

// RFC 9110's token, and what a header may hold.
const headerName = matching(/^[!#$%&'*+.^_`|~\w-]+$/, 'a header name')
export const headerValue = matching(/^[\t\x20-\x7e]*$/, 'a text of printable characters')

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

/** Headers of an option that is an object of names and values. */
export function readHeaderOption(reader: ConfigReader, where: string, given: unknown): Record<string, string> {
  return readHeaders(reader, where, Object.entries(reader.get(where, given, namesAndValues, {})))
}

const namesAndValues: Field<object> = {
  read: value =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value
      : new Mistake('an object of header names and values'),
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

import { type ConfigReader, type Field, Mistake, matching } from '../config-reader.ts'

// RFC 9110's token, and what a header may hold.
const headerName = matching(/^[!#$%&'*+.^_`|~\w-]+$/, 'a header name')
export const headerValue: Field<string> = matching(/^[\t\x20-\x7e]*$/, 'a text of printable characters')

/** Headers of an option or a variable that is called `where`. */
export function readHeaders(reader: ConfigReader, where: string, given: unknown): Record<string, string> {
  const entries = reader.get(where, given, object, {})
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [
      reader.get(where, name, headerName, ''),
      reader.get(where, value, headerValue, ''),
    ]),
  )
}

const object: Field<object> = {
  read: value =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value
      : new Mistake('an object of header names and values'),
}

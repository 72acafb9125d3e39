/** A name as a quoted SQL identifier. */
export function quoteIdent(name: string): string {
  if (name.includes('\0')) throw new TypeError('a Postgres identifier cannot contain a NUL character')
  return `"${name.replaceAll('"', '""')}"`
}

/** Text as a quoted SQL literal, for statements that take no parameters (DDL). */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new TypeError('a Postgres literal cannot contain a NUL character')
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

const SPECIAL = /[\\\n\r\t]/
const ALL_SPECIAL = /[\\\n\r\t]/g
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Rows in the text format of COPY: what other programs send. */
export function copyText(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): Uint8Array {
  return Buffer.from(rows.map(row => `${columns.map(column => copyValue(row[column])).join('\t')}\n`).join(''))
}

function copyValue(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  const text = typeof value === 'string' ? value : String(value)
  return SPECIAL.test(text) ? text.replace(ALL_SPECIAL, character => ESCAPES[character] as string) : text
}

import { quoteIdent, quoteLiteral } from '../../db/identifiers.ts'

/** A key of a JSON object and the SQL of its value. */
export interface JsonField {
  readonly key: string
  readonly sql: string
}

// Postgres cuts longer column names, has no more columns in a row, and takes at most a hundred arguments per call.
const MAX_COLUMN_NAME_BYTES = 63
const MAX_COLUMNS = 1_600
const MAX_PAIRS = 50

/**
 * The columns of a SELECT whose rows become JSON objects, and the expression that turns such a row into JSON.
 * Column names become keys; keys too long for a column name, and too many of them, need the slower function.
 */
export function jsonRow(fields: readonly JsonField[], row: string): { columns: string; json: string } {
  if (fields.length <= MAX_COLUMNS && fields.every(({ key }) => key.length <= MAX_COLUMN_NAME_BYTES)) {
    return { columns: fields.map(({ key, sql }) => `${sql} AS ${quoteIdent(key)}`).join(', '), json: row }
  }
  return { columns: `${jsonObject(fields)} AS "row"`, json: `${row}."row"` }
}

/** An object of any number of fields. Many are put together from the texts of several objects, without their inner braces. */
export function jsonObject(fields: readonly JsonField[]): string {
  if (fields.length <= MAX_PAIRS) {
    return `json_build_object(${fields.map(({ key, sql }) => `${quoteLiteral(key)}, ${sql}`).join(', ')})`
  }
  const parts: string[] = []
  for (let start = 0; start < fields.length; start += MAX_PAIRS) {
    const text = `${jsonObject(fields.slice(start, start + MAX_PAIRS))}::text`
    const isLast = start + MAX_PAIRS >= fields.length
    const opened = start === 0 ? text : `substr(${text}, 2)`
    parts.push(isLast ? opened : `left(${opened}, -1)`)
  }
  return `(${parts.join(` || ', ' || `)})::json`
}

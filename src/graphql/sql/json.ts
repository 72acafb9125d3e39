import { quoteIdent, quoteLiteral } from '../../db/identifiers.ts'
import { invalid } from '../errors.ts'

/** A key of a JSON object and the SQL of its value. */
export interface JsonField {
  readonly key: string
  readonly sql: string
}

// Postgres cuts longer column names, and takes at most a hundred arguments per call.
const MAX_COLUMN_NAME_BYTES = 63
const MAX_PAIRS = 50

/**
 * The columns of a SELECT whose rows become JSON objects, and the expression that turns such a row into JSON.
 * Column names become keys; keys too long for a column name need the slower function.
 */
export function jsonRow(fields: readonly JsonField[], row: string): { columns: string; json: string } {
  if (fields.every(({ key }) => key.length <= MAX_COLUMN_NAME_BYTES)) {
    return { columns: fields.map(({ key, sql }) => `${sql} AS ${quoteIdent(key)}`).join(', '), json: row }
  }
  return { columns: `${jsonObject(fields)} AS "row"`, json: `${row}."row"` }
}

export function jsonObject(fields: readonly JsonField[]): string {
  if (fields.length > MAX_PAIRS) {
    invalid(
      `an object may have at most ${MAX_PAIRS} fields when an alias is longer than ${MAX_COLUMN_NAME_BYTES} letters`,
    )
  }
  return `json_build_object(${fields.map(({ key, sql }) => `${quoteLiteral(key)}, ${sql}`).join(', ')})`
}

export const hasManyPairs = (fields: readonly JsonField[]): boolean => fields.length > MAX_PAIRS

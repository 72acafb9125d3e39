import { quoteIdent, quoteLiteral } from '../db/identifiers.ts'
import type { Pool } from '../db/pool.ts'

/**
 * The SQL expression, of text, for an event `e` as one JSON object of its columns that are not null. Nulls inside of JSON
 * columns stay, as there they mean something.
 */
export async function eventJson(pool: Pool, schema: string): Promise<string> {
  const { rows } = await pool.query<{ name: string; is_json: boolean }>(
    `SELECT attname AS name, atttypid IN ('json'::regtype, 'jsonb'::regtype) AS is_json FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [`${quoteIdent(schema)}.events`],
  )
  const column = (name: string): string => `e.${quoteIdent(name)}`
  const plain = rows.filter(row => !row.is_json).map(row => column(row.name))
  const json = rows
    .filter(row => row.is_json)
    .map(({ name }) => `coalesce(${quoteLiteral(`,${JSON.stringify(name)}:`)} || ${column(name)}::text, '')`)
  // There is always an id, so a comma is always right.
  const object = `json_strip_nulls(row_to_json((SELECT plain FROM (SELECT ${plain.join(', ')}) AS plain)))::text`
  return [`left(${object}, -1)`, ...json, `'}'`].join(' || ')
}

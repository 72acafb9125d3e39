import { quoteIdent } from '../../db/identifiers.ts'
import type { Pool } from '../../db/pool.ts'
import type { IntrospectedTable } from './introspect.ts'
import { isGraphqlName } from './names.ts'
import type { EnumValue } from './types.ts'

/** The rows of an enum table by name; null when the table cannot be one. */
export async function readEnumValues(pool: Pool, table: IntrospectedTable): Promise<EnumValue[] | null> {
  const { columns, primaryKey } = table
  const [key] = primaryKey ?? []
  if (key === undefined || primaryKey?.length !== 1 || columns.length > 2) return null
  if (columns.some(({ type }) => type.name !== 'text' && type.name !== 'varchar')) return null
  const comment = columns.find(({ name }) => name !== key)?.name
  const { rows } = await pool.query<{ name: string; description: string | null }>(
    `SELECT ${quoteIdent(key)} AS name, ${comment === undefined ? 'NULL' : quoteIdent(comment)} AS description
     FROM ${quoteIdent(table.schema)}.${quoteIdent(table.name)} ORDER BY ${quoteIdent(key)} COLLATE "C"`,
  )
  const reserved = new Set(['true', 'false', 'null'])
  const fits = rows.length > 0 && rows.every(({ name }) => isGraphqlName(name) && !reserved.has(name))
  return fits ? rows : null
}

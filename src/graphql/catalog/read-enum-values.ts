import { quoteIdent } from '../../db/identifiers.ts'
import type { Pool } from '../../db/pool.ts'
import type { IntrospectedTable } from './introspect.ts'
import { isGraphqlName } from './names.ts'
import type { EnumValue } from './types.ts'

export type DatabaseEnumValue = Omit<EnumValue, 'name'>

/** The rows of an enum table; null when the table cannot be one. */
export async function readEnumValues(pool: Pool, table: IntrospectedTable): Promise<DatabaseEnumValue[] | null> {
  const { columns, primaryKey } = table
  const [key] = primaryKey ?? []
  if (key === undefined || primaryKey?.length !== 1 || columns.length > 2) return null
  if (columns.some(({ type }) => type.name !== 'text' && type.name !== 'varchar')) return null
  const comment = columns.find(({ name }) => name !== key)?.name
  const { rows } = await pool.query<{ value: string; description: string | null }>(
    `SELECT ${quoteIdent(key)} AS value, ${comment === undefined ? 'NULL' : quoteIdent(comment)} AS description
     FROM ${quoteIdent(table.schema)}.${quoteIdent(table.name)} ORDER BY ${quoteIdent(key)} COLLATE "C"`,
  )
  const reserved = new Set(['true', 'false', 'null'])
  const fits = rows.length > 0 && rows.every(({ value }) => isGraphqlName(value) && !reserved.has(value))
  return fits ? rows : null
}

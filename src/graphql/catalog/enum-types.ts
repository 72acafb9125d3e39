import type { MetadataSource } from '../../hasura/metadata.ts'
import type { IntrospectedTable } from './introspect.ts'
import { tableStem } from './names.ts'
import type { Naming } from './naming.ts'
import { describe, type EnumValue, type PgType, tableKey } from './types.ts'

/** What the columns that refer to an enum table become, by the table's key. */
export type EnumTypes = ReadonlyMap<string, { readonly scalar: string; readonly values: readonly EnumValue[] }>

export function enumTypes(
  naming: Naming,
  source: MetadataSource,
  found: ReadonlyMap<string, IntrospectedTable>,
  inconsistencies: string[],
): EnumTypes {
  const types = new Map<string, { scalar: string; values: readonly EnumValue[] }>()
  for (const metadata of source.tables) {
    const real = found.get(tableKey(metadata.table))
    if (!metadata.is_enum || real === undefined) continue
    if (real.enumValues === null) {
      inconsistencies.push(
        `table ${metadata.table.schema}.${metadata.table.name} is no enum: that takes a primary key of one text column, ` +
          'at most one more column (of text), and at least one row, with keys that are GraphQL names',
      )
      continue
    }
    const scalar = naming.type(tableStem(metadata), 'enum')
    const values = real.enumValues.map(item => Object.freeze({ ...item, name: naming.enumValue(item.value) }))
    const names = values.map(({ name }) => name)
    const again = names.find((name, index) => names.indexOf(name) !== index)
    if (again !== undefined) {
      inconsistencies.push(
        `table ${describe(metadata.table)} is no enum: several of its values are ${again} in GraphQL`,
      )
      continue
    }
    types.set(tableKey(metadata.table), { scalar, values: Object.freeze(values) })
  }
  return types
}

/** The type of a column: that of the enum table it refers to, else its own. */
export function columnType(type: PgType, column: string, table: IntrospectedTable, enums: EnumTypes): PgType {
  for (const key of table.foreignKeys) {
    if (key.columns.length !== 1 || key.columns[0] !== column) continue
    const found = enums.get(tableKey({ schema: key.schema, name: key.table }))
    if (found !== undefined) return Object.freeze({ ...type, ...found })
  }
  return type
}

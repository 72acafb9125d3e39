import type { MetadataCustomization, MetadataFunction, MetadataTable, QualifiedName } from '../../hasura/metadata.ts'
import { type MutationRootField, type RootFieldName, type SelectRootField, shown } from './types.ts'

export const isGraphqlName = (name: string): boolean => /^[_A-Za-z][_0-9A-Za-z]*$/.test(name)

/** `t` in schema public, `schema_t` elsewhere, or the custom name. */
export function tableBaseName(metadata: MetadataTable): string {
  return metadata.configuration?.custom_name ?? qualified(metadata.table)
}

const qualified = (name: QualifiedName): string =>
  name.schema === 'public' ? name.name : `${name.schema}_${name.name}`

export function typeNameOf(customization: MetadataCustomization | undefined, name: string): string {
  const { prefix = '', suffix = '' } = customization?.type_names ?? {}
  return `${prefix}${name}${suffix}`
}

function rootFieldNameOf(customization: MetadataCustomization | undefined, name: string): string {
  const { prefix = '', suffix = '' } = customization?.root_fields ?? {}
  return `${prefix}${name}${suffix}`
}

type RootField = SelectRootField | MutationRootField

const PATTERNS: Readonly<Record<RootField, (base: string) => string>> = {
  select: base => base,
  select_by_pk: base => `${base}_by_pk`,
  select_aggregate: base => `${base}_aggregate`,
  select_stream: base => `${base}_stream`,
  insert: base => `insert_${base}`,
  insert_one: base => `insert_${base}_one`,
  update: base => `update_${base}`,
  update_by_pk: base => `update_${base}_by_pk`,
  update_many: base => `update_${base}_many`,
  delete: base => `delete_${base}`,
  delete_by_pk: base => `delete_${base}_by_pk`,
}

/** What the metadata says of something, where an empty text means nothing at all; else what else there is to say. */
export const explained = (comment: string | undefined, otherwise: string | null): string | null =>
  comment === undefined ? otherwise : comment === '' ? null : comment

const DESCRIPTIONS: Readonly<Record<RootField, (table: QualifiedName) => string>> = {
  select: table => `fetch data from the table: "${shown(table)}"`,
  select_by_pk: table => `fetch data from the table: "${shown(table)}" using primary key columns`,
  select_aggregate: table => `fetch aggregated fields from the table: "${shown(table)}"`,
  select_stream: table => `fetch data from the table in a streaming manner: "${shown(table)}"`,
  insert: table => `insert data into the table: "${shown(table)}"`,
  insert_one: table => `insert a single row into the table: "${shown(table)}"`,
  update: table => `update data of the table: "${shown(table)}"`,
  update_by_pk: table => `update single row of the table: "${shown(table)}"`,
  update_many: table => `update multiples rows of table: "${shown(table)}"`,
  delete: table => `delete data from the table: "${shown(table)}"`,
  delete_by_pk: table => `delete single row from the table: "${shown(table)}"`,
}

export function rootFieldNames(
  customization: MetadataCustomization | undefined,
  metadata: MetadataTable,
): Readonly<Record<RootField, RootFieldName>> {
  const base = tableBaseName(metadata)
  const made = (field: RootField): RootFieldName => {
    const custom = metadata.configuration?.custom_root_fields?.[field]
    return Object.freeze({
      name: rootFieldNameOf(customization, custom?.name ?? PATTERNS[field](base)),
      description: explained(custom?.comment, DESCRIPTIONS[field](metadata.table)),
    })
  }
  const fields = Object.keys(PATTERNS) as RootField[]
  return Object.freeze(
    Object.fromEntries(fields.map(field => [field, made(field)])) as Record<RootField, RootFieldName>,
  )
}

export function functionNames(
  customization: MetadataCustomization | undefined,
  metadata: MetadataFunction,
): { rootField: string; aggregateRootField: string; argsTypeName: string } {
  const base = metadata.configuration?.custom_name ?? qualified(metadata.function)
  const custom = metadata.configuration?.custom_root_fields ?? {}
  return {
    rootField: rootFieldNameOf(customization, custom.function ?? base),
    aggregateRootField: rootFieldNameOf(customization, custom.function_aggregate ?? `${base}_aggregate`),
    argsTypeName: typeNameOf(customization, `${base}_args`),
  }
}

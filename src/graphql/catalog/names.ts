import type { MetadataCustomization, MetadataFunction, MetadataTable, QualifiedName } from '../../hasura/metadata.ts'
import type { RootFieldName, SelectRootField } from './types.ts'

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

const SUFFIXES: Readonly<Record<SelectRootField, string>> = {
  select: '',
  select_by_pk: '_by_pk',
  select_aggregate: '_aggregate',
  select_stream: '_stream',
}

const DESCRIPTIONS: Readonly<Record<SelectRootField, (table: QualifiedName) => string>> = {
  select: table => `fetch data from the table: "${shown(table)}"`,
  select_by_pk: table => `fetch data from the table: "${shown(table)}" using primary key columns`,
  select_aggregate: table => `fetch aggregated fields from the table: "${shown(table)}"`,
  select_stream: table => `fetch data from the table in a streaming manner: "${shown(table)}"`,
}

const shown = (name: QualifiedName): string => (name.schema === 'public' ? name.name : `${name.schema}.${name.name}`)

export function rootFieldNames(
  customization: MetadataCustomization | undefined,
  metadata: MetadataTable,
  comment: string | null,
): Readonly<Record<SelectRootField, RootFieldName>> {
  const base = tableBaseName(metadata)
  const made = (field: SelectRootField): RootFieldName => {
    const custom = metadata.configuration?.custom_root_fields?.[field]
    const tableComment = field === 'select' ? (metadata.configuration?.comment ?? comment) : null
    return Object.freeze({
      name: rootFieldNameOf(customization, custom?.name ?? `${base}${SUFFIXES[field]}`),
      description: custom?.comment ?? tableComment ?? DESCRIPTIONS[field](metadata.table),
    })
  }
  return Object.freeze({
    select: made('select'),
    select_by_pk: made('select_by_pk'),
    select_aggregate: made('select_aggregate'),
    select_stream: made('select_stream'),
  })
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

import type { MetadataFunction, MetadataTable, QualifiedName } from '../../hasura/metadata.ts'
import type { Naming, Stem } from './naming.ts'
import { type MutationRootField, type RootFieldName, type SelectRootField, shown } from './types.ts'

export const isGraphqlName = (name: string): boolean => /^[_A-Za-z][_0-9A-Za-z]*$/.test(name)

/** `t` in schema public, `schema_t` elsewhere, or the custom name. */
export function tableStem(metadata: MetadataTable): Stem {
  return stemOf(metadata.configuration?.custom_name, metadata.table)
}

const stemOf = (custom: string | undefined, name: QualifiedName): Stem =>
  Object.freeze({ text: custom ?? qualified(name), isCustom: custom !== undefined })

const qualified = (name: QualifiedName): string =>
  name.schema === 'public' ? name.name : `${name.schema}_${name.name}`

type RootField = SelectRootField | MutationRootField

/** What stands before and after the name of the table. */
const PATTERNS: Readonly<Record<RootField, readonly [before: string, after: string]>> = {
  select: ['', ''],
  select_by_pk: ['', 'by_pk'],
  select_aggregate: ['', 'aggregate'],
  select_stream: ['', 'stream'],
  insert: ['insert', ''],
  insert_one: ['insert', 'one'],
  update: ['update', ''],
  update_by_pk: ['update', 'by_pk'],
  update_many: ['update', 'many'],
  delete: ['delete', ''],
  delete_by_pk: ['delete', 'by_pk'],
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

export function rootFieldNames(naming: Naming, metadata: MetadataTable): Readonly<Record<RootField, RootFieldName>> {
  const stem = tableStem(metadata)
  const made = (field: RootField): RootFieldName => {
    const custom = metadata.configuration?.custom_root_fields?.[field]
    const [before, after] = PATTERNS[field]
    return Object.freeze({
      name: custom?.name === undefined ? naming.rootField(before, stem, after) : naming.customRootField(custom.name),
      description: explained(custom?.comment, DESCRIPTIONS[field](metadata.table)),
    })
  }
  const fields = Object.keys(PATTERNS) as RootField[]
  return Object.freeze(
    Object.fromEntries(fields.map(field => [field, made(field)])) as Record<RootField, RootFieldName>,
  )
}

export function functionNames(
  naming: Naming,
  metadata: MetadataFunction,
): { rootField: string; aggregateRootField: string; argsTypeName: string } {
  const stem = stemOf(metadata.configuration?.custom_name, metadata.function)
  const custom = metadata.configuration?.custom_root_fields ?? {}
  const named = (name: string | undefined, after: string): string =>
    name === undefined ? naming.rootField('', stem, after) : naming.customRootField(name)
  return {
    rootField: named(custom.function, ''),
    aggregateRootField: named(custom.function_aggregate, 'aggregate'),
    argsTypeName: naming.type(stem, 'args'),
  }
}

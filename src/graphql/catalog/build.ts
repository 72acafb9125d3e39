import type {
  MetadataInheritedRole,
  MetadataPermission,
  MetadataRelationship,
  MetadataSource,
  MetadataTable,
  NamingConvention,
} from '../../hasura/metadata.ts'
import type { HiddenFields } from '../experimental-features.ts'
import { columnType, type EnumTypes, enumTypes } from './enum-types.ts'
import type { IntrospectedTable, Introspection } from './introspect.ts'
import { explained, isGraphqlName, rootFieldNames, tableStem } from './names.ts'
import { type Naming, namingOf } from './naming.ts'
import { toComputedField } from './to-computed-field.ts'
import { toFunctions } from './to-functions.ts'
import { toRelationship } from './to-relationship.ts'
import { toType } from './to-type.ts'
import {
  type Catalog,
  type Column,
  type ComputedField,
  describe,
  type Relationship,
  type Table,
  tableKey,
} from './types.ts'
import { uniqueNames } from './unique-names.ts'

export interface CatalogResult {
  catalog: Catalog
  /**
   * What the metadata mentions and the database does not have, a sentence each. Like Hasura we leave such an object out
   * and serve the rest.
   */
  inconsistencies: string[]
}

export interface CatalogOptions {
  inheritedRoles?: readonly MetadataInheritedRole[] | undefined
  /** Of a source that names none. */
  defaultConvention?: NamingConvention | undefined
  hidden?: HiddenFields | undefined
}

/** Joins a source's metadata with what its database has. */
export function buildCatalog(
  source: MetadataSource,
  introspection: Introspection,
  { inheritedRoles = [], defaultConvention = 'hasura-default', hidden = {} }: CatalogOptions = {},
): CatalogResult {
  const naming = namingOf(source.customization, defaultConvention)
  const inconsistencies: string[] = []
  const found = new Map(introspection.tables.map(table => [tableKey(table), table]))
  const tables = new Map<string, Table>()
  const unique = uniqueNames()
  const metadataByTable = new Map<Table, MetadataTable>()
  const enums = enumTypes(naming, source, found, inconsistencies)
  for (const metadata of source.tables) {
    const real = found.get(tableKey(metadata.table))
    if (real === undefined) {
      inconsistencies.push(`table ${describe(metadata.table)} does not exist`)
      continue
    }
    const table = toTable(naming, metadata, real, enums, inconsistencies)
    const names = [table.typeName, ...shownRootFields(table, hidden)]
    const mistake = tables.has(tableKey(metadata.table)) ? 'it is tracked twice' : unique.claim(names)
    if (mistake !== null) {
      inconsistencies.push(`table ${describe(metadata.table)}: ${mistake}`)
      continue
    }
    tables.set(tableKey(metadata.table), table)
    metadataByTable.set(table, metadata)
  }
  for (const [table, metadata] of metadataByTable) {
    const relationships = table.relationships as Map<string, Relationship>
    for (const [kind, list] of relationshipLists(metadata)) {
      for (const relationship of list) {
        const made = toRelationship(kind, table, relationship, tables, found)
        if (typeof made === 'string') {
          inconsistencies.push(`relationship ${relationship.name} of ${describe(table.name)}: ${made}`)
        } else relationships.set(relationship.name, made)
      }
    }
  }
  for (const [table, metadata] of metadataByTable) {
    const fields = table.computedFields as Map<string, ComputedField>
    const stem = tableStem(metadata)
    for (const field of metadata.computed_fields ?? []) {
      const { functions } = introspection
      const made = toComputedField(naming, stem, table, field, tables, functions)
      if (typeof made === 'string') {
        inconsistencies.push(`computed field ${field.name} of ${describe(table.name)}: ${made}`)
      } else fields.set(field.name, made)
    }
  }
  const functions = toFunctions(naming, source, introspection, tables, unique, inconsistencies)
  return {
    catalog: Object.freeze({
      source: source.name,
      naming,
      tables,
      functions: Object.freeze(functions),
      inheritedRoles: new Map(inheritedRoles.map(item => [item.role_name, item.role_set])),
    }),
    inconsistencies,
  }
}

function toTable(
  naming: Naming,
  metadata: MetadataTable,
  real: IntrospectedTable,
  enums: EnumTypes,
  inconsistencies: string[],
): Table {
  const configuration = metadata.configuration ?? {}
  const columns = new Map<string, Column>()
  const byName = new Map<string, Column>()
  for (const column of real.columns) {
    const custom = configuration.column_config?.[column.name]
    const field = custom?.custom_name ?? naming.field(column.name)
    const type = columnType(toType(column.type), column.name, real, enums)
    // Hasura hides columns whose names GraphQL cannot write.
    if (!isGraphqlName(field) || !isGraphqlName(type.scalar)) continue
    if (columns.has(field)) {
      const other = columns.get(field)?.name
      inconsistencies.push(`column ${column.name} of ${describe(real)} would be ${field} in GraphQL, as ${other} is`)
      continue
    }
    const made = Object.freeze({
      name: column.name,
      field,
      type,
      nullable: !column.notNull,
      writable: column.writable,
      description: explained(custom?.comment, column.comment),
    })
    columns.set(field, made)
    byName.set(column.name, made)
  }
  for (const name of Object.keys(configuration.column_config ?? {})) {
    if (!real.columns.some(column => column.name === name)) {
      inconsistencies.push(`column ${name} of ${describe(real)} is configured but does not exist`)
    }
  }
  const keyColumns = real.primaryKey?.map(name => byName.get(name)) ?? [undefined]
  const stem = tableStem(metadata)
  return Object.freeze({
    name: Object.freeze({ schema: real.schema, name: real.name }),
    stem,
    typeName: naming.type(stem),
    type: (...words: Parameters<Table['type']>) => naming.type(stem, ...words),
    description: explained(configuration.comment, real.comment ?? `columns and relationships of "${real.name}"`),
    rootFields: rootFieldNames(naming, metadata),
    columns,
    primaryKey: keyColumns.includes(undefined) ? null : Object.freeze(keyColumns as Column[]),
    relationships: new Map<string, Relationship>(),
    computedFields: new Map<string, ComputedField>(),
    selectPermissions: byRole(metadata.select_permissions),
    insertPermissions: byRole(metadata.insert_permissions),
    updatePermissions: byRole(metadata.update_permissions),
    deletePermissions: byRole(metadata.delete_permissions),
    can: Object.freeze(real.can),
    // Hasura offers only those whose names GraphQL can write.
    uniqueConstraints: Object.freeze(real.uniqueConstraints.filter(({ name }) => isGraphqlName(name))),
    refersTo: new Set(real.foreignKeys.map(key => tableKey({ schema: key.schema, name: key.table }))),
  })
}

/** Names that other tables must not have. */
function shownRootFields({ rootFields }: Table, { stream, updateMany }: HiddenFields): string[] {
  const { select_stream, update_many, ...others } = rootFields
  const shown = [...Object.values(others), ...(stream ? [] : [select_stream]), ...(updateMany ? [] : [update_many])]
  return shown.map(({ name }) => name)
}

const byRole = <P>(permissions: MetadataPermission<P>[] | undefined): ReadonlyMap<string, P> =>
  new Map(permissions?.map(item => [item.role, item.permission]))

function relationshipLists(metadata: MetadataTable): ['object' | 'array', MetadataRelationship[]][] {
  return [
    ['object', metadata.object_relationships ?? []],
    ['array', metadata.array_relationships ?? []],
  ]
}

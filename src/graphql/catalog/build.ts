import type { MetadataRelationship, MetadataSource, MetadataTable } from '../../hasura/metadata.ts'
import type { IntrospectedTable, IntrospectedType, Introspection } from './introspect.ts'
import { functionNames, isGraphqlName, rootFieldNames, tableBaseName, typeNameOf } from './names.ts'
import { arrayOf, pgType } from './scalars.ts'
import {
  type Catalog,
  type Column,
  type ColumnPair,
  type FunctionArgument,
  type PgType,
  type Relationship,
  type Table,
  type TableFunction,
  type TableName,
  tableKey,
} from './types.ts'

export interface CatalogResult {
  catalog: Catalog
  /**
   * What the metadata mentions and the database does not have, a sentence each. Like Hasura we leave such an object out
   * and serve the rest.
   */
  inconsistencies: string[]
}

/** Joins a source's metadata with what its database has. */
export function buildCatalog(source: MetadataSource, introspection: Introspection): CatalogResult {
  const inconsistencies: string[] = []
  const found = new Map(introspection.tables.map(table => [tableKey(table), table]))
  const tables = new Map<string, Table>()
  const metadataByTable = new Map<Table, MetadataTable>()
  for (const metadata of source.tables) {
    const real = found.get(tableKey(metadata.table))
    if (real === undefined) {
      inconsistencies.push(`table ${describe(metadata.table)} does not exist`)
      continue
    }
    const table = toTable(source, metadata, real, inconsistencies)
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
  const functions = toFunctions(source, introspection, tables, inconsistencies)
  return {
    catalog: Object.freeze({ source: source.name, tables, functions: Object.freeze(functions) }),
    inconsistencies,
  }
}

const describe = (name: TableName): string => `${name.schema}.${name.name}`

function toTable(
  source: MetadataSource,
  metadata: MetadataTable,
  real: IntrospectedTable,
  inconsistencies: string[],
): Table {
  const configuration = metadata.configuration ?? {}
  const columns = new Map<string, Column>()
  const byName = new Map<string, Column>()
  for (const column of real.columns) {
    const custom = configuration.column_config?.[column.name]
    const field = custom?.custom_name ?? column.name
    // Hasura hides columns whose names GraphQL cannot write.
    if (!isGraphqlName(field)) continue
    const made = Object.freeze({
      name: column.name,
      field,
      type: toType(column.type),
      nullable: !column.notNull,
      description: custom?.comment ?? column.comment,
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
  const baseName = tableBaseName(metadata)
  return Object.freeze({
    name: Object.freeze({ schema: real.schema, name: real.name }),
    typeName: typeNameOf(source.customization, baseName),
    description: configuration.comment ?? real.comment,
    rootFields: rootFieldNames(source.customization, metadata, real.comment),
    columns,
    primaryKey: keyColumns.includes(undefined) ? null : Object.freeze(keyColumns as Column[]),
    relationships: new Map<string, Relationship>(),
    selectPermissions: new Map(metadata.select_permissions?.map(item => [item.role, item.permission])),
  })
}

function toType(type: IntrospectedType): PgType {
  if (type.element === null) return pgType(type.schema, type.name)
  return arrayOf(pgType(type.element.schema, type.element.name))
}

function relationshipLists(metadata: MetadataTable): ['object' | 'array', MetadataRelationship[]][] {
  return [
    ['object', metadata.object_relationships ?? []],
    ['array', metadata.array_relationships ?? []],
  ]
}

/** The relationship, or what is wrong with it. */
function toRelationship(
  kind: 'object' | 'array',
  table: Table,
  metadata: MetadataRelationship,
  tables: ReadonlyMap<string, Table>,
  found: ReadonlyMap<string, IntrospectedTable>,
): Relationship | string {
  const { using } = metadata
  let remoteName: TableName
  let pairs: [string, string][]
  switch (using.kind) {
    case 'manual':
      remoteName = using.remote_table
      pairs = Object.entries(using.column_mapping)
      break
    case 'foreign_key': {
      const key = found.get(tableKey(table.name))?.foreignKeys.find(item => sameColumns(item.columns, using.columns))
      if (key === undefined) return `there is no foreign key on ${using.columns.join(', ')}`
      remoteName = { schema: key.schema, name: key.table }
      pairs = zip(key.columns, key.referencedColumns)
      break
    }
    case 'reverse_foreign_key': {
      remoteName = using.table
      const key = found
        .get(tableKey(using.table))
        ?.foreignKeys.find(
          item =>
            sameColumns(item.columns, using.columns) &&
            item.schema === table.name.schema &&
            item.table === table.name.name,
        )
      if (key === undefined) return `${describe(using.table)} has no foreign key on ${using.columns.join(', ')} to it`
      pairs = zip(key.referencedColumns, key.columns)
      break
    }
    default:
      return using satisfies never
  }
  if (table.columns.has(metadata.name)) return 'a column has the same name'
  const remote = tables.get(tableKey(remoteName))
  if (remote === undefined) return `table ${describe(remoteName)} is not tracked`
  const columns: ColumnPair[] = []
  for (const [from, to] of pairs) {
    const here = columnNamed(table, from)
    const there = columnNamed(remote, to)
    if (here === undefined) return `column ${from} does not exist in ${describe(table.name)}`
    if (there === undefined) return `column ${to} does not exist in ${describe(remote.name)}`
    columns.push({ from: here, to: there })
  }
  return Object.freeze({
    kind,
    name: metadata.name,
    remote,
    columns: Object.freeze(columns),
    // Only a foreign key on NOT NULL columns promises that the object is there.
    nullable: using.kind !== 'foreign_key' || columns.some(pair => pair.from.nullable),
    description: metadata.comment ?? null,
  })
}

const zip = (left: string[], right: string[]): [string, string][] => left.map((item, i) => [item, right[i] as string])

const sameColumns = (left: string[], right: string[]): boolean =>
  left.length === right.length && left.every(column => right.includes(column))

/** A column by its name in the database. */
export function columnNamed(table: Table, name: string): Column | undefined {
  for (const column of table.columns.values()) if (column.name === name) return column
  return undefined
}

function toFunctions(
  source: MetadataSource,
  introspection: Introspection,
  tables: ReadonlyMap<string, Table>,
  inconsistencies: string[],
): TableFunction[] {
  const functions: TableFunction[] = []
  for (const metadata of source.functions) {
    const name = metadata.function
    const found = introspection.functions.filter(item => tableKey(item) === tableKey(name))
    const [real] = found
    const returns = real?.returns && tables.get(tableKey(real.returns))
    if (real === undefined) inconsistencies.push(`function ${describe(name)} does not exist`)
    else if (found.length > 1) inconsistencies.push(`function ${describe(name)} is overloaded, which is not supported`)
    else if (!returns) inconsistencies.push(`function ${describe(name)} does not return rows of a tracked table`)
    else if (metadata.configuration?.exposed_as === 'mutation') continue
    // A volatile function may write; Hasura shows it among the queries only when the metadata says so.
    else if (real.volatile && metadata.configuration?.exposed_as !== 'query') continue
    else {
      const all: FunctionArgument[] = real.arguments.map((argument, index) => ({
        name: argument.name === '' ? `arg_${index + 1}` : argument.name,
        type: toType(argument.type),
        optional: argument.optional,
      }))
      const session = metadata.configuration?.session_argument
      functions.push(
        Object.freeze({
          name: Object.freeze({ schema: real.schema, name: real.name }),
          ...functionNames(source.customization, metadata),
          returns,
          arguments: Object.freeze(all.filter(argument => argument.name !== session)),
          sessionArgument: all.find(argument => argument.name === session) ?? null,
          roles: metadata.permissions === undefined ? null : new Set(metadata.permissions.map(item => item.role)),
          description: metadata.comment ?? real.comment,
        }),
      )
    }
  }
  return functions
}

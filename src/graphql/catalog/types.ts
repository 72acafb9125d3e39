import type {
  MetadataDeletePermission,
  MetadataInsertPermission,
  MetadataSelectPermission,
  MetadataUpdatePermission,
} from '../../hasura/metadata.ts'

/** A Postgres type as the GraphQL side sees it. */
export interface PgType {
  readonly schema: string
  readonly name: string
  /** Name of its GraphQL scalar; of an array the scalar of its elements. */
  readonly scalar: string
  /** What an array is made of. */
  readonly element: PgType | null
  readonly isEnum: boolean
}

export interface Column {
  /** In the database. */
  readonly name: string
  /** In GraphQL. */
  readonly field: string
  readonly type: PgType
  readonly nullable: boolean
  /** Whether it can be written: Postgres makes the values of generated columns and of identities itself. */
  readonly writable: boolean
  readonly description: string | null
}

export interface TableName {
  readonly schema: string
  readonly name: string
}

/** A column here and the one over there that holds the same value. */
export interface ColumnPair {
  readonly from: Column
  readonly to: Column
}

export interface Relationship {
  readonly kind: 'object' | 'array'
  readonly name: string
  readonly remote: Table
  readonly columns: readonly ColumnPair[]
  /** Whether the object may be missing. */
  readonly nullable: boolean
  /** Which row a nested insert writes first: the other one holds the key, or this one does. */
  readonly insertOrder: 'before_parent' | 'after_parent'
  readonly description: string | null
}

/** A primary key or a unique constraint. */
export interface UniqueConstraint {
  readonly name: string
  /** In the database. */
  readonly columns: readonly string[]
}

export const MUTATION_ROOT_FIELDS = [
  'insert',
  'insert_one',
  'update',
  'update_by_pk',
  'update_many',
  'delete',
  'delete_by_pk',
] as const

export type MutationRootField = (typeof MUTATION_ROOT_FIELDS)[number]

export type SelectRootField = 'select' | 'select_by_pk' | 'select_aggregate' | 'select_stream'

export interface RootFieldName {
  readonly name: string
  readonly description: string | null
}

/** A tracked table, view or materialized view. */
export interface Table {
  readonly name: TableName
  /** Its object type, and the stem of all other type names. */
  readonly typeName: string
  readonly description: string | null
  readonly rootFields: Readonly<Record<SelectRootField | MutationRootField, RootFieldName>>
  /** By GraphQL name. */
  readonly columns: ReadonlyMap<string, Column>
  readonly primaryKey: readonly Column[] | null
  /** By name. Filled once all tables are known, never changed afterwards. */
  readonly relationships: ReadonlyMap<string, Relationship>
  /** By role, as the metadata has them. */
  readonly selectPermissions: ReadonlyMap<string, MetadataSelectPermission>
  readonly insertPermissions: ReadonlyMap<string, MetadataInsertPermission>
  readonly updatePermissions: ReadonlyMap<string, MetadataUpdatePermission>
  readonly deletePermissions: ReadonlyMap<string, MetadataDeletePermission>
  /** What Postgres can do with it: views may take all of it, some or nothing. */
  readonly can: { readonly insert: boolean; readonly update: boolean; readonly delete: boolean }
  readonly uniqueConstraints: readonly UniqueConstraint[]
}

export interface FunctionArgument {
  readonly name: string
  readonly type: PgType
  readonly optional: boolean
}

/** A tracked function that returns rows of a tracked table. */
export interface TableFunction {
  readonly name: TableName
  readonly rootField: string
  readonly aggregateRootField: string
  readonly argsTypeName: string
  readonly returns: Table
  /** Whether it returns any number of rows; else one, or null. */
  readonly returnsSet: boolean
  readonly exposedAs: 'query' | 'mutation'
  readonly arguments: readonly FunctionArgument[]
  /** The argument that gets the session variables as JSON; it is not among `arguments`. */
  readonly sessionArgument: FunctionArgument | null
  /** Roles it is granted to; null when everyone who may select from its table may call it. */
  readonly roles: ReadonlySet<string> | null
  readonly description: string | null
}

/** Everything of one source: metadata joined with what the database really has. */
export interface Catalog {
  readonly source: string
  /** By `schema.name`. */
  readonly tables: ReadonlyMap<string, Table>
  readonly functions: readonly TableFunction[]
}

export function tableKey(name: TableName): string {
  return JSON.stringify([name.schema, name.name])
}

/** For messages. */
export const describe = (name: TableName): string => `${name.schema}.${name.name}`

/** A column by its name in the database. */
export function columnNamed(table: Table, name: string): Column | undefined {
  for (const column of table.columns.values()) if (column.name === name) return column
  return undefined
}

/** As Hasura's descriptions show it: without the schema when that is public. */
export const shown = ({ schema, name }: TableName): string => (schema === 'public' ? name : `${schema}.${name}`)

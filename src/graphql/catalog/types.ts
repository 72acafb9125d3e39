import type { MetadataSelectPermission } from '../../hasura/metadata.ts'

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
  readonly description: string | null
}

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
  readonly rootFields: Readonly<Record<SelectRootField, RootFieldName>>
  /** By GraphQL name. */
  readonly columns: ReadonlyMap<string, Column>
  readonly primaryKey: readonly Column[] | null
  /** By name. Filled once all tables are known, never changed afterwards. */
  readonly relationships: ReadonlyMap<string, Relationship>
  /** By role, as the metadata has them. */
  readonly selectPermissions: ReadonlyMap<string, MetadataSelectPermission>
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

import type {
  MetadataDeletePermission,
  MetadataInsertPermission,
  MetadataSelectPermission,
  MetadataUpdatePermission,
} from '../../hasura/metadata.ts'
import type { Condition } from '../plan/nodes.ts'
import type { Naming, Stem, Words } from './naming.ts'

/** A Postgres type as the GraphQL side sees it. */
export interface PgType {
  readonly schema: string
  readonly name: string
  /** Name of its GraphQL scalar; of an array the scalar of its elements. */
  readonly scalar: string
  /** What an array is made of. */
  readonly element: PgType | null
  readonly isEnum: boolean
  /** What a column that refers to an enum table may hold; null for any other. */
  readonly values: readonly EnumValue[] | null
}

/** A row of an enum table. */
export interface EnumValue {
  /** In GraphQL. */
  readonly name: string
  /** In the database. */
  readonly value: string
  readonly description: string | null
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
  /** In which rows an inherited role sees it; elsewhere it is null. Undefined: in all. */
  readonly visible?: Condition
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
  /** Its object type. */
  readonly typeName: string
  /** Another type of it, by what follows: `bool_exp`. */
  readonly type: (...words: Words[]) => string
  /** What its type names are made of, and whether the metadata gives it. */
  readonly stem: Stem
  readonly description: string | null
  readonly rootFields: Readonly<Record<SelectRootField | MutationRootField, RootFieldName>>
  /** By GraphQL name. */
  readonly columns: ReadonlyMap<string, Column>
  readonly primaryKey: readonly Column[] | null
  /** By name. Filled once all tables are known, never changed afterwards. */
  readonly relationships: ReadonlyMap<string, Relationship>
  /** By name. Filled like the relationships. */
  readonly computedFields: ReadonlyMap<string, ComputedField>
  /** By role, as the metadata has them. */
  readonly selectPermissions: ReadonlyMap<string, MetadataSelectPermission>
  readonly insertPermissions: ReadonlyMap<string, MetadataInsertPermission>
  readonly updatePermissions: ReadonlyMap<string, MetadataUpdatePermission>
  readonly deletePermissions: ReadonlyMap<string, MetadataDeletePermission>
  /** What Postgres can do with it: views may take all of it, some or nothing. */
  readonly can: { readonly insert: boolean; readonly update: boolean; readonly delete: boolean }
  readonly uniqueConstraints: readonly UniqueConstraint[]
  /** Keys of the tables its foreign keys point to. */
  readonly refersTo: ReadonlySet<string>
}

export interface FunctionArgument {
  /** In GraphQL: `arg_1`, `arg_2` … where the database has no name. */
  readonly name: string
  readonly type: PgType
  readonly optional: boolean
}

/** One argument of a function in the database, in its order, and what fills it. */
export interface FunctionSlot {
  readonly sqlName: string | null
  readonly filledBy:
    | { readonly kind: 'argument'; readonly argument: FunctionArgument }
    /** All session variables, as JSON. */
    | { readonly kind: 'session'; readonly type: PgType }
    /** The row that a computed field is about. */
    | { readonly kind: 'row' }
}

/** A field of a table that a function computes from the row. */
export interface ComputedField {
  readonly name: string
  /** Whose rows it is about. */
  readonly table: TableName
  readonly function: TableName
  readonly slots: readonly FunctionSlot[]
  /** Those that clients give. */
  readonly arguments: readonly FunctionArgument[]
  readonly argsTypeName: string
  readonly result:
    | { readonly kind: 'scalar'; readonly type: PgType }
    | { readonly kind: 'rows'; readonly table: Table; readonly set: boolean }
  readonly description: string | null
  /** As of columns. */
  readonly visible?: Condition
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
  /** Those that clients give. */
  readonly arguments: readonly FunctionArgument[]
  readonly slots: readonly FunctionSlot[]
  /** Roles it is granted to; null when everyone who may select from its table may call it. */
  readonly roles: ReadonlySet<string> | null
  readonly description: string | null
}

/** Everything of one source: metadata joined with what the database really has. */
export interface Catalog {
  readonly source: string
  readonly naming: Naming
  /** By `schema.name`. */
  readonly tables: ReadonlyMap<string, Table>
  readonly functions: readonly TableFunction[]
  /** By inherited role, the roles it is made of. */
  readonly inheritedRoles: ReadonlyMap<string, readonly string[]>
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

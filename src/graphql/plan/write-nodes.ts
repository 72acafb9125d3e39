import type { Column, ColumnPair, TableName } from '../catalog/types.ts'
import type { Path } from '../errors.ts'
import type { Condition, Nested, Selection, Value } from './nodes.ts'

/** The plans of mutations: like other plans they hold no values of variables or of the session. */
export type MutationField = InsertField | UpdateField | DeleteField | CallField

export interface InsertField {
  readonly kind: 'insert'
  readonly key: string
  /** The argument with the rows: errors of Postgres are answered there. */
  readonly path: Path
  readonly insert: Insert
  readonly output: MutationOutput
}

export interface UpdateField {
  readonly kind: 'update'
  readonly key: string
  /** Done in order. */
  readonly updates: readonly Update[]
  /** Whether the answer is a list with one response for each update. */
  readonly many: boolean
  readonly output: MutationOutput
}

export interface DeleteField {
  readonly kind: 'delete'
  readonly key: string
  readonly table: TableName
  readonly where: Condition
  readonly output: MutationOutput
}

/** A function that may write. */
export interface CallField {
  readonly kind: 'call'
  readonly key: string
  readonly field: Nested
}

/** What is answered: one row (or null), or how many there were and what is in them. */
export type MutationOutput =
  | { readonly kind: 'row'; readonly selections: readonly Selection[] }
  | { readonly kind: 'response'; readonly parts: readonly ResponsePart[] }

export type ResponsePart =
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | { readonly kind: 'affected_rows'; readonly key: string }
  | { readonly kind: 'returning'; readonly key: string; readonly selections: readonly Selection[] }

export interface Assignment {
  readonly column: Column
  readonly value: Value
}

/** Rows of one table and, through relationships, of others. */
export interface Insert {
  readonly table: TableName
  /** A column for statements that give no value at all. */
  readonly anyColumn: Column | null
  readonly rows: readonly InsertRow[]
  readonly presets: readonly Assignment[]
  readonly onConflict: OnConflict | null
  /** Has to hold for rows that were inserted. */
  readonly check: Condition
  /** Has to hold for rows that were updated instead; null: the same as for those inserted. */
  readonly updateCheck: Condition | null
}

export interface InsertRow {
  readonly columns: readonly Assignment[]
  /** Rows that have to be there first, because this one refers to them. */
  readonly before: readonly NestedInsert[]
  /** Rows that refer to this one. */
  readonly after: readonly NestedInsert[]
}

export interface NestedInsert {
  readonly relationship: string
  readonly join: readonly ColumnPair[]
  readonly insert: Insert
}

export interface OnConflict {
  readonly constraint: string
  /** None: the row is left as it is. */
  readonly columns: readonly Column[]
  readonly presets: readonly Assignment[]
  readonly where: Condition
}

export interface Update {
  readonly table: TableName
  /** None: nothing is done. */
  readonly changes: readonly Change[]
  readonly where: Condition
  readonly check: Condition
}

export type UpdateOperator =
  | '_set'
  | '_inc'
  | '_append'
  | '_prepend'
  | '_delete_key'
  | '_delete_elem'
  | '_delete_at_path'

export interface Change extends Assignment {
  readonly operator: UpdateOperator
}

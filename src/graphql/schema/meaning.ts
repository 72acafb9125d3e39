import type { GraphQLEnumValue, GraphQLField, GraphQLInputField } from 'graphql'
import type {
  Column,
  ComputedField,
  MutationRootField,
  Relationship,
  Table,
  TableFunction,
  UniqueConstraint,
} from '../catalog/types.ts'
import type { Operator } from '../operators.ts'
import type { PredicateFunction, StatisticFunction } from '../plan/nodes.ts'

/**
 * What a field of the schema means to the planner. The planner knows columns and tables only through the schema of the
 * role that asks, so what is not in that schema cannot be planned.
 */
export type OutputMeaning =
  | { readonly kind: 'select' | 'select_by_pk' | 'select_aggregate' | 'select_stream'; readonly table: Table }
  | { readonly kind: 'function' | 'function_aggregate'; readonly function: TableFunction }
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'computed'; readonly field: ComputedField }
  | { readonly kind: 'relationship' | 'relationship_aggregate'; readonly relationship: Relationship }
  | { readonly kind: 'aggregate' | 'nodes' | 'count' | 'group_by' | 'group_key' }
  | { readonly kind: 'statistic'; readonly function: StatisticFunction }
  | { readonly kind: 'namespace' }
  | { readonly kind: 'known'; readonly json: string }
  | { readonly kind: MutationRootField; readonly table: Table }
  | { readonly kind: 'affected_rows' | 'returning' }

export type InputMeaning =
  | { readonly kind: 'and' | 'or' | 'not' }
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'computed' | 'computed_aggregate'; readonly field: ComputedField }
  | { readonly kind: 'relationship' | 'relationship_aggregate'; readonly relationship: Relationship }
  | { readonly kind: 'operator'; readonly operator: Operator }
  /** An operator on the text of a column that is none. */
  | { readonly kind: 'text_operator'; readonly operator: Operator }
  | { readonly kind: 'cast' }
  | { readonly kind: 'count' | 'group_column' }
  | { readonly kind: 'statistic'; readonly function: StatisticFunction | PredicateFunction }

export interface OrderDirection {
  readonly direction: 'ASC' | 'DESC'
  readonly nulls: 'FIRST' | 'LAST' | null
}

export const outputMeaning = (field: GraphQLField<unknown, unknown>): OutputMeaning =>
  field.extensions.meaning as OutputMeaning

/** Undefined for fields that their type's planner knows by name. */
export const inputMeaning = (field: GraphQLInputField): InputMeaning | undefined =>
  field.extensions.meaning as InputMeaning | undefined

export const columnMeant = (value: GraphQLEnumValue): Column => value.value as Column
export const constraintMeant = (value: GraphQLEnumValue): UniqueConstraint => value.value as UniqueConstraint
export const orderMeant = (value: GraphQLEnumValue): OrderDirection => value.value as OrderDirection

export const means = (meaning: OutputMeaning): { extensions: { meaning: OutputMeaning } } => ({
  extensions: { meaning },
})
export const inputMeans = (meaning: InputMeaning): { extensions: { meaning: InputMeaning } } => ({
  extensions: { meaning },
})

import type { Column, ColumnPair, PgType, TableName } from '../catalog/types.ts'
import type { Path } from '../errors.ts'
import type { Operator } from '../operators.ts'

/**
 * A plan is plain, immutable data between the document and the SQL. It holds no values of variables or of the session:
 * those are filled in when it runs, so one plan serves many requests.
 */

/** Something that becomes `$n` in SQL. */
export type Value =
  | { readonly kind: 'constant'; readonly type: PgType; readonly value: ParameterValue }
  | {
      readonly kind: 'variable'
      readonly type: PgType
      readonly name: string
      readonly rule: ValueRule
      /** Where it is used, for errors. */
      readonly path: Path
    }
  | { readonly kind: 'session'; readonly type: PgType; readonly name: string }
  /** All session variables as JSON. */
  | { readonly kind: 'session_json'; readonly type: PgType }

/** What node-postgres sends: text, or (nested) lists of text for arrays. */
export type ParameterValue = string | null | readonly ParameterValue[]

/**
 * `list`: one value stands for a list of it, while an array column takes Postgres' own `{a,b}` as text.
 * `count`: 0 or more, 32 bits. `offset`: 0 or more, 64 bits, also as text.
 */
export type ValueRule = 'any' | 'list' | 'count' | 'offset'

export type Condition =
  | { readonly kind: 'and'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  /** A permission's filter: its root is the row it filters, wherever it stands. */
  | { readonly kind: 'own_root'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly left: Operand; readonly operator: Operator; readonly value: Value }
  | { readonly kind: 'is_null'; readonly left: Operand; readonly isNull: boolean }
  | {
      readonly kind: 'compare_columns'
      readonly left: Column
      readonly sql: ColumnComparison
      readonly right: Column
      /** Whether `right` is of this row or of the row the permission is about. */
      readonly of: 'row' | 'root'
    }
  | {
      readonly kind: 'exists'
      readonly table: TableName
      /** Where its rows come from, if not from the table itself. */
      readonly call?: FunctionCall
      readonly join: readonly ColumnPair[]
      readonly condition: Condition
    }
  | {
      readonly kind: 'aggregate'
      readonly table: TableName
      readonly join: readonly ColumnPair[]
      readonly condition: Condition
      readonly aggregate: Aggregate
      readonly having: Condition
    }

export type ColumnComparison = '=' | '<>' | '>' | '<' | '>=' | '<='

/** The left side of a comparison. */
export type Operand =
  | { readonly kind: 'column'; readonly column: Column }
  | ComputedValue
  /** The aggregate around; only in `having`. */
  | { readonly kind: 'aggregate'; readonly aggregate: Aggregate }
  | { readonly kind: 'cast'; readonly of: Exclude<Operand, { kind: 'cast' }>; readonly to: PgType }

/** What a function makes of a row. */
export interface ComputedValue {
  readonly kind: 'computed'
  readonly call: FunctionCall
  readonly type: PgType
  /** As of columns. */
  readonly visible?: Condition | undefined
}

export interface Aggregate {
  readonly function: 'count' | StatisticFunction | PredicateFunction
  /** None: rows are counted. */
  readonly columns: readonly Column[]
  readonly distinct: boolean
}

export const STATISTIC_FUNCTIONS = [
  'avg',
  'max',
  'min',
  'stddev',
  'stddev_pop',
  'stddev_samp',
  'sum',
  'var_pop',
  'var_samp',
  'variance',
] as const

export type StatisticFunction = (typeof STATISTIC_FUNCTIONS)[number]

/** Aggregates that only filters have. */
export type PredicateFunction = 'bool_and' | 'bool_or' | 'corr' | 'covar_samp'

export const TRUE: Condition = Object.freeze({ kind: 'and', conditions: Object.freeze([]) })

export const isTrue = (condition: Condition): boolean => condition.kind === 'and' && condition.conditions.length === 0

export interface OrderItem {
  readonly by: OrderKey
  readonly direction: 'ASC' | 'DESC'
  readonly nulls: 'FIRST' | 'LAST' | null
}

export type OrderKey =
  | { readonly kind: 'column'; readonly column: Column }
  | ComputedValue
  /** A column of the row that an object relationship leads to, or an aggregate over an array relationship. */
  | {
      readonly kind: 'related'
      readonly table: TableName
      /** As of `exists`. */
      readonly call?: FunctionCall
      readonly join: readonly ColumnPair[]
      readonly condition: Condition
      readonly by: OrderKey | { readonly kind: 'aggregate'; readonly aggregate: Aggregate }
    }

/** Which rows, in what order. */
export interface Rows {
  readonly from: RowSource
  /** How they hang on the row around; empty at the root. */
  readonly join: readonly ColumnPair[]
  readonly where: Condition
  readonly distinctOn: readonly Column[]
  readonly orderBy: readonly OrderItem[]
  /** Part of the plan: Postgres plans twenty rows otherwise than any number of them. */
  readonly limit: number | null
  readonly offset: Value | null
  /** The most rows the role may get. */
  readonly roleLimit: number | null
}

export type RowSource =
  | { readonly kind: 'table'; readonly table: TableName }
  /** Rows as they were written: texts of whole rows. */
  | { readonly kind: 'written'; readonly table: TableName; readonly rows: Value }
  | ({ readonly kind: 'function' } & FunctionCall)

export interface FunctionCall {
  readonly function: TableName
  readonly arguments: readonly FunctionCallArgument[]
}

export interface FunctionCallArgument {
  /** Null: passed by position. */
  readonly name: string | null
  /** A value, or the row around, of that table. */
  readonly value: Value | { readonly kind: 'row'; readonly table: TableName }
}

/** One key of a row's JSON object. */
export type Selection =
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | {
      readonly kind: 'column'
      readonly key: string
      readonly column: Column
      /** Keys into a JSON column. */
      readonly jsonPath: readonly string[] | null
    }
  | {
      readonly kind: 'computed'
      readonly key: string
      readonly value: ComputedValue
      readonly jsonPath: readonly string[] | null
    }
  | Nested

/** Rows of another table (or of the root): one object, a list, or an aggregate. */
export type Nested =
  | {
      readonly kind: 'one' | 'many'
      readonly key: string
      readonly rows: Rows
      readonly selections: readonly Selection[]
    }
  | { readonly kind: 'aggregate'; readonly key: string; readonly rows: Rows; readonly parts: readonly AggregatePart[] }

export type AggregatePart =
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | { readonly kind: 'aggregate'; readonly key: string; readonly fields: readonly AggregateField[] }
  | { readonly kind: 'nodes'; readonly key: string; readonly selections: readonly Selection[] }
  | {
      readonly kind: 'groups'
      readonly key: string
      /** By which rows are grouped. */
      readonly columns: readonly Column[]
      readonly parts: readonly GroupPart[]
      /** The most groups. */
      readonly limit: number | null
    }

/** One key of a group's JSON object. */
export type GroupPart =
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | { readonly kind: 'aggregate'; readonly key: string; readonly fields: readonly AggregateField[] }
  | { readonly kind: 'group_key'; readonly key: string; readonly fields: readonly GroupKeyField[] }

export type GroupKeyField =
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | { readonly kind: 'column'; readonly key: string; readonly column: Column }

export type AggregateField =
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | { readonly kind: 'count'; readonly key: string; readonly columns: readonly Column[]; readonly distinct: boolean }
  | {
      readonly kind: 'statistic'
      readonly key: string
      readonly function: StatisticFunction
      readonly columns: readonly StatisticColumn[]
    }

export type StatisticColumn =
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | { readonly kind: 'column'; readonly key: string; readonly column: Column }
  | { readonly kind: 'computed'; readonly key: string; readonly value: ComputedValue }

/** `t_stream`: the rows after a cursor, and where the cursor stands after them. Only at the root of a subscription. */
export interface StreamField {
  readonly kind: 'stream'
  readonly key: string
  /** Without order and limit: those are the stream's own. */
  readonly rows: Rows
  readonly selections: readonly Selection[]
  readonly column: Column
  readonly direction: 'ASC' | 'DESC'
  /** Where the stream begins; later batches begin where the one before ended. */
  readonly cursor: Value
  readonly batchSize: Value
}

/** A root field: rows from the database, or JSON that is known already. */
export type RootField = Nested | { readonly kind: 'known'; readonly key: string; readonly json: string }

import { quoteIdent } from '../../db/identifiers.ts'
import type { Column, ColumnPair, TableName } from '../catalog/types.ts'
import type { Value } from '../plan/nodes.ts'
import { Parameters } from './parameters.ts'

export interface SqlOptions {
  /** Sends bigint, numeric, double precision and money as strings. */
  readonly stringifyNumericTypes: boolean
}

/** What the SQL functions share while one statement is written. */
export class Compiler {
  readonly options: SqlOptions
  readonly parameters: Parameters
  #aliases = 0

  constructor(options: SqlOptions, parameters = new Parameters()) {
    this.options = options
    this.parameters = parameters
  }

  /** A name for the next table in the statement, `t0`, `t1` …, quoted. */
  nextAlias(): string {
    return quoteIdent(`t${this.#aliases++}`)
  }

  parameter(value: Value): string {
    return this.parameters.add(value)
  }
}

/** The name of the JSON row made from `"t0"`: with its dot it cannot be a client's alias. */
export const rowAlias = (alias: string): string => quoteIdent(`${alias.slice(1, -1)}.row`)

export const tableSql = (table: TableName): string => `${quoteIdent(table.schema)}.${quoteIdent(table.name)}`

/** The row itself, for a function that takes one: made anew, as an alias may name a subquery's row of no type. */
export const rowSql = (alias: string, table: TableName): string => `ROW(${alias}.*)::${tableSql(table)}`

export const columnSql = (alias: string, column: Column): string => `${alias}.${quoteIdent(column.name)}`

/** `"t1"."invocation_id" = "t0"."id"`, for every pair. */
export const joinSql = (join: readonly ColumnPair[], outer: string, inner: string): string[] =>
  join.map(({ from, to }) => `${columnSql(inner, to)} = ${columnSql(outer, from)}`)

import { quoteIdent } from '../../db/identifiers.ts'
import type { Column } from '../catalog/types.ts'
import type { ComputedValue, Condition, FunctionCall } from '../plan/nodes.ts'
import { type Compiler, columnSql, rowSql, tableSql } from './compiler.ts'
import { conditionSql } from './condition.ts'

/** A column of a row as the role may see it. */
export function cellSql(compiler: Compiler, alias: string, column: Column): string {
  return whereVisible(compiler, columnSql(alias, column), column.visible, alias)
}

export function computedSql(compiler: Compiler, { call, visible }: ComputedValue, alias: string): string {
  return whereVisible(compiler, callSql(compiler, call, alias), visible, alias)
}

/** `"lib"."search"("term" => $1)`; `row` is the alias of the row that a computed field is about. */
export function callSql(compiler: Compiler, call: FunctionCall, row: string | null): string {
  const list = call.arguments.map(({ name, value }) => {
    const sql = value.kind === 'row' ? rowSql(row ?? '', value.table) : compiler.parameter(value)
    return name === null ? sql : `${quoteIdent(name)} => ${sql}`
  })
  return `${tableSql(call.function)}(${list.join(', ')})`
}

// An inherited role sees a cell where one of its parents does; elsewhere it is null.
function whereVisible(compiler: Compiler, sql: string, visible: Condition | undefined, alias: string): string {
  if (visible === undefined) return sql
  return `CASE WHEN ${conditionSql(compiler, visible, { row: alias, root: alias })} THEN ${sql} END`
}

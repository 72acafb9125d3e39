import type { PgType } from '../catalog/types.ts'
import type { Aggregate, Condition, Operand } from '../plan/nodes.ts'
import { type Compiler, columnSql, joinSql, tableSql } from './compiler.ts'
import { callSql, cellSql, computedSql } from './expressions.ts'
import { sqlType } from './parameters.ts'

/** Where a condition stands: the alias of the row it is about, and of the row a permission began with. */
export interface Scope {
  readonly row: string
  readonly root: string
}

export function conditionSql(compiler: Compiler, condition: Condition, scope: Scope): string {
  switch (condition.kind) {
    case 'and':
      return combined(compiler, condition.conditions, scope, 'AND', 'true')
    case 'or':
      return combined(compiler, condition.conditions, scope, 'OR', 'false')
    case 'not':
      return `NOT (${conditionSql(compiler, condition.condition, scope)})`
    case 'own_root':
      return conditionSql(compiler, condition.condition, { row: scope.row, root: scope.row })
    case 'compare': {
      const left = operandSql(compiler, condition.left, scope)
      const value = compiler.parameter(condition.value)
      const isList = condition.operator.operand === 'list'
      return `${left} ${condition.operator.sql} ${isList ? `(${value})` : value}`
    }
    case 'is_null':
      return `${operandSql(compiler, condition.left, scope)} IS ${condition.isNull ? 'NULL' : 'NOT NULL'}`
    case 'compare_columns': {
      const right = columnSql(condition.of === 'root' ? scope.root : scope.row, condition.right)
      return `${columnSql(scope.row, condition.left)} ${condition.sql} ${right}`
    }
    case 'exists': {
      const inner = compiler.nextAlias()
      const where = relatedWhere(compiler, condition, scope, inner)
      const from =
        condition.call === undefined ? tableSql(condition.table) : callSql(compiler, condition.call, scope.row)
      return `EXISTS (SELECT 1 FROM ${from} AS ${inner}${where})`
    }
    case 'aggregate': {
      const inner = compiler.nextAlias()
      const where = relatedWhere(compiler, condition, scope, inner)
      const having = conditionSql(compiler, condition.having, { row: inner, root: inner })
      // Without GROUP BY there is exactly one group, even of no rows, and HAVING keeps or drops it.
      return `EXISTS (SELECT 1 FROM ${tableSql(condition.table)} AS ${inner}${where} HAVING ${having})`
    }
    default:
      return condition satisfies never
  }
}

function combined(
  compiler: Compiler,
  conditions: readonly Condition[],
  scope: Scope,
  word: 'AND' | 'OR',
  empty: 'true' | 'false',
): string {
  if (conditions.length === 0) return empty
  const [only] = conditions
  if (conditions.length === 1 && only !== undefined) return conditionSql(compiler, only, scope)
  return conditions.map(item => `(${conditionSql(compiler, item, scope)})`).join(` ${word} `)
}

function relatedWhere(
  compiler: Compiler,
  related: Condition & { kind: 'exists' | 'aggregate' },
  scope: Scope,
  inner: string,
): string {
  const join = joinSql(related.join, scope.row, inner)
  const condition = conditionSql(compiler, related.condition, { row: inner, root: scope.root })
  return whereSql([...join, ...(condition === 'true' ? [] : [condition])])
}

/** ` WHERE a AND b`, or nothing. */
export function whereSql(conditions: readonly string[]): string {
  if (conditions.length === 0) return ''
  const [only] = conditions
  return ` WHERE ${conditions.length === 1 ? only : conditions.map(item => `(${item})`).join(' AND ')}`
}

function operandSql(compiler: Compiler, operand: Operand, scope: Scope): string {
  switch (operand.kind) {
    case 'column':
      return cellSql(compiler, scope.row, operand.column)
    case 'cast':
      return `(${operandSql(compiler, operand.of, scope)})::${sqlType(operand.to)}`
    case 'computed':
      return computedSql(compiler, operand, scope.row)
    case 'aggregate':
      return aggregateSql(compiler, operand.aggregate, scope.row)
    default:
      return operand satisfies never
  }
}

/** `count(DISTINCT "t0"."a")`; several columns count as one row value. */
export function aggregateSql(compiler: Compiler, aggregate: Aggregate, alias: string): string {
  const cells = aggregate.columns.map(column => ({ sql: cellSql(compiler, alias, column), type: column.type }))
  return aggregateOf(aggregate.function, cells, aggregate.distinct)
}

/** The same over any expressions. */
export function aggregateOf(
  name: Aggregate['function'],
  cells: readonly { readonly sql: string; readonly type: PgType }[],
  distinct: boolean,
): string {
  const [first] = cells
  if ((name === 'max' || name === 'min') && first?.type.name === 'uuid') {
    // Postgres has no max(uuid); in this collation their text has the order of the uuids.
    return `${name}((${first.sql})::text COLLATE "C")::uuid`
  }
  const values = cells.map(({ sql }) => sql).join(', ')
  const list = cells.length === 0 ? '*' : cells.length > 1 && name === 'count' ? `(${values})` : values
  // count(DISTINCT *) is not SQL; rows are distinct anyway.
  return `${name}(${distinct && cells.length > 0 ? 'DISTINCT ' : ''}${list})`
}

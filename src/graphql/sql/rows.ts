import type { OrderItem, OrderKey, RowSource, Rows } from '../plan/nodes.ts'
import { type Compiler, joinSql, tableSql } from './compiler.ts'
import { aggregateSql, conditionSql, whereSql } from './condition.ts'
import { callSql, cellSql, computedSql } from './expressions.ts'

/** The pieces of a SELECT over chosen rows; the caller puts its columns in front. */
export interface RowsSql {
  readonly alias: string
  /** ` FROM … AS "t0" WHERE … ORDER BY … LIMIT …` */
  readonly tail: string
}

export interface RowsOptions {
  /** Whether the role's limit holds: for rows it does, for sums and counts over them it does not. */
  readonly roleLimit: boolean
  /** Whether the order shows in the result. */
  readonly ordered: boolean
}

export function rowsSql(compiler: Compiler, rows: Rows, outer: string | null, options: RowsOptions): RowsSql {
  const alias = compiler.nextAlias()
  const from = ` FROM ${sourceSql(compiler, rows.from, outer)} AS ${alias}`
  const join = outer === null ? [] : joinSql(rows.join, outer, alias)
  const condition = conditionSql(compiler, rows.where, { row: alias, root: alias })
  const where = whereSql([...join, ...(condition === 'true' ? [] : [condition])])
  const limit = limitSql(rows, options.roleLimit)
  const isCut = limit !== '' || rows.offset !== null
  const distinct = rows.distinctOn.map(column => cellSql(compiler, alias, column))
  const needsOrder = options.ordered || isCut || distinct.length > 0
  const order = needsOrder ? orderSql(compiler, distinctOrder(rows), alias) : ''
  const offset = rows.offset === null ? '' : ` OFFSET ${compiler.parameter(rows.offset)}`
  const inner = `${from}${where}${order}${limit}${offset}`
  // Postgres computes a SELECT's columns also for the rows that OFFSET and DISTINCT ON drop, and sums do not know LIMIT:
  // such rows are chosen first, in a subquery, and what is nested in them is computed for those that remain.
  const isChosenFirst = distinct.length > 0 || offset !== '' || (limit !== '' && !options.ordered)
  if (!isChosenFirst) return { alias, tail: inner }
  const distinctOn = distinct.length === 0 ? '' : `DISTINCT ON (${distinct.join(', ')}) `
  return { alias, tail: ` FROM (SELECT ${distinctOn}${alias}.*${inner}) AS ${alias}` }
}

function sourceSql(compiler: Compiler, source: RowSource, outer: string | null): string {
  switch (source.kind) {
    case 'table':
      return tableSql(source.table)
    case 'written':
      return `unnest(${compiler.parameter(source.rows)})`
    case 'function':
      return callSql(compiler, source, outer)
    default:
      return source satisfies never
  }
}

function limitSql(rows: Rows, withRoleLimit: boolean): string {
  const limits = [rows.limit, withRoleLimit ? rows.roleLimit : null].filter(limit => limit !== null)
  return limits.length === 0 ? '' : ` LIMIT ${Math.min(...limits)}`
}

// DISTINCT ON takes the first row of each group, so the order has to begin with its columns.
function distinctOrder({ distinctOn, orderBy }: Rows): readonly OrderItem[] {
  if (orderBy.length > 0) return orderBy
  return distinctOn.map(column => ({ by: { kind: 'column', column }, direction: 'ASC', nulls: null }))
}

function orderSql(compiler: Compiler, order: readonly OrderItem[], alias: string): string {
  if (order.length === 0) return ''
  const items = order.map(({ by, direction, nulls }) => {
    return `${orderKeySql(compiler, by, alias)} ${direction}${nulls === null ? '' : ` NULLS ${nulls}`}`
  })
  return ` ORDER BY ${items.join(', ')}`
}

function orderKeySql(compiler: Compiler, key: OrderKey, alias: string): string {
  if (key.kind === 'column') return cellSql(compiler, alias, key.column)
  if (key.kind === 'computed') return computedSql(compiler, key, alias)
  const inner = compiler.nextAlias()
  const join = joinSql(key.join, alias, inner)
  const condition = conditionSql(compiler, key.condition, { row: inner, root: inner })
  const where = whereSql([...join, ...(condition === 'true' ? [] : [condition])])
  const source = key.call === undefined ? tableSql(key.table) : callSql(compiler, key.call, alias)
  const from = `FROM ${source} AS ${inner}${where}`
  if (key.by.kind === 'aggregate') return `(SELECT ${aggregateSql(compiler, key.by.aggregate, inner)} ${from})`
  // A manual relationship may lead to several rows where one was promised.
  return `(SELECT ${orderKeySql(compiler, key.by, inner)} ${from} LIMIT 1)`
}

import { quoteIdent } from '../../db/identifiers.ts'
import type { OrderItem, OrderKey, RowSource, Rows } from '../plan/nodes.ts'
import { type Compiler, columnSql, joinSql, tableSql } from './compiler.ts'
import { aggregateSql, conditionSql, whereSql } from './condition.ts'

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
  const from = ` FROM ${sourceSql(compiler, rows.from)} AS ${alias}`
  const join = outer === null ? [] : joinSql(rows.join, outer, alias)
  const condition = conditionSql(compiler, rows.where, { row: alias, root: alias })
  const where = whereSql([...join, ...(condition === 'true' ? [] : [condition])])
  const limit = limitSql(compiler, rows, options.roleLimit)
  const isCut = limit !== '' || rows.offset !== null
  const distinct = rows.distinctOn.map(column => columnSql(alias, column))
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

function sourceSql(compiler: Compiler, source: RowSource): string {
  if (source.kind === 'table') return tableSql(source.table)
  if (source.kind === 'written') return `unnest(${compiler.parameter(source.rows)})`
  const call = source.arguments.map(({ name, value }) => {
    const parameter = compiler.parameter(value)
    // Arguments without a name in the database were numbered by the catalog and are passed by position.
    return /^arg_\d+$/.test(name) ? parameter : `${quoteIdent(name)} => ${parameter}`
  })
  return `${tableSql(source.function)}(${call.join(', ')})`
}

function limitSql(compiler: Compiler, rows: Rows, withRoleLimit: boolean): string {
  const role = withRoleLimit ? rows.roleLimit : null
  if (rows.limit === null) return role === null ? '' : ` LIMIT ${role}`
  const limit = compiler.parameter(rows.limit)
  return role === null ? ` LIMIT ${limit}` : ` LIMIT least(${limit}, ${role})`
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
  if (key.kind === 'column') return columnSql(alias, key.column)
  const inner = compiler.nextAlias()
  const join = joinSql(key.join, alias, inner)
  const condition = conditionSql(compiler, key.condition, { row: inner, root: inner })
  const where = whereSql([...join, ...(condition === 'true' ? [] : [condition])])
  const from = `FROM ${tableSql(key.table)} AS ${inner}${where}`
  if (key.by.kind === 'aggregate') return `(SELECT ${aggregateSql(key.by.aggregate, inner)} ${from})`
  // A manual relationship may lead to several rows where one was promised.
  return `(SELECT ${orderKeySql(compiler, key.by, inner)} ${from} LIMIT 1)`
}

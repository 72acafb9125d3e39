import type {
  AggregateField,
  AggregatePart,
  GroupPart,
  Rows,
  StatisticColumn,
  StatisticFunction,
} from '../plan/nodes.ts'
import type { Compiler } from './compiler.ts'
import { aggregateOf, aggregateSql } from './condition.ts'
import { cellSql, computedSql } from './expressions.ts'
import { type JsonField, jsonObject } from './json.ts'
import { rowsSql } from './rows.ts'
import { manySql, stringified, typenameSql } from './statement.ts'

// Rows and sums are separate subqueries: sums are over all rows the role may see, rows are limited by its limit, and
// each is read by the index that fits.
export function aggregatePart(compiler: Compiler, part: AggregatePart, rows: Rows, outer: string | null): JsonField {
  const { key } = part
  switch (part.kind) {
    case 'typename':
      return typenameSql(part)
    case 'nodes':
      return { key, sql: `(${manySql(compiler, rows, part.selections, outer)})` }
    case 'aggregate': {
      const { alias, tail } = rowsSql(compiler, rows, outer, { roleLimit: false, ordered: false })
      const fields = part.fields.map(field => aggregateField(compiler, field, alias))
      // Without any aggregate in the list Postgres would answer once per row; HAVING makes it one group in any case.
      const group = part.fields.some(isAggregate) ? '' : ' HAVING true'
      return { key, sql: `(SELECT ${jsonObject(fields)}${tail}${group})` }
    }
    case 'groups':
      return { key, sql: `(${groupsSql(compiler, part, rows, outer)})` }
    default:
      return part satisfies never
  }
}

const isAggregate = (field: AggregateField): boolean =>
  field.kind === 'count' || (field.kind === 'statistic' && field.columns.some(column => column.kind !== 'typename'))

function aggregateField(compiler: Compiler, field: AggregateField, alias: string): JsonField {
  const { key } = field
  switch (field.kind) {
    case 'typename':
      return typenameSql(field)
    case 'count':
      return { key, sql: aggregateSql(compiler, { ...field, function: 'count' }, alias) }
    case 'statistic': {
      const columns = field.columns.map(column => statisticColumn(compiler, field.function, column, alias))
      return { key, sql: jsonObject(columns) }
    }
    default:
      return field satisfies never
  }
}

function statisticColumn(
  compiler: Compiler,
  name: StatisticFunction,
  column: StatisticColumn,
  alias: string,
): JsonField {
  if (column.kind === 'typename') return typenameSql(column)
  const type = column.kind === 'column' ? column.column.type : column.value.type
  const value =
    column.kind === 'column' ? cellSql(compiler, alias, column.column) : computedSql(compiler, column.value, alias)
  const sql = aggregateOf(name, [{ sql: value, type }], false)
  const keepsType = name === 'max' || name === 'min' || name === 'sum'
  return { key: column.key, sql: keepsType ? stringified(compiler, type, sql) : sql }
}

// Keys are grouped by their place in the list: written twice, a key with parameters would be two expressions to Postgres.
function groupsSql(
  compiler: Compiler,
  { columns, parts, limit }: AggregatePart & { kind: 'groups' },
  rows: Rows,
  outer: string | null,
): string {
  const { alias, tail } = rowsSql(compiler, rows, outer, { roleLimit: false, ordered: false })
  const group = compiler.nextAlias()
  const keys = [...new Set(columns)]
  const inner = keys.map((column, index) => `${cellSql(compiler, alias, column)} AS "key.${index}"`)
  const groupKey = (part: GroupPart & { kind: 'group_key' }): string =>
    jsonObject(
      part.fields.map(field => {
        if (field.kind === 'typename') return typenameSql(field)
        const index = keys.indexOf(field.column)
        const sql = index < 0 ? 'NULL' : stringified(compiler, field.column.type, `${group}."key.${index}"`)
        return { key: field.key, sql }
      }),
    )
  const fields = parts.map((part, index): JsonField => {
    if (part.kind === 'typename') return typenameSql(part)
    if (part.kind === 'group_key') return { key: part.key, sql: groupKey(part) }
    const aggregate = jsonObject(part.fields.map(field => aggregateField(compiler, field, alias)))
    inner.push(`${aggregate} AS "aggregate.${index}"`)
    return { key: part.key, sql: `${group}."aggregate.${index}"` }
  })
  // No keys: all rows are one group, if there are any.
  const by = keys.length === 0 ? ' HAVING count(*) > 0' : ` GROUP BY ${keys.map((_, index) => index + 1).join(', ')}`
  if (inner.length === 0) inner.push('1 AS "none"')
  const most = limit === null ? '' : ` LIMIT ${limit}`
  const json = jsonObject(fields)
  return `SELECT coalesce(json_agg(${json}), '[]') FROM (SELECT ${inner.join(', ')}${tail}${by}${most}) AS ${group}`
}

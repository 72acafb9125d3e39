import { quoteLiteral } from '../../db/identifiers.ts'
import { arrayOf, isStringified, TEXT } from '../catalog/scalars.ts'
import type { PgType } from '../catalog/types.ts'
import type {
  AggregateField,
  AggregatePart,
  Nested,
  Rows,
  Selection,
  StatisticColumn,
  StatisticFunction,
  Value,
} from '../plan/nodes.ts'
import { Compiler, rowAlias, type SqlOptions } from './compiler.ts'
import { aggregateSql } from './condition.ts'
import { cellSql, computedSql } from './expressions.ts'
import { hasManyPairs, type JsonField, jsonObject, jsonRow } from './json.ts'
import { rowsSql } from './rows.ts'

const TEXTS = arrayOf(TEXT)

export interface Statement {
  /** One SELECT with one row and one text column, `root`: the field's JSON, or null. */
  readonly text: string
  readonly values: readonly Value[]
}

/** One statement per root field: what is nested in it is made of correlated subqueries. */
export function toStatement(field: Nested, options: SqlOptions): Statement {
  const compiler = new Compiler(options)
  const text = `SELECT (${nestedSql(compiler, field, null)})::text AS "root"`
  return { text, values: compiler.parameters.values }
}

export function nestedSql(compiler: Compiler, field: Nested, outer: string | null): string {
  switch (field.kind) {
    case 'one':
      return oneSql(compiler, field.rows, field.selections, outer)
    case 'many':
      return manySql(compiler, field.rows, field.selections, outer)
    case 'aggregate':
      return jsonObject(field.parts.map(part => aggregatePart(compiler, part, field.rows, outer)))
    default:
      return field satisfies never
  }
}

function manySql(compiler: Compiler, rows: Rows, selections: readonly Selection[], outer: string | null): string {
  const { alias, tail } = rowsSql(compiler, rows, outer, { roleLimit: true, ordered: true })
  const row = rowAlias(alias)
  const { columns, json } = jsonRow(fieldsSql(compiler, selections, alias), row)
  return `SELECT coalesce(json_agg(${json}), '[]') FROM (SELECT ${columns}${tail}) AS ${row}`
}

function oneSql(compiler: Compiler, rows: Rows, selections: readonly Selection[], outer: string | null): string {
  const { alias, tail } = rowsSql(compiler, rows, outer, { roleLimit: false, ordered: true })
  const row = rowAlias(alias)
  const { columns, json } = jsonRow(fieldsSql(compiler, selections, alias), row)
  // A manual relationship may lead to several rows where one was promised. A function that returns one row takes a limit
  // of its own.
  return rows.limit === null
    ? `SELECT to_json(${json}) FROM (SELECT ${columns}${tail} LIMIT 1) AS ${row}`
    : `SELECT to_json(${json}) FROM (SELECT ${columns}${tail}) AS ${row} LIMIT 1`
}

export function fieldsSql(compiler: Compiler, selections: readonly Selection[], alias: string): JsonField[] {
  return selections.map(selection => {
    const { key } = selection
    switch (selection.kind) {
      case 'typename':
        return typenameSql(selection)
      case 'column':
        return {
          key,
          sql: valueJson(compiler, cellSql(compiler, alias, selection.column), selection.column.type, selection),
        }
      case 'computed':
        return {
          key,
          sql: valueJson(compiler, computedSql(compiler, selection.value, alias), selection.value.type, selection),
        }
      case 'one':
      case 'many':
      case 'aggregate':
        return { key, sql: `(${nestedSql(compiler, selection, alias)})` }
      default:
        return selection satisfies never
    }
  })
}

const typenameSql = ({ key, name }: { key: string; name: string }): JsonField => ({
  key,
  sql: `${quoteLiteral(name)}::text`,
})

function valueJson(
  compiler: Compiler,
  sql: string,
  type: PgType,
  { jsonPath }: { jsonPath: readonly string[] | null },
): string {
  if (jsonPath !== null && jsonPath.length > 0) {
    return `(${sql}) #> ${compiler.parameter({ kind: 'constant', type: TEXTS, value: jsonPath })}`
  }
  return stringified(compiler, type, sql)
}

function stringified(compiler: Compiler, type: PgType, sql: string): string {
  // Under graphql-default the values of enum tables are shown, and read, in capitals.
  if (type.values?.some(({ name, value }) => name !== value)) return `upper(${sql})`
  if (!compiler.options.stringifyNumericTypes || !isStringified(type)) return sql
  return `(${sql})::text${type.element === null ? '' : '[]'}`
}

// Rows and sums are separate subqueries: sums are over all rows the role may see, rows are limited by its limit, and
// each is read by the index that fits.
function aggregatePart(compiler: Compiler, part: AggregatePart, rows: Rows, outer: string | null): JsonField {
  const { key } = part
  switch (part.kind) {
    case 'typename':
      return typenameSql(part)
    case 'nodes':
      return { key, sql: `(${manySql(compiler, rows, part.selections, outer)})` }
    case 'aggregate': {
      const { alias, tail } = rowsSql(compiler, rows, outer, { roleLimit: false, ordered: false })
      const fields = part.fields.map(field => aggregateField(compiler, field, alias, tail))
      // Without any aggregate in the list Postgres would answer once per row; HAVING makes it one group in any case.
      const group = part.fields.some(isAggregate) ? '' : ' HAVING true'
      return { key, sql: `(SELECT ${jsonObject(fields)}${tail}${group})` }
    }
    default:
      return part satisfies never
  }
}

const isAggregate = (field: AggregateField): boolean =>
  field.kind === 'count' || (field.kind === 'statistic' && field.columns.some(column => column.kind === 'column'))

function aggregateField(compiler: Compiler, field: AggregateField, alias: string, tail: string): JsonField {
  const { key } = field
  switch (field.kind) {
    case 'typename':
      return typenameSql(field)
    case 'count':
      return { key, sql: aggregateSql(compiler, { ...field, function: 'count' }, alias) }
    case 'statistic': {
      const columns = field.columns.map(column => statisticColumn(compiler, field.function, column, alias))
      if (!hasManyPairs(columns)) return { key, sql: jsonObject(columns) }
      // More columns than a call takes arguments: a row of a subquery has no such limit.
      const row = rowAlias(alias)
      const wide = jsonRow(columns, row)
      return { key, sql: `(SELECT to_json(${wide.json}) FROM (SELECT ${wide.columns}${tail}) AS ${row})` }
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
  const sql = aggregateSql(compiler, { function: name, columns: [column.column], distinct: false }, alias)
  const keepsType = name === 'max' || name === 'min' || name === 'sum'
  return { key: column.key, sql: keepsType ? stringified(compiler, column.column.type, sql) : sql }
}

import { quoteLiteral } from '../../db/identifiers.ts'
import { arrayOf, isStringified, TEXT } from '../catalog/scalars.ts'
import type { PgType } from '../catalog/types.ts'
import type { Nested, Rows, Selection, Value } from '../plan/nodes.ts'
import { aggregatePart } from './aggregates.ts'
import { Compiler, rowAlias, type SqlOptions } from './compiler.ts'
import { cellSql, computedSql } from './expressions.ts'
import { type JsonField, jsonObject, jsonRow } from './json.ts'
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

export function manySql(
  compiler: Compiler,
  rows: Rows,
  selections: readonly Selection[],
  outer: string | null,
): string {
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

export const typenameSql = ({ key, name }: { key: string; name: string }): JsonField => ({
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

export function stringified(compiler: Compiler, type: PgType, sql: string): string {
  // Under graphql-default the values of enum tables are shown, and read, in capitals.
  if (type.values?.some(({ name, value }) => name !== value)) return `upper(${sql})`
  if (!compiler.options.stringifyNumericTypes || !isStringified(type)) return sql
  return `(${sql})::text${type.element === null ? '' : '[]'}`
}

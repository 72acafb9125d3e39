import { quoteIdent } from '../../db/identifiers.ts'
import type { Column, TableName } from '../catalog/types.ts'
import { type Condition, TRUE } from '../plan/nodes.ts'
import type { Assignment, Change, Insert, Update } from '../plan/write-nodes.ts'
import { Compiler, columnSql, type SqlOptions, tableSql } from './compiler.ts'
import { conditionSql } from './condition.ts'
import type { Statement } from './statement.ts'

/** The row that is written, in the statement that writes it: with its dot no column is called so by accident. */
const ROW = '"written.row"'

/** The columns of the one row that a write answers with; then `c0`, `c1` … of the columns asked for, as text. */
export interface WriteResult {
  /** How many rows were written. */
  readonly affected: number
  /** Whether the role's check holds for all of them. */
  readonly holds: boolean
  /** Each of them as the text of the whole row. */
  readonly rows: readonly string[]
}

/** One row of an insert: every column it has a value for. */
export type RowValues = readonly Assignment[]

/** Inserts rows, none of which has to have the same columns as another: what one lacks gets its default. */
export function insertStatement(
  insert: Insert,
  rows: readonly RowValues[],
  needed: readonly Column[],
  options: SqlOptions,
): Statement {
  const compiler = new Compiler(options)
  const given = new Map(rows.flatMap(row => row.map(({ column }) => [column.name, column])))
  // A statement needs a column to say DEFAULT for.
  if (given.size === 0 && insert.anyColumn !== null) given.set(insert.anyColumn.name, insert.anyColumn)
  const columns = [...given.values()]
  const values = rows.map(row => {
    const byColumn = new Map(row.map(({ column, value }) => [column.name, value]))
    const cells = columns.map(({ name }) => {
      const value = byColumn.get(name)
      return value === undefined ? 'DEFAULT' : compiler.parameter(value)
    })
    return `(${cells.join(', ')})`
  })
  const list = columns.map(({ name }) => quoteIdent(name)).join(', ')
  const conflict = conflictSql(compiler, insert)
  const inserting =
    columns.length === 0
      ? `INSERT INTO ${tableSql(insert.table)} AS ${ROW} DEFAULT VALUES`
      : `INSERT INTO ${tableSql(insert.table)} AS ${ROW} (${list}) VALUES ${values.join(', ')}${conflict}`
  const holds = checkSql(compiler, insert.check)
  // Both checks only where the role has one for each case: `xmax` tells the updated row from the new one.
  const hasBoth = insert.onConflict !== null && insert.updateCheck !== null
  const check = hasBoth
    ? `CASE WHEN ${ROW}.xmax = 0 THEN ${holds} ELSE ${checkSql(compiler, insert.updateCheck ?? TRUE)} END`
    : holds
  return resultOf(compiler, inserting, check, needed)
}

function conflictSql(compiler: Compiler, { onConflict }: Insert): string {
  if (onConflict === null) return ''
  const target = ` ON CONFLICT ON CONSTRAINT ${quoteIdent(onConflict.constraint)}`
  if (onConflict.columns.length === 0) return `${target} DO NOTHING`
  const changes = [
    ...onConflict.columns.map(({ name }) => `${quoteIdent(name)} = EXCLUDED.${quoteIdent(name)}`),
    ...onConflict.presets.map(({ column, value }) => `${quoteIdent(column.name)} = ${compiler.parameter(value)}`),
  ]
  return `${target} DO UPDATE SET ${changes.join(', ')}${rowWhere(compiler, onConflict.where)}`
}

export function updateStatement(update: Update, options: SqlOptions): Statement {
  const compiler = new Compiler(options)
  const changes = update.changes.map(change => `${quoteIdent(change.column.name)} = ${changeSql(compiler, change)}`)
  const where = rowWhere(compiler, update.where)
  const updating = `UPDATE ${tableSql(update.table)} AS ${ROW} SET ${changes.join(', ')}${where}`
  return resultOf(compiler, updating, checkSql(compiler, update.check), [])
}

function changeSql(compiler: Compiler, { operator, column, value }: Change): string {
  const old = columnSql(ROW, column)
  const given = compiler.parameter(value)
  switch (operator) {
    case '_set':
      return given
    case '_inc':
      return `${old} + ${given}`
    case '_append':
      return `${old} || ${given}`
    case '_prepend':
      return `${given} || ${old}`
    case '_delete_key':
    case '_delete_elem':
      return `${old} - ${given}`
    case '_delete_at_path':
      return `${old} #- ${given}`
    default:
      return operator satisfies never
  }
}

export function deleteStatement(table: TableName, where: Condition, options: SqlOptions): Statement {
  const compiler = new Compiler(options)
  return resultOf(compiler, `DELETE FROM ${tableSql(table)} AS ${ROW}${rowWhere(compiler, where)}`, 'true', [])
}

function rowWhere(compiler: Compiler, where: Condition): string {
  const condition = conditionSql(compiler, where, { row: ROW, root: ROW })
  return condition === 'true' ? '' : ` WHERE ${condition}`
}

// A check that is neither true nor false does not hold.
function checkSql(compiler: Compiler, check: Condition): string {
  const condition = conditionSql(compiler, check, { row: ROW, root: ROW })
  return condition === 'true' ? 'true' : `(${condition}) IS TRUE`
}

function resultOf(compiler: Compiler, write: string, check: string, needed: readonly Column[]): Statement {
  const extra = needed.map(({ name }, index) => `, min(("row").${quoteIdent(name)}::text) AS "c${index}"`).join('')
  const text = `WITH "written" AS (${write} RETURNING ${ROW} AS "row", ${check} AS "holds")
SELECT count(*)::integer AS "affected", coalesce(bool_and("holds"), true) AS "holds",
  coalesce(array_agg("row"::text), '{}') AS "rows"${extra} FROM "written"`
  return { text, values: compiler.parameters.values }
}

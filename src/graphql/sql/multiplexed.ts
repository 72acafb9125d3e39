import { quoteIdent } from '../../db/identifiers.ts'
import type { TableName } from '../catalog/types.ts'
import type { Nested, StreamField, Value } from '../plan/nodes.ts'
import { Compiler, rowAlias, type SqlOptions, tableSql } from './compiler.ts'
import { conditionSql, whereSql } from './condition.ts'
import { cellSql } from './expressions.ts'
import { jsonRow } from './json.ts'
import { Parameters, sqlType } from './parameters.ts'
import { fieldsSql, nestedSql } from './statement.ts'

/**
 * One SELECT for any number of subscribers. Its first parameter is the list of their numbers, the following ones are lists
 * of texts, one list per value; each row of the answer begins with the subscriber's number.
 */
export interface Multiplexed {
  readonly text: string
  /** What the lists are made of, for each subscriber. */
  readonly values: readonly Value[]
  /** How many root fields a row holds, after the number. */
  readonly roots: number
  /** Which value the new position of a stream replaces; the row then holds the position after its root field. */
  readonly cursor: number | null
}

// With their dots these names cannot meet a table's alias, t0, t1, …
const SUBSCRIBERS = quoteIdent('sub.scribers')
const LISTS = quoteIdent('sub.lists')

/** One statement for all root fields, so that a result of several is of one moment. */
export function toMultiplexed(fields: readonly (Nested | StreamField)[], options: SqlOptions): Multiplexed {
  const name = (number: number): string => quoteIdent(`p${number}`)
  // The cast is made once per subscriber, below: here it would be made for every row that is compared.
  const compiler = new Compiler(options, new Parameters(number => `${SUBSCRIBERS}.${name(number)}`))
  const laterals = fields.map((field, index) => {
    const sql =
      field.kind === 'stream'
        ? streamSql(compiler, field)
        : `SELECT (${nestedSql(compiler, field, null)})::text AS "root"`
    return ` LEFT JOIN LATERAL (${sql}) AS ${quoteIdent(`sub.root${index}`)} ON true`
  })
  const { values } = compiler.parameters
  const stream = fields.find(field => field.kind === 'stream')
  const roots = fields.map((_, index) => `, ${quoteIdent(`sub.root${index}`)}."root"`)
  const numbers = values.map((_, index) => index + 1)
  const lists = ['$1::integer[]', ...numbers.map(number => `$${number + 1}::text[]`)]
  const typed = values.map(
    (value, index) => `, ${LISTS}.${name(index + 1)}::${sqlType(value.type)} AS ${name(index + 1)}`,
  )
  const text =
    `SELECT ${SUBSCRIBERS}."number"${roots.join('')}${stream === undefined ? '' : `, ${quoteIdent('sub.root0')}."cursor"`}` +
    // OFFSET keeps Postgres from moving the casts into the subqueries.
    ` FROM (SELECT ${LISTS}."number"${typed.join('')} FROM unnest(${lists.join(', ')})` +
    ` AS ${LISTS} ("number"${numbers.map(number => `, ${name(number)}`).join('')}) OFFSET 0) AS ${SUBSCRIBERS}` +
    laterals.join('')
  return {
    text,
    values: [...values],
    roots: fields.length,
    cursor: stream === undefined ? null : values.indexOf(stream.cursor),
  }
}

/** Rows after the cursor in its order; those that are equal to the batch's last one come with it. */
function streamSql(compiler: Compiler, field: StreamField): string {
  const alias = compiler.nextAlias()
  const { table } = field.rows.from as { table: TableName }
  const column = cellSql(compiler, alias, field.column)
  const comparison = `${column} ${field.direction === 'ASC' ? '>' : '<'} ${compiler.parameter(field.cursor)}`
  const condition = conditionSql(compiler, field.rows.where, { row: alias, root: alias })
  const where = whereSql([comparison, ...(condition === 'true' ? [] : [condition])])
  const role = field.rows.roleLimit
  const batch = compiler.parameter(field.batchSize)
  const size = role === null ? batch : `least(${batch}, ${role})`
  const chosen =
    `SELECT ${alias}.* FROM ${tableSql(table)} AS ${alias}${where}` +
    ` ORDER BY ${column} ${field.direction} FETCH FIRST (${size}) ROWS WITH TIES`
  const row = rowAlias(alias)
  const { columns, json } = jsonRow(fieldsSql(compiler, field.selections, alias), row)
  // json_agg and array_agg take the rows in the order of the subquery.
  return (
    `SELECT coalesce(json_agg((SELECT ${json} FROM (SELECT ${columns}) AS ${row})), '[]')::text AS "root",` +
    ` (array_agg(${column}::text))[count(*)] AS "cursor" FROM (${chosen}) AS ${alias}`
  )
}

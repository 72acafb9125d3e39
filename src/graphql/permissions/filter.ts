import { ObservabilityError } from '../../errors.ts'
import { TEXT } from '../catalog/scalars.ts'
import {
  type Catalog,
  type Column,
  type ComputedField,
  columnNamed,
  type PgType,
  type Table,
  tableKey,
} from '../catalog/types.ts'
import { below, GraphqlError } from '../errors.ts'
import { operandRule, operandType, operatorsOf } from '../operators.ts'
import { callOf, computedValue, rowsOf } from '../plan/call.ts'
import { encode } from '../plan/encode.ts'
import { leafOfJson } from '../plan/leaf.ts'
import { type ColumnComparison, type Condition, type Operand, TRUE, type Value, type ValueRule } from '../plan/nodes.ts'

/** A row permission's expression as a condition. Throws METADATA_INVALID with the place of a mistake. */
export const parseFilter = (filter: Record<string, unknown>, table: Table, catalog: Catalog): Condition =>
  parseRoot(filter, table, catalog, 'filter')

/** What has to hold for a row that was written. */
export const parseCheck = (check: Record<string, unknown>, table: Table, catalog: Catalog): Condition =>
  parseRoot(check, table, catalog, 'check')

function parseRoot(json: Record<string, unknown>, table: Table, catalog: Catalog, word: string): Condition {
  const at = `the ${word} on ${table.name.schema}.${table.name.name}`
  const condition = parseObject(json, { table, root: table, catalog, at })
  return condition === TRUE ? TRUE : { kind: 'own_root', condition }
}

/** What a permission sets a column to: a session variable, or a constant of its type. `at` is for the complaint. */
export function parseValue(json: unknown, type: PgType, at: string): Value {
  if (json === null) return { kind: 'constant', type, value: null }
  return toValue(json, type, 'any', { at })
}

interface Context {
  table: Table
  /** The table the permission is on, for `["$", column]`. */
  root: Table
  catalog: Catalog
  at: string
}

function fail(context: Pick<Context, 'at'>, complaint: string): never {
  throw new ObservabilityError('METADATA_INVALID', `${context.at}: ${complaint}`)
}

const inside = (context: Context, key: string, table = context.table): Context => ({
  ...context,
  table,
  at: `${context.at}.${key}`,
})

function parseObject(value: unknown, context: Context): Condition {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(context, 'must be an object')
  const conditions = Object.entries(value).map(([key, item]) => parseEntry(key, item, context))
  const [only] = conditions
  return conditions.length === 1 && only !== undefined ? only : allOf(conditions)
}

const allOf = (conditions: Condition[]): Condition => (conditions.length === 0 ? TRUE : { kind: 'and', conditions })

function parseEntry(key: string, value: unknown, context: Context): Condition {
  const here = inside(context, key)
  switch (key) {
    case '_and':
    case '$and':
      return allOf(parseList(value, here))
    case '_or':
    case '$or':
      return { kind: 'or', conditions: parseList(value, here) }
    case '_not':
    case '$not':
      return { kind: 'not', condition: parseObject(value, here) }
    case '_exists':
    case '$exists':
      return parseExists(value, here)
  }
  const relationship = context.table.relationships.get(key)
  if (relationship !== undefined) {
    const { remote, columns } = relationship
    const condition = parseObject(value, inside(context, key, remote))
    return { kind: 'exists', table: remote.name, join: columns, condition }
  }
  const computed = context.table.computedFields.get(key)
  if (computed !== undefined) return parseComputed(computed, value, here)
  const column = columnNamed(context.table, key)
  if (column === undefined) return fail(context, `${key} is neither a column nor a relationship`)
  return parseComparison({ kind: 'column', column }, value, here)
}

function parseList(value: unknown, context: Context): Condition[] {
  if (!Array.isArray(value)) return fail(context, 'must be a list')
  return value.map((item, index) => parseObject(item, inside(context, String(index))))
}

function parseExists(value: unknown, context: Context): Condition {
  const { _table: name, _where: where } = (value ?? {}) as { _table?: unknown; _where?: unknown }
  const qualified =
    typeof name === 'string' ? { schema: 'public', name } : { schema: 'public', ...(name as { name?: unknown }) }
  const table = context.catalog.tables.get(tableKey(qualified as Table['name']))
  if (table === undefined) return fail(context, '_table must be a tracked table')
  const condition = parseObject(where ?? {}, inside(context, '_where', table))
  return { kind: 'exists', table: table.name, join: [], condition }
}

function parseComputed(field: ComputedField, value: unknown, context: Context): Condition {
  if (field.arguments.length > 0) return fail(context, 'takes arguments, for which a permission has no place')
  const call = callOf(field)
  if (field.result.kind === 'scalar') return parseComparison(computedValue(field, call), value, context)
  const table = rowsOf(field)
  return { kind: 'exists', table: table.name, call, join: [], condition: parseObject(value, { ...context, table }) }
}

type Left = Operand & { kind: 'column' | 'computed' | 'cast' }

function typeOf(left: Left): PgType {
  if (left.kind === 'column') return left.column.type
  return left.kind === 'cast' ? left.to : left.type
}

function parseComparison(left: Left, value: unknown, context: Context): Condition {
  // A bare value is equality.
  if (typeof value !== 'object' || value === null) return parseOperator(left, '_eq', value, context)
  return allOf(
    Object.entries(value).map(([name, operand]) => parseOperator(left, name, operand, inside(context, name))),
  )
}

const COLUMN_COMPARISONS: Readonly<Record<string, ColumnComparison>> = {
  _ceq: '=',
  _cne: '<>',
  _cneq: '<>',
  _cgt: '>',
  _clt: '<',
  _cgte: '>=',
  _clte: '<=',
}

function parseOperator(left: Left, name: string, value: unknown, context: Context): Condition {
  const key = name.replace(/^\$/, '_')
  const comparison = COLUMN_COMPARISONS[key]
  if (comparison !== undefined && left.kind === 'column') return compareColumns(left.column, comparison, value, context)
  const leftType = typeOf(left)
  if (key === '_cast' && left.kind !== 'cast') return parseCast(left, value, context)
  const operator = operatorsOf(leftType).get(key === '_ne' ? '_neq' : key)
  if (operator === undefined) return fail(context, `${name} is not an operator of ${leftType.name}`)
  // Clients may not compare with null; a permission that does asks whether there is a value.
  if (value === null && (operator.name === '_eq' || operator.name === '_neq')) {
    return { kind: 'is_null', left, isNull: operator.name === '_eq' }
  }
  if (operator.operand === 'boolean') {
    if (typeof value !== 'boolean') return fail(context, 'must be true or false')
    return { kind: 'is_null', left, isNull: value }
  }
  if (operator.operand === 'list' && leftType.element !== null) {
    if (!Array.isArray(value)) return fail(context, 'must be a list of arrays')
    const any = value.map(item => parseOperator(left, '_eq', item, context))
    const condition: Condition = { kind: 'or', conditions: any }
    return operator.name === '_nin' ? { kind: 'not', condition } : condition
  }
  const type = operandType(operator, leftType)
  return { kind: 'compare', left, operator, value: toValue(value, type, operandRule(operator), context) }
}

/** `{ String: … }`, or as Postgres calls it: what the text of the value has to be. */
function parseCast(of: Exclude<Left, { kind: 'cast' }>, value: unknown, context: Context): Condition {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(context, 'must be an object')
  return allOf(
    Object.entries(value).map(([to, comparison]) => {
      if (to !== 'String' && to !== 'text') return fail(context, `${to} is no type to cast to; String is`)
      return parseComparison({ kind: 'cast', of, to: TEXT }, comparison, inside(context, to))
    }),
  )
}

function compareColumns(left: Column, sql: ColumnComparison, value: unknown, context: Context): Condition {
  const path = Array.isArray(value) ? value : [value]
  const ofRoot = path.length === 2 && path[0] === '$'
  const name: unknown = path.at(-1)
  const right = typeof name === 'string' ? columnNamed(ofRoot ? context.root : context.table, name) : undefined
  if (right === undefined || (path.length > 1 && !ofRoot)) return fail(context, 'must be the name of a column')
  return { kind: 'compare_columns', left, sql, right, of: ofRoot ? 'root' : 'row' }
}

function toValue(value: unknown, type: PgType, rule: ValueRule, context: Pick<Context, 'at'>): Value {
  if (typeof value === 'string' && /^x-hasura-/i.test(value)) {
    return { kind: 'session', type, name: value.toLowerCase() }
  }
  try {
    const leaf = leafOfJson(withoutQuotes(value, type))
    return { kind: 'constant', type, value: encode(leaf, type, below(null, 'filter'), rule) }
  } catch (error) {
    if (error instanceof GraphqlError) return fail(context, error.message)
    throw error
  }
}

const UNQUOTED = new Set(['Int', 'Float', 'Boolean'])

/** Metadata may have numbers and booleans as text, which the types of GraphQL do not take from clients. */
function withoutQuotes(value: unknown, type: PgType): unknown {
  const { element } = type
  if (element !== null) return Array.isArray(value) ? value.map(item => withoutQuotes(item, element)) : value
  if (typeof value !== 'string' || !UNQUOTED.has(type.scalar)) return value
  return /^\s*(?:true|false|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.test(value) ? JSON.parse(value.toLowerCase()) : value
}

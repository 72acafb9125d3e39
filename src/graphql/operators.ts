import { arrayOf, isJson, isStringLike, pgType, TEXT } from './catalog/scalars.ts'
import type { PgType } from './catalog/types.ts'
import type { ValueRule } from './plan/nodes.ts'

/**
 * What the right side of an operator is, given a column of type T: a T, a list of T, a text, a list of texts, a boolean
 * that decides which SQL is written, or a type of its own, or a list of that.
 */
export type Operand = 'same' | 'list' | 'text' | 'texts' | 'boolean' | PgTypeName | readonly [PgTypeName]

/** A type that belongs to the column's: of the same schema. */
export type PgTypeName = 'ltree' | 'lquery' | 'ltxtquery' | 'jsonpath'

export interface Operator {
  readonly name: string
  readonly operand: Operand
  /** The infix in SQL. For `list` operands with the quantifier. */
  readonly sql: string
  readonly description?: string
}

const operator = (name: string, sql: string, operand: Operand = 'same', description?: string): Operator =>
  Object.freeze({ name, sql, operand, ...(description === undefined ? {} : { description }) })

export const EQUALS = operator('_eq', '=')

const GENERAL: readonly Operator[] = [
  EQUALS,
  operator('_gt', '>'),
  operator('_gte', '>='),
  operator('_in', '= ANY', 'list'),
  operator('_is_null', 'IS NULL', 'boolean'),
  operator('_lt', '<'),
  operator('_lte', '<='),
  operator('_neq', '<>'),
  operator('_nin', '<> ALL', 'list'),
]

const STRING_LIKE: readonly Operator[] = [
  operator('_ilike', 'ILIKE', 'same', 'does the column match the given case-insensitive pattern'),
  operator('_iregex', '~*', 'same', 'does the column match the given POSIX regular expression, case insensitive'),
  operator('_like', 'LIKE', 'same', 'does the column match the given pattern'),
  operator('_nilike', 'NOT ILIKE', 'same', 'does the column NOT match the given case-insensitive pattern'),
  operator('_niregex', '!~*', 'same', 'does the column NOT match the given POSIX regular expression, case insensitive'),
  operator('_nlike', 'NOT LIKE', 'same', 'does the column NOT match the given pattern'),
  operator('_nregex', '!~', 'same', 'does the column NOT match the given POSIX regular expression, case sensitive'),
  operator('_nsimilar', 'NOT SIMILAR TO', 'same', 'does the column NOT match the given SQL regular expression'),
  operator('_regex', '~', 'same', 'does the column match the given POSIX regular expression, case sensitive'),
  operator('_similar', 'SIMILAR TO', 'same', 'does the column match the given SQL regular expression'),
]

const JSONB: readonly Operator[] = [
  operator('_contained_in', '<@', 'same', 'is the column contained in the given json value'),
  operator('_contains', '@>', 'same', 'does the column contain the given json value at the top level'),
  operator('_has_key', '?', 'text', 'does the string exist as a top-level key in the column'),
  operator('_has_keys_all', '?&', 'texts', 'do all of these strings exist as top-level keys in the column'),
  operator('_has_keys_any', '?|', 'texts', 'do any of these strings exist as top-level keys in the column'),
]

const JSONB_PATH: readonly Operator[] = [
  operator('_jsonb_path_exists', '@?', 'jsonpath', 'does the JSON path return any item of the column'),
  operator('_jsonb_path_match', '@@', 'jsonpath', 'what a JSON path predicate says of the column'),
]

const LTREE: readonly Operator[] = [
  operator('_ancestor', '@>', 'ltree', 'is the column an ancestor of the given path, or the same'),
  operator('_ancestor_any', '@>', ['ltree'], 'is the column an ancestor of any of the given paths, or the same'),
  operator('_descendant', '<@', 'ltree', 'is the column a descendant of the given path, or the same'),
  operator('_descendant_any', '<@', ['ltree'], 'is the column a descendant of any of the given paths, or the same'),
  operator('_matches', '~', 'lquery', 'does the column match the given pattern of paths'),
  operator('_matches_any', '?', ['lquery'], 'does the column match any of the given patterns of paths'),
  operator('_matches_fulltext', '@', 'ltxtquery', 'does the column match the given search for labels'),
]

const ARRAY: readonly Operator[] = [
  operator('_contained_in', '<@', 'same', 'is the array contained in the given array value'),
  operator('_contains', '@>', 'same', 'does the array contain the given value'),
]

/** The operators of a column, by name. */
export function operatorsOf(type: PgType): ReadonlyMap<string, Operator> {
  if (type.values !== null) return ENUM_OPERATORS
  if (type.element !== null) return ARRAY_OPERATORS
  if (isStringLike(type)) return STRING_OPERATORS
  if (isJson(type) && type.name === 'jsonb') return JSONB_OPERATORS
  if (type.name === 'ltree') return LTREE_OPERATORS
  return GENERAL_OPERATORS
}

/** The Postgres type of an operator's right side. */
export function operandType(operator: Operator, column: PgType): PgType {
  switch (operator.operand) {
    case 'list':
      return arrayOf(column)
    case 'text':
      return TEXT
    case 'texts':
      return arrayOf(TEXT)
    case 'same':
    case 'boolean':
      return column
    default:
      return typeof operator.operand === 'string'
        ? pgType(column.schema, operator.operand)
        : arrayOf(pgType(column.schema, operator.operand[0]))
  }
}

/** How a client's value is read for it. */
export const operandRule = (operator: Operator): ValueRule =>
  operator.operand === 'list' || operator.operand === 'texts' || typeof operator.operand === 'object' ? 'list' : 'any'

const byName = (...lists: (readonly Operator[])[]): ReadonlyMap<string, Operator> =>
  new Map(lists.flat().map(item => [item.name, item]))

const GENERAL_OPERATORS = byName(GENERAL)
const ENUM_OPERATORS = byName(GENERAL.filter(({ name }) => /^_(eq|neq|in|nin|is_null)$/.test(name)))
const STRING_OPERATORS = byName(GENERAL, STRING_LIKE)
const JSONB_OPERATORS = byName(GENERAL, JSONB, JSONB_PATH)
const LTREE_OPERATORS = byName(GENERAL, LTREE)
const ARRAY_OPERATORS = byName(GENERAL, ARRAY)

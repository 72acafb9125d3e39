import { isJson } from '../catalog/scalars.ts'
import type { PgType } from '../catalog/types.ts'
import { below, GraphqlError, invalid, type Path } from '../errors.ts'
import { jsonTextOf, type Leaf } from './leaf.ts'
import type { ParameterValue, ValueRule } from './nodes.ts'

/**
 * A client's value as the text Postgres reads, checked as far as Hasura checks: Int, Float, String and Boolean strictly;
 * of other types any text is passed on, and Postgres itself refuses what it cannot read (`data-exception`).
 */
export function encode(leaf: Leaf, type: PgType, path: Path, rule: ValueRule = 'any'): ParameterValue {
  if (rule === 'count') return encodeCount(leaf, path)
  if (rule === 'offset') return encodeOffset(leaf, path)
  if (type.element !== null) return encodeArray(leaf, type.element, path, rule)
  if (isJson(type)) return jsonTextOf(leaf)
  if (leaf.form === 'null') return invalid(`unexpected null value for type '${type.scalar}'`, path)
  switch (type.scalar) {
    case 'Int':
      return encodeInteger(leaf, path)
    case 'Float':
      return isNumber(leaf) ? leaf.text : mismatch('a float', type.scalar, leaf, path)
    case 'String':
      return leaf.form === 'a string' ? leaf.text : mismatch('a string', type.scalar, leaf, path)
    case 'Boolean':
      return leaf.form === 'a boolean' ? String(leaf.value) : mismatch('a boolean', type.scalar, leaf, path)
    default:
      return encodeOther(leaf, type, path)
  }
}

export function mismatch(expected: string, type: string, leaf: Leaf, path: Path): never {
  return invalid(`expected ${expected} for type '${type}', but found ${leaf.form}`, path)
}

const isNumber = (leaf: Leaf): leaf is Leaf & { text: string } =>
  leaf.form === 'an integer' || leaf.form === 'a float' || leaf.form === 'a number'

const MAX_INT = 2_147_483_647

function encodeInteger(leaf: Leaf, path: Path): string {
  if (!isNumber(leaf)) return mismatch('a 32-bit integer', 'Int', leaf, path)
  const value = Number(leaf.text)
  if (!Number.isInteger(value) || value > MAX_INT || value < -MAX_INT - 1) return outsideBounds(value, path)
  return String(value)
}

function outsideBounds(value: number, path: Path): never {
  throw new GraphqlError(
    'parse-failed',
    `The value ${scientific(value)} lies outside the bounds or is not an integer. ` +
      'Maybe it is a float, or is there integer overflow?',
    path,
  )
}

// 2147483648 -> 2.147483648e9, as Hasura prints numbers.
function scientific(value: number): string {
  const size = Math.abs(value)
  if (size >= 0.1 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${exponent.replace('+', '')}`
}

function encodeCount(leaf: Leaf, path: Path): string {
  const expected = 'a non-negative 32-bit integer'
  if (!isNumber(leaf)) return mismatch(expected, 'Int', leaf, path)
  if (Number(leaf.text) < 0) return mismatch(expected, 'Int', leaf, path)
  return encodeInteger(leaf, path)
}

function encodeOffset(leaf: Leaf, path: Path): string {
  const expected = 'a non-negative 64-bit integer'
  if (leaf.form !== 'a string' && !isNumber(leaf)) return mismatch(expected, 'Int', leaf, path)
  // BigInt('1e3') fails where Number('1e3') would do; JSON has no other way to write such a number.
  const text = isNumber(leaf) && Number.isSafeInteger(Number(leaf.text)) ? String(Number(leaf.text)) : leaf.text
  if (!/^\d{1,19}$/.test(text) || BigInt(text) > 9_223_372_036_854_775_807n)
    return mismatch(expected, 'Int', leaf, path)
  return text
}

function encodeArray(leaf: Leaf, element: PgType, path: Path, rule: ValueRule): ParameterValue {
  if (leaf.form === 'a string' && rule !== 'list') return leaf.text
  if (leaf.form === 'null') return invalid(`unexpected null value for type '[${element.scalar}!]'`, path)
  const items = leaf.form === 'a list' ? leaf.items : [leaf]
  return items.map((item, index) => encode(item, element, below(path, index)))
}

// The words of the reader that Hasura uses for these types.
const READER_NAMES: Readonly<Record<string, string>> = {
  uuid: 'UUID',
  timestamptz: 'UTCTime',
  timestamp: 'LocalTime',
  date: 'Day',
  bigint: 'Int64',
  smallint: 'Int16',
  numeric: 'Scientific',
  float8: 'Double',
}

const NUMBER_SCALARS = new Set(['bigint', 'smallint', 'numeric', 'float8', 'money'])

const INTEGER_BITS: Readonly<Record<string, number>> = { smallint: 16, bigint: 64 }

/** A whole number of so many bits: `1.0` and `1e3` are some. */
function encodeWhole(text: string, type: PgType, bits: number, path: Path): string {
  const value = Number(text)
  // 2^53 and more come with all their digits, or with an exponent.
  const whole = /^-?\d+$/.test(text) ? BigInt(text) : Number.isInteger(value) ? BigInt(value) : null
  if (whole !== null && BigInt.asIntN(bits, whole) === whole) return String(whole)
  throw new GraphqlError(
    'parse-failed',
    `parsing ${READER_NAMES[type.scalar]} failed, value is either floating or will cause over or underflow ${scientific(value)}`,
    path,
  )
}

const LABEL_PATH = /^(?:[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*)?$/u

function encodeOther(leaf: Leaf, type: PgType, path: Path): string {
  if (type.scalar === 'ltree' && leaf.form === 'a string' && !LABEL_PATH.test(leaf.text)) {
    const message = 'Expecting label path: a sequence of zero or more labels separated by dots, for example L1.L2.L3'
    throw new GraphqlError('parse-failed', message, path)
  }
  if (leaf.form === 'a string' || leaf.form === 'an enum value') return leaf.text
  const takesNumbers = NUMBER_SCALARS.has(type.scalar)
  if (takesNumbers && isNumber(leaf)) {
    const bits = INTEGER_BITS[type.scalar]
    return bits === undefined ? leaf.text : encodeWhole(leaf.text, type, bits, path)
  }
  const found = { 'a boolean': 'Boolean', 'a list': 'Array', 'an object': 'Object', null: 'Null' }[leaf.form as string]
  throw new GraphqlError(
    'parse-failed',
    `parsing ${READER_NAMES[type.scalar] ?? type.scalar} failed, expected ${takesNumbers ? 'Number' : 'String'}, ` +
      `but encountered ${found ?? 'Number'}`,
    path,
  )
}

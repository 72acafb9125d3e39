import type { PgType } from './types.ts'

// Only where Hasura's name of the scalar is not Postgres' name of the type.
const SCALAR_NAMES: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'Int',
  int8: 'bigint',
  float4: 'Float',
  bool: 'Boolean',
  text: 'String',
  varchar: 'String',
}

export const BUILT_IN_SCALARS: ReadonlySet<string> = new Set(['Int', 'Float', 'String', 'Boolean', 'ID'])

const STRING_LIKE = new Set(['text', 'varchar', 'bpchar', 'citext', 'name'])
const NUMERIC = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'money'])
// Types that Hasura knows and that have an order; of others it offers neither min nor max.
const ORDERED = new Set([
  ...NUMERIC,
  ...['text', 'varchar', 'bpchar', 'citext', 'uuid', 'date', 'timestamp', 'timestamptz', 'timetz'],
])
const STRINGIFIED = new Set(['int8', 'numeric', 'float8', 'money'])
const JSON_TYPES = new Set(['json', 'jsonb'])

export function pgType(schema: string, name: string, isEnum = false): PgType {
  const scalar = schema === 'pg_catalog' ? (SCALAR_NAMES[name] ?? name) : name
  return Object.freeze({ schema, name, scalar, element: null, isEnum, values: null })
}

export function arrayOf(element: PgType): PgType {
  return Object.freeze({
    schema: element.schema,
    name: `_${element.name}`,
    scalar: element.scalar,
    element,
    isEnum: false,
    values: null,
  })
}

export const TEXT = pgType('pg_catalog', 'text')
export const BOOLEAN = pgType('pg_catalog', 'bool')
export const INTEGER = pgType('pg_catalog', 'int4')
export const DOUBLE = pgType('pg_catalog', 'float8')
export const BIGINT = pgType('pg_catalog', 'int8')

export const isStringLike = (type: PgType): boolean => type.element === null && STRING_LIKE.has(type.name)
export const isNumeric = (type: PgType): boolean => type.element === null && NUMERIC.has(type.name)
/** Postgres adds money up, and has no mean of it. */
export const hasMean = (type: PgType): boolean => isNumeric(type) && type.name !== 'money'
export const isOrdered = (type: PgType): boolean =>
  type.values === null && (type.element !== null || type.isEnum || ORDERED.has(type.name))
export const isJson = (type: PgType): boolean => type.element === null && JSON_TYPES.has(type.name)
/** Whether HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES turns it into a string. */
export const isStringified = (type: PgType): boolean => STRINGIFIED.has((type.element ?? type).name)

/** Whether its JSON form is a string though its scalar is not called String. */
export const isTextInJson = (type: PgType): boolean =>
  type.values === null &&
  !BUILT_IN_SCALARS.has(type.scalar) &&
  !NUMERIC.has((type.element ?? type).name) &&
  !JSON_TYPES.has(type.name)

import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { randomFrom } from '../../support/random-from.ts'

/** Choices that look random and are the same for the same seed. */
export function randomNumbers(seed: number) {
  const next = randomFrom(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T
  return { chance: (part: number) => next() < part, pick, below: (limit: number) => Math.floor(next() * limit) }
}

const STRINGS = ['"Alpha"', '"%a%"', '""', '"\'"', '"{red}"', '"x-hasura-user-id"', '"$.a"', '"\\\\"', '"a|b"']
const SCALARS: Record<string, string[]> = {
  Int: ['0', '1', '2', '5'],
  smallint: ['1', '"30"'],
  bigint: ['1', '"9007199254740993"'],
  numeric: ['4.5', '"1e3"'],
  float8: ['1.5', '"NaN"'],
  money: ['"$1.00"'],
  Boolean: ['true', 'false'],
  String: STRINGS,
  uuid: ['"11111111-1111-4111-8111-111111111111"'],
  timestamptz: ['"2024-01-01"', '"2024-05-06T07:08:09.123456+00:00"'],
  timestamp: ['"2024-01-01"'],
  date: ['"1980-02-03"'],
  time: ['"07:08"'],
  jsonb: ['{a: {b: [10]}}', '[]', '"x"', '1', '{}'],
  json: ['{z: 1}'],
  mood: ['calm', '"wild"'],
  bpchar: ['"AB"'],
}

const JSON_SCALARS: Record<string, string[]> = {
  ...SCALARS,
  jsonb: ['{"a": {"b": [10]}}', '[]', '"x"', '{}'],
  json: ['{"z": 1}'],
  mood: ['"calm"'],
}

/** What somebody sends who means harm. */
export const HOSTILE = [
  "'; DROP TABLE author; --",
  '"; DROP TABLE author; --',
  '$1::text) OR true --',
  "\\'; SELECT pg_sleep(9); --",
  '") UNION SELECT email FROM author --',
  "x'||(SELECT string_agg(mail::text, '') FROM employee)||'",
  '$$; COPY author TO PROGRAM $$ls$$; $$',
  '\u0000',
  '\u2028`$' + '{7*7}`',
  '__proto__',
  'constructor',
  'x-hasura-user-id',
  '{"a":',
  '{a,b}',
  '$.a[0]["b"] ? (@ > 1)',
  '9'.repeat(40),
  'e'.repeat(300),
]

export interface GeneratedDocument {
  query: string
  variables: Record<string, unknown>
}

export interface GeneratorOptions {
  /** Puts variables where values may stand, with values of any kind, and hostile texts where texts may stand. @default false */
  hostile?: boolean
}

/** A query that the schema allows as far as shapes go; its values may be anything. */
export function generateDocument(
  root: GraphQLObjectType,
  seed: number,
  { hostile = false }: GeneratorOptions = {},
): GeneratedDocument {
  const { chance, pick } = randomNumbers(seed)
  const variables: Record<string, unknown> = {}
  const definitions: string[] = []

  const anything = (depth = 0): unknown => {
    const simple = [null, true, 0, -1, 1.5, 2 ** 53, '', 'a', ...HOSTILE]
    if (depth > 2 || chance(0.7)) return pick(simple)
    if (chance(0.5)) return [anything(depth + 1), anything(depth + 1)]
    return { [pick(HOSTILE)]: anything(depth + 1), _eq: anything(depth + 1) }
  }

  function json(type: GraphQLInputType, depth: number): unknown {
    if (chance(0.03)) return anything()
    if (isNonNullType(type)) return json(type.ofType, depth)
    if (isListType(type)) return Array.from({ length: pick([0, 1, 2]) }, () => json(type.ofType, depth))
    if (isEnumType(type)) return pick(type.getValues()).name
    if (!isInputObjectType(type))
      return type.name === 'Int'
        ? pick([0, 1, 7])
        : type.name === 'String'
          ? pick(HOSTILE)
          : JSON.parse(pick(JSON_SCALARS[type.name] ?? ['"a"']))
    const fields = Object.values(type.getFields())
    const chosen = fields.filter(field => isNonNullType(field.type) || (depth < 4 && chance(2 / fields.length)))
    return Object.fromEntries(chosen.map(field => [field.name, json(field.type, depth + 1)]))
  }

  function variable(type: GraphQLInputType): string {
    const name = `v${definitions.length}`
    definitions.push(`$${name}: ${type}`)
    variables[name] = json(type, 0)
    return `$${name}`
  }

  function value(type: GraphQLInputType, depth: number): string {
    if (hostile && chance(0.12)) return variable(type)
    if (isNonNullType(type)) return value(type.ofType, depth)
    if (isListType(type)) {
      const count = pick([0, 1, 1, 2])
      return `[${Array.from({ length: count }, () => value(type.ofType, depth)).join(', ')}]`
    }
    if (isEnumType(type)) return pick(type.getValues()).name
    if (!isInputObjectType(type)) {
      if (hostile && type.name === 'String' && chance(0.3)) return JSON.stringify(pick(HOSTILE))
      return pick(SCALARS[type.name] ?? STRINGS)
    }
    const fields = Object.values(type.getFields())
    const required = fields.filter(field => isNonNullType(field.type))
    const optional = fields.filter(field => !isNonNullType(field.type))
    const isAggregatePredicate = type.name.endsWith('_aggregate_bool_exp')
    const most = type.name.endsWith('_insert_input') ? [1, 2, 4, 5] : [0, 1, 1, 2, 3]
    const wanted = isAggregatePredicate ? 1 : depth > 4 ? 0 : pick(most)
    const chosen = new Set(required)
    for (let i = 0; i < wanted; i++) chosen.add(pick(optional))
    chosen.delete(undefined as never)
    return `{${[...chosen].map(field => `${field.name}: ${value(field.type, depth + 1)}`).join(', ')}}`
  }

  function args(list: readonly GraphQLArgument[]): string {
    // An order has to begin with the columns of distinct_on; half of the documents leave that out.
    const usable = list.filter(argument => argument.name !== (chance(0.5) ? 'distinct_on' : 'order_by'))
    const chosen = usable.filter(argument => isNonNullType(argument.type) || chance(0.4))
    if (chosen.length === 0) return ''
    const path = () => (hostile && chance(0.5) ? JSON.stringify(pick(HOSTILE)) : '"$.a.b[0]"')
    return `(${chosen.map(argument => `${argument.name}: ${argument.name === 'path' ? path() : value(argument.type, 0)}`).join(', ')})`
  }

  let alias = 0
  function selection(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields())
    const parts = chance(0.2) ? ['__typename'] : []
    for (let i = 0; i < pick([1, 2, 3, 4]); i++) {
      const field = pick(fields)
      // A table without columns.
      if (field === undefined) break
      const of = getNamedType(field.type)
      if (isObjectType(of) && depth > 5) continue
      parts.push(
        `a${alias++}: ${field.name}${args(field.args)}${isObjectType(of) ? ` ${selection(of, depth + 1)}` : ''}`,
      )
    }
    return `{ ${parts.length === 0 ? '__typename' : parts.join(' ')} }`
  }

  const body = selection(root, 0)
  return { query: definitions.length === 0 ? body : `query (${definitions.join(', ')}) ${body}`, variables }
}

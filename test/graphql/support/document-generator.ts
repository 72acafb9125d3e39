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

// mulberry32: small, and the same everywhere.
function randomNumbers(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T
  return { chance: (part: number) => next() < part, pick }
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

/** Makes selections on a type, with arguments; the same seed makes the same one. */
export function generator(seed: number) {
  const { chance, pick } = randomNumbers(seed)

  function value(type: GraphQLInputType, depth: number): string {
    if (isNonNullType(type)) return value(type.ofType, depth)
    if (isListType(type)) {
      const count = pick([0, 1, 1, 2])
      return `[${Array.from({ length: count }, () => value(type.ofType, depth)).join(', ')}]`
    }
    if (isEnumType(type)) return pick(type.getValues()).name
    if (!isInputObjectType(type)) return pick(SCALARS[type.name] ?? STRINGS)
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
    return `(${chosen.map(argument => `${argument.name}: ${argument.name === 'path' ? '"$.a.b[0]"' : value(argument.type, 0)}`).join(', ')})`
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

  return selection
}

import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputFieldConfig,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLString,
} from 'graphql'
import type { Naming } from '../catalog/naming.ts'
import { TEXT } from '../catalog/scalars.ts'
import type { EnumValue, PgType } from '../catalog/types.ts'
import { type Operator, operandType, operatorsOf } from '../operators.ts'
import { withNames } from './canonical.ts'
import { inputMeans } from './meaning.ts'

/** The scalars of one schema and their comparison expressions. */
export interface ScalarTypes {
  output(type: PgType): GraphQLOutputType
  input(type: PgType): GraphQLInputType
  comparison(type: PgType): GraphQLInputObjectType
  /** The enums among these types. */
  enums(types: readonly PgType[]): GraphQLEnumType[]
  /** The scalars made so far that GraphQL does not have itself. */
  custom(): GraphQLScalarType[]
}

/** Whether its values can be compared as the texts that Postgres makes of them. */
const isCastable = (type: PgType): boolean => type.element === null && type.values === null && type.scalar !== 'String'

// Hasura has none of these for uuid. Consoles were written for a schema whose correlation ids are text, and search in them.
const PATTERNS = [...operatorsOf(TEXT).values()].filter(({ name }) => /^_n?i?like$/.test(name))

export function scalarTypes(naming: Naming): ScalarTypes {
  const scalars = new Map<string, GraphQLScalarType>(
    [GraphQLInt, GraphQLFloat, GraphQLString, GraphQLBoolean, GraphQLID].map(scalar => [scalar.name, scalar]),
  )
  const comparisons = new Map<string, GraphQLInputObjectType>()

  function scalar(name: string): GraphQLScalarType {
    const known = scalars.get(name)
    if (known !== undefined) return known
    const made = new GraphQLScalarType({ name })
    scalars.set(name, made)
    return made
  }

  const enums = new Map<string, GraphQLEnumType>()
  function enumType(name: string, values: readonly EnumValue[]): GraphQLEnumType {
    const known = enums.get(name)
    if (known !== undefined) return known
    const made = new GraphQLEnumType({
      name,
      values: Object.fromEntries(values.map(({ name, value, description }) => [name, { value, description }])),
    })
    enums.set(name, made)
    return made
  }

  const single = (type: PgType): GraphQLScalarType | GraphQLEnumType =>
    type.values === null ? scalar(type.scalar) : enumType(type.scalar, type.values)

  type Typed = GraphQLScalarType | GraphQLEnumType | GraphQLList<GraphQLNonNull<GraphQLScalarType | GraphQLEnumType>>
  const typed = (type: PgType): Typed =>
    type.element === null ? single(type) : new GraphQLList(new GraphQLNonNull(single(type.element)))

  function comparison(type: PgType): GraphQLInputObjectType {
    const name = naming.sharedType(`${type.scalar}${type.element === null ? '' : '_array'}_comparison_exp`)
    const known = comparisons.get(name)
    if (known !== undefined) return known
    const shown = type.element === null ? type.scalar : `[${type.scalar}]`
    const made = new GraphQLInputObjectType({
      name,
      description: `Boolean expression to compare columns of type "${shown}". All fields are combined with logical 'AND'.`,
      fields: () => comparisonFields(type),
    })
    comparisons.set(name, made)
    return made
  }

  function comparisonFields(type: PgType): GraphQLInputFieldConfigMap {
    const fields: GraphQLInputFieldConfigMap = {}
    if (isCastable(type)) fields._cast = { type: castExpression(type.scalar), ...inputMeans({ kind: 'cast' }) }
    if (type.element === null && type.name === 'uuid') {
      for (const operator of PATTERNS) {
        fields[operator.name] = {
          type: GraphQLString,
          description: `${operator.description} (of its text)`,
          ...inputMeans({ kind: 'text_operator', operator }),
        }
      }
    }
    for (const operator of operatorsOf(type).values()) {
      fields[operator.name] = {
        type: inputOf(operator, type),
        ...(operator.description === undefined ? {} : { description: operator.description }),
        ...inputMeans({ kind: 'operator', operator }),
      }
    }
    return withNames<GraphQLInputFieldConfig>(naming, fields)
  }

  function inputOf(operator: Operator, type: PgType): GraphQLInputType {
    if (operator.operand === 'boolean') return GraphQLBoolean
    if (operator.operand === 'list') return new GraphQLList(new GraphQLNonNull(typed(type)))
    return typed(operandType(operator, type))
  }

  const castExpression = (scalar: string): GraphQLInputObjectType =>
    new GraphQLInputObjectType({
      name: naming.sharedType(`${scalar}_cast_exp`),
      fields: () => ({ String: { type: comparison(TEXT) } }),
    })

  return {
    output: typed,
    input: typed,
    comparison,
    enums: types => types.flatMap(type => (type.values === null ? [] : [enumType(type.scalar, type.values)])),
    custom: () => [...scalars.values()],
  }
}

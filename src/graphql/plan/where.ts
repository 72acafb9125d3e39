import { BOOLEAN, DOUBLE, INTEGER, TEXT } from '../catalog/scalars.ts'
import type { ComputedField, PgType, Relationship, Table } from '../catalog/types.ts'
import { invalid } from '../errors.ts'
import { EQUALS, type Operator, operandRule, operandType } from '../operators.ts'
import { columnMeant, inputMeaning } from '../schema/meaning.ts'
import { callOf, computedValue, rowsOf } from './call.ts'
import { type PlanContext, planInside } from './context.ts'
import type { Input } from './input.ts'
import { type Aggregate, type Condition, type Operand, TRUE } from './nodes.ts'

/** A `bool_exp` as a condition. */
export function planWhere(context: PlanContext, input: Input): Condition {
  return allOf(
    context.reader.object(input).map(({ field, input: inner }): Condition => {
      const meaning = inputMeaning(field)
      switch (meaning?.kind) {
        case 'and':
          return allOf(context.reader.list(inner).map(item => planWhere(context, item)))
        case 'or':
          return { kind: 'or', conditions: context.reader.list(inner).map(item => planWhere(context, item)) }
        case 'not':
          return { kind: 'not', condition: planWhere(context, inner) }
        case 'column':
          return planComparison(context, inner, { kind: 'column', column: meaning.column })
        case 'computed':
          return planComputed(context, inner, meaning.field)
        case 'relationship':
          return planExists(context, inner, meaning.relationship)
        case 'relationship_aggregate':
          return planAggregatePredicate(context, inner, meaning.relationship)
        default:
          throw new TypeError(`${field.name} has no meaning in a filter`)
      }
    }),
  )
}

/** All of them, without a needless level. */
export function allOf(conditions: readonly Condition[]): Condition {
  const kept = conditions.filter(condition => condition.kind !== 'and' || condition.conditions.length > 0)
  const [only] = kept
  if (only === undefined) return TRUE
  return kept.length === 1 ? only : { kind: 'and', conditions: kept }
}

function planExists(context: PlanContext, input: Input, relationship: Relationship): Condition {
  const given = planInside(context, input.path, () => planWhere(context, input))
  const condition = allOf([filterOn(context, relationship.remote), given])
  return { kind: 'exists', table: relationship.remote.name, join: relationship.columns, condition }
}

function planComputed(context: PlanContext, input: Input, field: ComputedField): Condition {
  const call = callOf(field)
  if (field.result.kind === 'scalar') return planComparison(context, input, computedValue(field, call))
  const table = rowsOf(field)
  const given = planInside(context, input.path, () => planWhere(context, input))
  const condition = allOf([filterOn(context, table), given])
  return { kind: 'exists', table: table.name, call, join: [], condition }
}

/** What the role may see of the other table: rows hidden from it must not answer questions either. */
export function filterOn(context: PlanContext, table: Table): Condition {
  const access = context.access.table(table)
  // The schema has no such field for a role that may not read the table.
  if (access === undefined) throw new TypeError(`${table.typeName} is not readable`)
  return access.filter
}

// Postgres' ANY would look at the elements of all the arrays, so each array is compared by itself.
function planArrayIn({ reader }: PlanContext, input: Input, left: Operand, operator: Operator): Condition {
  const conditions = reader.list(input).map((item): Condition => {
    return { kind: 'compare', left, operator: EQUALS, value: reader.value(item, operandOf(left)) }
  })
  const any: Condition = { kind: 'or', conditions }
  return operator.name === '_nin' ? { kind: 'not', condition: any } : any
}

const castOperands: Readonly<Record<string, typeof TEXT>> = { String: TEXT }

function planComparison(context: PlanContext, input: Input, left: Operand): Condition {
  const type = operandOf(left)
  return allOf(
    context.reader.object(input).map(({ field, input: inner }): Condition => {
      const meaning = inputMeaning(field)
      if (meaning?.kind === 'cast' && left.kind !== 'cast') return planCast(context, inner, left)
      if (meaning?.kind === 'text_operator' && left.kind !== 'cast') {
        const { operator } = meaning
        const text: Operand = { kind: 'cast', of: left, to: TEXT }
        return { kind: 'compare', left: text, operator, value: context.reader.value(inner, TEXT) }
      }
      if (meaning?.kind !== 'operator') throw new TypeError(`${field.name} has no meaning in a comparison`)
      const { operator } = meaning
      if (operator.operand === 'boolean') return { kind: 'is_null', left, isNull: context.reader.boolean(inner) }
      if (operator.operand === 'list' && type.element !== null) return planArrayIn(context, inner, left, operator)
      const value = context.reader.value(inner, operandType(operator, type), operandRule(operator))
      return { kind: 'compare', left, operator, value }
    }),
  )
}

function planCast(context: PlanContext, input: Input, of: (Operand & { kind: 'cast' })['of']): Condition {
  return allOf(
    context.reader.object(input).map(({ name, input: inner }) => {
      const to = castOperands[name]
      if (to === undefined) throw new TypeError(`no cast to ${name}`)
      return planComparison(context, inner, { kind: 'cast', of, to })
    }),
  )
}

function operandOf(operand: Operand): PgType {
  switch (operand.kind) {
    case 'column':
      return operand.column.type
    case 'cast':
      return operand.to
    case 'computed':
      return operand.type
    case 'aggregate':
      return resultType(operand.aggregate.function)
    default:
      return operand satisfies never
  }
}

function resultType(name: Aggregate['function']): PgType {
  if (name === 'count') return INTEGER
  return name === 'bool_and' || name === 'bool_or' ? BOOLEAN : DOUBLE
}

function planAggregatePredicate(context: PlanContext, input: Input, relationship: Relationship): Condition {
  const entries = context.reader.object(input)
  const [entry] = entries
  if (entry === undefined || entries.length !== 1)
    return invalid('exactly one predicate should be specified', input.path)
  const meaning = inputMeaning(entry.field)
  const name = meaning?.kind === 'statistic' ? meaning.function : 'count'
  const parts = new Map(context.reader.object(entry.input).map(part => [part.name, part.input]))
  const args = parts.get('arguments')
  const distinct = parts.get('distinct')
  const filter = parts.get('filter')
  const predicate = parts.get('predicate') as Input
  const { reader } = context
  const argumentsOf = (aggregate: Aggregate['function'], input: Input): Input[] => {
    if (aggregate === 'count') return reader.list(input)
    if (aggregate !== 'corr' && aggregate !== 'covar_samp') return [input]
    const given = new Map(reader.object(input).map(item => [item.name, item.input]))
    return ['X', 'Y'].map(key => given.get(key) as Input)
  }
  const columns = args === undefined ? [] : argumentsOf(name, args).map(item => columnMeant(reader.enum(item)))
  const aggregate: Aggregate = {
    function: name,
    columns,
    distinct: distinct === undefined ? false : reader.boolean(distinct),
  }
  return {
    kind: 'aggregate',
    table: relationship.remote.name,
    join: relationship.columns,
    condition: allOf([
      filterOn(context, relationship.remote),
      ...(filter === undefined ? [] : [planInside(context, filter.path, () => planWhere(context, filter))]),
    ]),
    aggregate,
    having: planComparison(context, predicate, { kind: 'aggregate', aggregate }),
  }
}

import { columnMeant, inputMeaning, type OrderDirection, orderMeant } from '../schema/meaning.ts'
import { callOf, computedValue, rowsOf } from './call.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { Aggregate, OrderItem, OrderKey } from './nodes.ts'
import { filterOn } from './where.ts'

/** `order_by`: one object or a list of them, through object relationships and aggregates of array relationships. */
export function planOrderBy(context: PlanContext, input: Input): OrderItem[] {
  return context.reader.list(input).flatMap(item => planObject(context, item))
}

const toItem = (by: OrderKey, { direction, nulls }: OrderDirection): OrderItem => ({ by, direction, nulls })

function planObject(context: PlanContext, input: Input): OrderItem[] {
  const { reader } = context
  return reader.object(input).flatMap(({ field, input: inner }): OrderItem[] => {
    const meaning = inputMeaning(field)
    // Hasura reads `{ column: null }` as no wish about that column.
    if (reader.isNull(inner)) return []
    switch (meaning?.kind) {
      case 'column':
        return [toItem({ kind: 'column', column: meaning.column }, orderMeant(reader.enum(inner)))]
      case 'computed': {
        const value = computedValue(meaning.field, callOf(meaning.field))
        return [toItem(value, orderMeant(reader.enum(inner)))]
      }
      case 'computed_aggregate': {
        const table = rowsOf(meaning.field)
        const related = { table: table.name, call: callOf(meaning.field), join: [] }
        const condition = filterOn(context, table)
        return planAggregates(context, inner).map(({ aggregate, order }) =>
          toItem({ kind: 'related', ...related, condition, by: { kind: 'aggregate', aggregate } }, order),
        )
      }
      case 'relationship': {
        const { relationship } = meaning
        const related = { table: relationship.remote.name, join: relationship.columns }
        const condition = filterOn(context, relationship.remote)
        return planObject(context, inner).map(item => ({
          ...item,
          by: { kind: 'related', ...related, condition, by: item.by },
        }))
      }
      case 'relationship_aggregate': {
        const { relationship } = meaning
        const related = { table: relationship.remote.name, join: relationship.columns }
        const condition = filterOn(context, relationship.remote)
        return planAggregates(context, inner).map(({ aggregate, order }) =>
          toItem({ kind: 'related', ...related, condition, by: { kind: 'aggregate', aggregate } }, order),
        )
      }
      default:
        throw new TypeError(`${field.name} has no meaning in an order`)
    }
  })
}

function planAggregates(context: PlanContext, input: Input): { aggregate: Aggregate; order: OrderDirection }[] {
  const { reader } = context
  return reader.object(input).flatMap(({ field, input: inner }) => {
    const meaning = inputMeaning(field)
    if (reader.isNull(inner)) return []
    if (meaning?.kind === 'count') {
      return [{ aggregate: { function: 'count', columns: [], distinct: false }, order: orderMeant(reader.enum(inner)) }]
    }
    if (meaning?.kind !== 'statistic') throw new TypeError(`${field.name} has no meaning in an order`)
    return reader.object(inner).flatMap(({ field: column, input: direction }) => {
      const columnMeaning = inputMeaning(column)
      if (columnMeaning?.kind !== 'column' || reader.isNull(direction)) return []
      const aggregate: Aggregate = { function: meaning.function, columns: [columnMeaning.column], distinct: false }
      return [{ aggregate, order: orderMeant(reader.enum(direction)) }]
    })
  })
}

/** The columns of an argument that takes a list of column names. */
export function planColumns(context: PlanContext, input: Input) {
  return context.reader.list(input).map(item => columnMeant(context.reader.enum(item)))
}

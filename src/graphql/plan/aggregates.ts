import { below } from '../errors.ts'
import { columnMeant, outputMeaning } from '../schema/meaning.ts'
import { readArguments } from './arguments.ts'
import { computedValue, planComputedCall } from './call.ts'
import type { PlanContext } from './context.ts'
import type { Input } from './input.ts'
import type { AggregateField, AggregatePart, GroupKeyField, GroupPart, StatisticColumn } from './nodes.ts'
import { planColumns } from './order-by.ts'
import { type KnownField, objectTypeOf, planFields, planSelections } from './selections.ts'

/** `{ aggregate { … } nodes { … } group_by(keys: …) { … } }` */
export function planAggregate(context: PlanContext, aggregate: KnownField, depth: number): AggregatePart[] {
  const path = below(aggregate.path, 'selectionSet')
  const type = objectTypeOf(aggregate.field)
  return planFields(context, aggregate.selectionSets, type, path, depth, (known): AggregatePart => {
    const { key, field } = known
    const args = readArguments(context.reader, field, known.node, known.path)
    switch (outputMeaning(field).kind) {
      case 'nodes': {
        const selections = planSelections(context, known.selectionSets, objectTypeOf(field), known.path, depth + 1)
        return { kind: 'nodes', key, selections }
      }
      case 'aggregate':
        return { kind: 'aggregate', key, fields: planAggregateFields(context, known, depth + 1) }
      case 'group_by':
        return planGroups(context, known, args.get('keys') as Input, depth + 1)
      default:
        throw new TypeError(`${field.name} has no meaning in an aggregate`)
    }
  })
}

function planAggregateFields(context: PlanContext, aggregate: KnownField, depth: number): AggregateField[] {
  const path = below(aggregate.path, 'selectionSet')
  const type = objectTypeOf(aggregate.field)
  return planFields(context, aggregate.selectionSets, type, path, depth, (known): AggregateField => {
    const { key, field } = known
    const args = readArguments(context.reader, field, known.node, known.path)
    const meaning = outputMeaning(field)
    switch (meaning.kind) {
      case 'count': {
        const columns = args.get('columns')
        const distinct = args.get('distinct')
        return {
          kind: 'count',
          key,
          columns: columns === undefined ? [] : planColumns(context, columns),
          distinct: distinct === undefined ? false : context.reader.boolean(distinct),
        }
      }
      case 'statistic':
        return { kind: 'statistic', key, function: meaning.function, columns: planStatistic(context, known, depth + 1) }
      default:
        throw new TypeError(`${field.name} has no meaning among aggregates`)
    }
  })
}

function planStatistic(context: PlanContext, statistic: KnownField, depth: number): StatisticColumn[] {
  const path = below(statistic.path, 'selectionSet')
  const type = objectTypeOf(statistic.field)
  return planFields(context, statistic.selectionSets, type, path, depth, (known): StatisticColumn => {
    const { key, field } = known
    const meaning = outputMeaning(field)
    const args = readArguments(context.reader, field, known.node, known.path)
    if (meaning.kind === 'column') return { kind: 'column', key, column: meaning.column }
    if (meaning.kind !== 'computed') throw new TypeError(`${field.name} is not a column`)
    const call = planComputedCall(context, meaning.field, args.get('args'), known.path)
    return { kind: 'computed', key, value: computedValue(meaning.field, call) }
  })
}

function planGroups(context: PlanContext, groups: KnownField, keys: Input, depth: number): AggregatePart {
  const { reader } = context
  const columns = reader
    .list(keys)
    .flatMap(key => reader.object(key).map(({ input }) => columnMeant(reader.enum(input))))
  const path = below(groups.path, 'selectionSet')
  const type = objectTypeOf(groups.field)
  const parts = planFields(context, groups.selectionSets, type, path, depth, (known): GroupPart => {
    const { key, field } = known
    readArguments(reader, field, known.node, known.path)
    switch (outputMeaning(field).kind) {
      case 'aggregate':
        return { kind: 'aggregate', key, fields: planAggregateFields(context, known, depth + 1) }
      case 'group_key':
        return { kind: 'group_key', key, fields: planGroupKey(context, known, depth + 1) }
      default:
        throw new TypeError(`${field.name} has no meaning in a group`)
    }
  })
  return { kind: 'groups', key: groups.key, columns, parts, limit: context.limits.maxRows ?? null }
}

function planGroupKey(context: PlanContext, groupKey: KnownField, depth: number): GroupKeyField[] {
  const path = below(groupKey.path, 'selectionSet')
  const type = objectTypeOf(groupKey.field)
  return planFields(context, groupKey.selectionSets, type, path, depth, (known): GroupKeyField => {
    const meaning = outputMeaning(known.field)
    readArguments(context.reader, known.field, known.node, known.path)
    if (meaning.kind !== 'column') throw new TypeError(`${known.field.name} is not a column`)
    return { kind: 'column', key: known.key, column: meaning.column }
  })
}

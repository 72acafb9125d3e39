import {
  GraphQLBoolean,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLFloat,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql'
import type { Naming } from '../catalog/naming.ts'
import type { Column, ComputedField, PgType } from '../catalog/types.ts'
import type { TableAccess } from '../permissions/access.ts'
import { STATISTIC_FUNCTIONS, type StatisticFunction } from '../plan/nodes.ts'
import { type FilterTypes, isStatisticType } from './filter-types.ts'
import { inputMeans, means } from './meaning.ts'
import { once } from './once.ts'
import type { ScalarTypes } from './scalar-types.ts'

type Fields = GraphQLFieldConfigMap<unknown, unknown>

export interface AggregateTypeParts {
  readonly naming: Naming
  readonly scalars: ScalarTypes
  readonly filters: FilterTypes
  /** `[t!]!` */
  rowsOf(table: TableAccess): GraphQLOutputType
  /** What clients give a computed field. */
  argumentsOf(field: ComputedField): GraphQLFieldConfigArgumentMap
}

/** `t_aggregate`: `{ aggregate, nodes, group_by }`. */
export function aggregateTypes({ naming, scalars, filters, rowsOf, argumentsOf }: AggregateTypeParts) {
  const aggregateType = once(
    (table: TableAccess): GraphQLObjectType =>
      new GraphQLObjectType({
        name: table.table.type('aggregate'),
        description: `aggregated selection of "${table.table.name.name}"`,
        fields: () => ({
          aggregate: { type: aggregateFieldsType(table), ...means({ kind: 'aggregate' }) },
          nodes: { type: rowsOf(table), ...means({ kind: 'nodes' }) },
          ...(table.columns.size === 0 ? {} : { [naming.field('group_by')]: groupByField(table) }),
        }),
      }),
  )

  const countArguments = (table: TableAccess): GraphQLFieldConfigArgumentMap => ({
    columns: { type: new GraphQLList(new GraphQLNonNull(filters.selectColumn(table))) },
    distinct: { type: GraphQLBoolean },
  })

  const aggregateFieldsType = once(
    (table: TableAccess): GraphQLObjectType =>
      new GraphQLObjectType({
        name: table.table.type('aggregate_fields'),
        description: `aggregate fields of "${table.table.name.name}"`,
        fields: () => {
          const fields: Fields = {
            count: {
              type: new GraphQLNonNull(GraphQLInt),
              // A role that sees no column can count rows only.
              args: table.columns.size === 0 ? {} : countArguments(table),
              ...means({ kind: 'count' }),
            },
          }
          for (const name of STATISTIC_FUNCTIONS) {
            const statistics = statisticFields(table, name)
            if (Object.keys(statistics).length === 0) continue
            fields[naming.field(name)] = {
              type: new GraphQLObjectType({
                name: table.table.type(name, 'fields'),
                description: `aggregate ${name} on columns`,
                fields: statistics,
              }),
              ...means({ kind: 'statistic', function: name }),
            }
          }
          return fields
        },
      }),
  )

  function statisticFields(table: TableAccess, name: StatisticFunction): Fields {
    const typed = (type: PgType) => (['max', 'min', 'sum'].includes(name) ? scalars.output(type) : GraphQLFloat)
    const fields: Fields = {}
    for (const column of table.columns.values()) {
      if (!isStatisticType(name, column.type)) continue
      fields[column.field] = { type: typed(column.type), ...described(column), ...means({ kind: 'column', column }) }
    }
    for (const field of table.computedFields.values()) {
      if (field.result.kind !== 'scalar' || !isStatisticType(name, field.result.type)) continue
      const args = argumentsOf(field)
      const type = typed(field.result.type)
      fields[field.name] = { type, args, ...described(field), ...means({ kind: 'computed', field }) }
    }
    return fields
  }

  function groupByField(table: TableAccess): Fields[string] {
    const { name } = table.table
    const key = new GraphQLInputObjectType({
      name: table.table.type('group_by_key'),
      description: `a key by which rows of "${name.name}" are grouped`,
      fields: {
        column: { type: new GraphQLNonNull(filters.selectColumn(table)), ...inputMeans({ kind: 'group_column' }) },
      },
    })
    const keyFields = new GraphQLObjectType({
      name: table.table.type('group_by_key_fields'),
      description: `what the rows of a group of "${name.name}" have in common; null where it is no key`,
      fields: Object.fromEntries([...table.columns.values()].map(column => [column.field, keyField(column)])),
    })
    const group = new GraphQLObjectType({
      name: table.table.type('group_by'),
      description: `a group of rows of "${name.name}"`,
      fields: {
        aggregate: { type: new GraphQLNonNull(aggregateFieldsType(table)), ...means({ kind: 'aggregate' }) },
        [naming.field('group_key')]: { type: new GraphQLNonNull(keyFields), ...means({ kind: 'group_key' }) },
      },
    })
    return {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(group))),
      description: 'groups the rows by the given keys',
      args: { keys: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(key))) } },
      ...means({ kind: 'group_by' }),
    }
  }

  const keyField = (column: Column): Fields[string] => ({
    type: scalars.output(column.type),
    ...described(column),
    ...means({ kind: 'column', column }),
  })

  return { aggregateType }
}

const described = ({ description }: { readonly description: string | null }) =>
  description === null ? {} : { description }

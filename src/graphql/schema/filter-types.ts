import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLEnumValueConfigMap,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql'
import { BOOLEAN, hasMean, INTEGER, isNumeric, isOrdered } from '../catalog/scalars.ts'
import { type Column, shown } from '../catalog/types.ts'
import type { Access, TableAccess } from '../permissions/access.ts'
import { STATISTIC_FUNCTIONS, type StatisticFunction } from '../plan/nodes.ts'
import { inputMeans, type OrderDirection } from './meaning.ts'
import { once } from './once.ts'
import type { ScalarTypes } from './scalar-types.ts'

/** The input types with which rows of a table are chosen and ordered. */
export interface FilterTypes {
  boolExp(table: TableAccess): GraphQLInputObjectType
  selectColumn(table: TableAccess): GraphQLEnumType
  /** `where, order_by, limit, offset, distinct_on` */
  selectArguments(table: TableAccess): GraphQLFieldConfigArgumentMap
}

const direction = (direction: 'ASC' | 'DESC', nulls: 'FIRST' | 'LAST' | null): { value: OrderDirection } => ({
  value: Object.freeze({ direction, nulls }),
})

export const isStatisticColumn = (name: StatisticFunction, column: Column): boolean =>
  name === 'max' || name === 'min'
    ? isOrdered(column.type)
    : name === 'sum'
      ? isNumeric(column.type)
      : hasMean(column.type)

export function filterTypes(access: Access, scalars: ScalarTypes): FilterTypes {
  const orderBy = new GraphQLEnumType({
    name: 'order_by',
    description: 'column ordering options',
    values: {
      asc: { description: 'in ascending order, nulls last', ...direction('ASC', null) },
      asc_nulls_first: { description: 'in ascending order, nulls first', ...direction('ASC', 'FIRST') },
      asc_nulls_last: { description: 'in ascending order, nulls last', ...direction('ASC', 'LAST') },
      desc: { description: 'in descending order, nulls first', ...direction('DESC', null) },
      desc_nulls_first: { description: 'in descending order, nulls first', ...direction('DESC', 'FIRST') },
      desc_nulls_last: { description: 'in descending order, nulls last', ...direction('DESC', 'LAST') },
    },
  })

  const boolExp = once((table: TableAccess) => {
    const type: GraphQLInputObjectType = new GraphQLInputObjectType({
      name: `${table.table.typeName}_bool_exp`,
      description: `Boolean expression to filter rows from the table "${shown(table.table.name)}". All fields are combined with a logical 'AND'.`,
      fields: () => boolExpFields(table, type),
    })
    return type
  })

  function boolExpFields(table: TableAccess, self: GraphQLInputObjectType): GraphQLInputFieldConfigMap {
    const list = new GraphQLList(new GraphQLNonNull(self))
    const fields: GraphQLInputFieldConfigMap = {
      _and: { type: list, ...inputMeans({ kind: 'and' }) },
      _not: { type: self, ...inputMeans({ kind: 'not' }) },
      _or: { type: list, ...inputMeans({ kind: 'or' }) },
    }
    for (const column of table.columns.values()) {
      fields[column.field] = { type: scalars.comparison(column.type), ...inputMeans({ kind: 'column', column }) }
    }
    for (const relationship of table.table.relationships.values()) {
      const remote = access.table(relationship.remote)
      if (remote === undefined) continue
      fields[relationship.name] = { type: boolExp(remote), ...inputMeans({ kind: 'relationship', relationship }) }
      if (relationship.kind === 'array' && remote.aggregations) {
        fields[`${relationship.name}_aggregate`] = {
          type: aggregateBoolExp(remote),
          ...inputMeans({ kind: 'relationship_aggregate', relationship }),
        }
      }
    }
    return fields
  }

  const aggregateBoolExp = once((table: TableAccess) => {
    const name = `${table.table.typeName}_aggregate_bool_exp`
    const booleans = [...table.columns.values()].filter(
      column => column.type.scalar === BOOLEAN.scalar && !column.type.element,
    )
    return new GraphQLInputObjectType({
      name,
      fields: () => ({
        count: { type: countPredicate(name, table), ...inputMeans({ kind: 'count' }) },
        ...(booleans.length === 0
          ? {}
          : {
              bool_and: booleanPredicate(name, table, booleans, 'bool_and'),
              bool_or: booleanPredicate(name, table, booleans, 'bool_or'),
            }),
      }),
    })
  })

  const countPredicate = (name: string, table: TableAccess): GraphQLInputObjectType =>
    new GraphQLInputObjectType({
      name: `${name}_count`,
      fields: () => ({
        arguments: { type: new GraphQLList(new GraphQLNonNull(selectColumn(table))) },
        distinct: { type: GraphQLBoolean },
        filter: { type: boolExp(table) },
        predicate: { type: new GraphQLNonNull(scalars.comparison(INTEGER)) },
      }),
    })

  const booleanPredicate = (
    name: string,
    table: TableAccess,
    columns: Column[],
    kind: 'bool_and' | 'bool_or',
  ): GraphQLInputFieldConfigMap[string] => ({
    type: new GraphQLInputObjectType({
      name: `${name}_${kind}`,
      fields: () => ({
        arguments: {
          type: new GraphQLNonNull(
            columnEnum(`${table.table.typeName}_select_column_${name}_${kind}_arguments_columns`, table, columns),
          ),
        },
        distinct: { type: GraphQLBoolean },
        filter: { type: boolExp(table) },
        predicate: { type: new GraphQLNonNull(scalars.comparison(BOOLEAN)) },
      }),
    }),
    ...inputMeans({ kind: 'statistic', function: kind }),
  })

  const orderByOf = once((table: TableAccess) => {
    return new GraphQLInputObjectType({
      name: `${table.table.typeName}_order_by`,
      description: `Ordering options when selecting data from "${shown(table.table.name)}".`,
      fields: () => orderByFields(table),
    })
  })

  function orderByFields(table: TableAccess): GraphQLInputFieldConfigMap {
    const fields: GraphQLInputFieldConfigMap = {}
    for (const column of table.columns.values()) {
      fields[column.field] = { type: orderBy, ...inputMeans({ kind: 'column', column }) }
    }
    for (const relationship of table.table.relationships.values()) {
      const remote = access.table(relationship.remote)
      if (remote === undefined) continue
      if (relationship.kind === 'object') {
        fields[relationship.name] = { type: orderByOf(remote), ...inputMeans({ kind: 'relationship', relationship }) }
      } else if (remote.aggregations) {
        fields[`${relationship.name}_aggregate`] = {
          type: aggregateOrderBy(remote),
          ...inputMeans({ kind: 'relationship_aggregate', relationship }),
        }
      }
    }
    return fields
  }

  const aggregateOrderBy = once((table: TableAccess) => {
    return new GraphQLInputObjectType({
      name: `${table.table.typeName}_aggregate_order_by`,
      description: `order by aggregate values of table "${shown(table.table.name)}"`,
      fields: () => {
        const fields: GraphQLInputFieldConfigMap = { count: { type: orderBy, ...inputMeans({ kind: 'count' }) } }
        for (const name of STATISTIC_FUNCTIONS) {
          const columns = [...table.columns.values()].filter(column => isStatisticColumn(name, column))
          if (columns.length === 0) continue
          fields[name] = {
            type: new GraphQLInputObjectType({
              name: `${table.table.typeName}_${name}_order_by`,
              description: `order by ${name}() on columns of table "${shown(table.table.name)}"`,
              fields: Object.fromEntries(
                columns.map(column => [column.field, { type: orderBy, ...inputMeans({ kind: 'column', column }) }]),
              ),
            }),
            ...inputMeans({ kind: 'statistic', function: name }),
          }
        }
        return fields
      },
    })
  })

  const selectColumn = once((table: TableAccess) =>
    columnEnum(`${table.table.typeName}_select_column`, table, [...table.columns.values()]),
  )

  return {
    boolExp,
    selectColumn,
    selectArguments: table => ({
      distinct_on: {
        type: new GraphQLList(new GraphQLNonNull(selectColumn(table))),
        description: 'distinct select on columns',
      },
      limit: { type: GraphQLInt, description: 'limit the number of rows returned' },
      offset: { type: GraphQLInt, description: 'skip the first n rows. Use only with order_by' },
      order_by: {
        type: new GraphQLList(new GraphQLNonNull(orderByOf(table))),
        description: 'sort the rows by one or more columns',
      },
      where: { type: boolExp(table), description: 'filter the rows returned' },
    }),
  }
}

function columnEnum(name: string, table: TableAccess, columns: Column[]): GraphQLEnumType {
  const values: GraphQLEnumValueConfigMap = Object.fromEntries(
    columns.map(column => [column.field, { value: column, description: 'column name' }]),
  )
  // GraphQL has no empty enum; Hasura puts this value into it.
  if (columns.length === 0) values._PLACEHOLDER = { description: 'placeholder (do not use)' }
  return new GraphQLEnumType({ name, description: `select columns of table "${shown(table.table.name)}"`, values })
}

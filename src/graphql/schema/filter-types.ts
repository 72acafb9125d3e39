import {
  type GraphQLArgumentConfig,
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
import type { Naming } from '../catalog/naming.ts'
import { BOOLEAN, DOUBLE, hasMean, INTEGER, isNumeric, isOrdered } from '../catalog/scalars.ts'
import { type Column, type ComputedField, type PgType, shown } from '../catalog/types.ts'
import type { Access, TableAccess } from '../permissions/access.ts'
import { type PredicateFunction, STATISTIC_FUNCTIONS, type StatisticFunction } from '../plan/nodes.ts'
import { withNames } from './canonical.ts'
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

const AGGREGATE_BOOL_EXP = 'aggregate_bool_exp'

/** Values with the names of the convention. */
export const enumValues = (naming: Naming, values: GraphQLEnumValueConfigMap): GraphQLEnumValueConfigMap =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [naming.enumValue(name), value]))

const direction = (direction: 'ASC' | 'DESC', nulls: 'FIRST' | 'LAST' | null): { value: OrderDirection } => ({
  value: Object.freeze({ direction, nulls }),
})

export const isStatisticType = (name: StatisticFunction, type: PgType): boolean =>
  name === 'max' || name === 'min' ? isOrdered(type) : name === 'sum' ? isNumeric(type) : hasMean(type)

export function filterTypes(access: Access, scalars: ScalarTypes): FilterTypes {
  const { naming } = access
  const orderBy = new GraphQLEnumType({
    name: naming.sharedType('order_by'),
    description: 'column ordering options',
    values: enumValues(naming, {
      asc: { description: 'in ascending order, nulls last', ...direction('ASC', null) },
      asc_nulls_first: { description: 'in ascending order, nulls first', ...direction('ASC', 'FIRST') },
      asc_nulls_last: { description: 'in ascending order, nulls last', ...direction('ASC', 'LAST') },
      desc: { description: 'in descending order, nulls first', ...direction('DESC', null) },
      desc_nulls_first: { description: 'in descending order, nulls first', ...direction('DESC', 'FIRST') },
      desc_nulls_last: { description: 'in descending order, nulls last', ...direction('DESC', 'LAST') },
    }),
  })

  const boolExp = once((table: TableAccess) => {
    const type: GraphQLInputObjectType = new GraphQLInputObjectType({
      name: table.table.type('bool_exp'),
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
    for (const field of withoutArguments(table)) {
      const { result } = field
      const remote = result.kind === 'rows' ? access.table(result.table) : undefined
      const type = result.kind === 'scalar' ? scalars.comparison(result.type) : remote && boolExp(remote)
      if (type !== undefined) fields[field.name] = { type, ...inputMeans({ kind: 'computed', field }) }
    }
    for (const relationship of table.table.relationships.values()) {
      const remote = access.table(relationship.remote)
      if (remote === undefined) continue
      fields[relationship.name] = { type: boolExp(remote), ...inputMeans({ kind: 'relationship', relationship }) }
      if (relationship.kind === 'array' && remote.aggregations && !access.hidden.aggregationPredicates) {
        fields[naming.aggregateOf(relationship.name)] = {
          type: aggregateBoolExp(remote),
          ...inputMeans({ kind: 'relationship_aggregate', relationship }),
        }
      }
    }
    return fields
  }

  const aggregateBoolExp = once((table: TableAccess) => {
    const ofType = (type: PgType): Column[] =>
      [...table.columns.values()].filter(column => column.type.scalar === type.scalar && !column.type.element)
    const booleans = ofType(BOOLEAN)
    const doubles = ofType(DOUBLE)
    return new GraphQLInputObjectType({
      name: table.table.type(AGGREGATE_BOOL_EXP),
      fields: () => ({
        count: { type: countPredicate(table), ...inputMeans({ kind: 'count' }) },
        ...predicates(table, booleans, BOOLEAN, ['bool_and', 'bool_or']),
        // Hasura offers these for double precision only.
        ...predicates(table, doubles, DOUBLE, ['avg', 'corr', 'covar_samp', 'max', 'min']),
        ...predicates(table, doubles, DOUBLE, ['stddev_samp', 'sum', 'var_samp']),
      }),
    })
  })

  const countPredicate = (table: TableAccess): GraphQLInputObjectType =>
    new GraphQLInputObjectType({
      name: table.table.type(AGGREGATE_BOOL_EXP, 'count'),
      fields: () => ({
        ...(table.columns.size === 0
          ? {}
          : { arguments: { type: new GraphQLList(new GraphQLNonNull(selectColumn(table))) } }),
        distinct: { type: GraphQLBoolean },
        filter: { type: boolExp(table) },
        predicate: { type: new GraphQLNonNull(scalars.comparison(INTEGER)) },
      }),
    })

  function predicates(
    table: TableAccess,
    columns: Column[],
    type: PgType,
    functions: readonly (StatisticFunction | PredicateFunction)[],
  ): GraphQLInputFieldConfigMap {
    if (columns.length === 0) return {}
    return Object.fromEntries(
      functions.map(kind => [
        kind,
        { type: predicate(table, columns, type, kind), ...inputMeans({ kind: 'statistic', function: kind }) },
      ]),
    )
  }

  function predicate(
    table: TableAccess,
    columns: Column[],
    type: PgType,
    kind: StatisticFunction | PredicateFunction,
  ): GraphQLInputObjectType {
    const whole = { whole: kind }
    // The name of the predicate without prefix and suffix, which are for the whole.
    const { stem } = table.table
    const own = stem.isCustom ? { whole: stem.text } : stem.text
    const enumName = table.table.type('select_column', own, AGGREGATE_BOOL_EXP, whole, 'arguments_columns')
    const column = new GraphQLNonNull(columnEnum(enumName, table, columns))
    const pair = () =>
      new GraphQLInputObjectType({
        name: table.table.type(AGGREGATE_BOOL_EXP, whole, 'arguments'),
        fields: { X: { type: column }, Y: { type: column } },
      })
    const takesTwo = kind === 'corr' || kind === 'covar_samp'
    return new GraphQLInputObjectType({
      name: table.table.type(AGGREGATE_BOOL_EXP, whole),
      fields: () => ({
        arguments: { type: takesTwo ? new GraphQLNonNull(pair()) : column },
        distinct: { type: GraphQLBoolean },
        filter: { type: boolExp(table) },
        predicate: { type: new GraphQLNonNull(scalars.comparison(type)) },
      }),
    })
  }

  const orderByOf = once((table: TableAccess) => {
    return new GraphQLInputObjectType({
      name: table.table.type('order_by'),
      description: `Ordering options when selecting data from "${shown(table.table.name)}".`,
      fields: () => orderByFields(table),
    })
  })

  function orderByFields(table: TableAccess): GraphQLInputFieldConfigMap {
    const fields: GraphQLInputFieldConfigMap = {}
    for (const column of table.columns.values()) {
      fields[column.field] = { type: orderBy, ...inputMeans({ kind: 'column', column }) }
    }
    for (const field of withoutArguments(table)) {
      const { result } = field
      const remote = result.kind === 'rows' ? access.table(result.table) : undefined
      if (result.kind === 'scalar') fields[field.name] = { type: orderBy, ...inputMeans({ kind: 'computed', field }) }
      else if (remote?.aggregations) {
        fields[naming.aggregateOf(field.name)] = {
          type: aggregateOrderBy(remote),
          ...inputMeans({ kind: 'computed_aggregate', field }),
        }
      }
    }
    for (const relationship of table.table.relationships.values()) {
      const remote = access.table(relationship.remote)
      if (remote === undefined) continue
      if (relationship.kind === 'object') {
        fields[relationship.name] = { type: orderByOf(remote), ...inputMeans({ kind: 'relationship', relationship }) }
      } else if (remote.aggregations) {
        fields[naming.aggregateOf(relationship.name)] = {
          type: aggregateOrderBy(remote),
          ...inputMeans({ kind: 'relationship_aggregate', relationship }),
        }
      }
    }
    return fields
  }

  const aggregateOrderBy = once((table: TableAccess) => {
    return new GraphQLInputObjectType({
      name: table.table.type('aggregate_order_by'),
      description: `order by aggregate values of table "${shown(table.table.name)}"`,
      fields: () => {
        const fields: GraphQLInputFieldConfigMap = { count: { type: orderBy, ...inputMeans({ kind: 'count' }) } }
        for (const name of STATISTIC_FUNCTIONS) {
          const columns = [...table.columns.values()].filter(column => isStatisticType(name, column.type))
          if (columns.length === 0) continue
          fields[naming.field(name)] = {
            type: new GraphQLInputObjectType({
              name: table.table.type(name, 'order_by'),
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
    columnEnum(table.table.type('select_column'), table, [...table.columns.values()]),
  )

  return {
    boolExp,
    selectColumn,
    selectArguments: table =>
      withNames<GraphQLArgumentConfig>(naming, {
        ...(table.columns.size === 0
          ? {}
          : {
              distinct_on: {
                type: new GraphQLList(new GraphQLNonNull(selectColumn(table))),
                description: 'distinct select on columns',
              },
            }),
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

// Filters and orders have no place for a client's arguments.
const withoutArguments = (table: TableAccess): ComputedField[] =>
  [...table.computedFields.values()].filter(field => field.arguments.length === 0 && isFilterable(field))

const isFilterable = ({ result }: ComputedField): boolean => result.kind === 'scalar' || result.set

function columnEnum(name: string, table: TableAccess, columns: Column[]): GraphQLEnumType {
  const values = Object.fromEntries(
    columns.map(column => [column.field, { value: column, description: 'column name' }]),
  )
  return new GraphQLEnumType({ name, description: `select columns of table "${shown(table.table.name)}"`, values })
}

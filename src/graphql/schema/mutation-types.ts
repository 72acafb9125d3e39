import {
  type GraphQLArgumentConfig,
  GraphQLEnumType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  type GraphQLInputFieldConfig,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
} from 'graphql'
import { arrayOf, INTEGER, isNumeric, TEXT } from '../catalog/scalars.ts'
import { type Column, type MutationRootField, shown, type Table } from '../catalog/types.ts'
import type { Access, TableAccess } from '../permissions/access.ts'
import type { TableWriteAccess } from '../permissions/write-access.ts'
import { TRUE } from '../plan/nodes.ts'
import type { UpdateOperator } from '../plan/write-nodes.ts'
import { withNames } from './canonical.ts'
import type { FilterTypes } from './filter-types.ts'
import { inputMeans, means } from './meaning.ts'
import { once } from './once.ts'
import type { ScalarTypes } from './scalar-types.ts'

type Fields = GraphQLFieldConfigMap<unknown, unknown>

export interface MutationTypes {
  /** The root fields that write a table. */
  rootFields(write: TableWriteAccess): Fields
}

const required = (type: GraphQLInputType) => new GraphQLNonNull(type)
const listOf = (type: GraphQLInputType) => new GraphQLList(new GraphQLNonNull(type))

/** The types of mutations of one role. `objectType` makes a table's output type. */
export function mutationTypes(
  access: Access,
  scalars: ScalarTypes,
  filters: FilterTypes,
  objectType: (table: TableAccess) => GraphQLObjectType,
): MutationTypes {
  const { naming } = access
  // A table of which the role sees nothing: it may say `where: {}` and no more.
  const unreadable = once(
    (table: Table): TableAccess =>
      Object.freeze({
        table: Object.freeze({ ...table, relationships: new Map() }),
        columns: new Map(),
        computedFields: new Map(),
        filter: TRUE,
        limit: null,
        aggregations: false,
        rootFields: new Set<never>(),
        subscriptionFields: new Set<never>(),
      }),
  )
  const rowFilter = (table: Table) => filters.boolExp(access.table(table) ?? unreadable(table))

  const insertInput = once((write: TableWriteAccess) => {
    const { table } = write
    return new GraphQLInputObjectType({
      name: table.type('insert_input'),
      description: `input type for inserting data into table "${shown(table.name)}"`,
      fields: () => ({ ...columnFields(write.insert?.columns), ...relationshipFields(table) }),
    })
  })

  const columnFields = (columns: ReadonlyMap<string, Column> | undefined): GraphQLInputFieldConfigMap =>
    Object.fromEntries(
      [...(columns?.values() ?? [])].map(column => [
        column.field,
        { type: scalars.input(column.type), ...described(column), ...inputMeans({ kind: 'column', column }) },
      ]),
    )

  function relationshipFields(table: Table): GraphQLInputFieldConfigMap {
    const fields: GraphQLInputFieldConfigMap = {}
    for (const relationship of table.relationships.values()) {
      const remote = access.write(relationship.remote)
      if (!remote?.insert) continue
      const type = relationship.kind === 'object' ? objectInsertInput(remote) : arrayInsertInput(remote)
      fields[relationship.name] = { type, ...inputMeans({ kind: 'relationship', relationship }) }
    }
    return fields
  }

  const objectInsertInput = once((write: TableWriteAccess): GraphQLInputObjectType => {
    return new GraphQLInputObjectType({
      name: write.table.type('obj_rel_insert_input'),
      description: `input type for inserting object relation for remote table "${shown(write.table.name)}"`,
      fields: () => ({ data: { type: required(insertInput(write)) }, ...conflictArgument(write) }),
    })
  })

  const arrayInsertInput = once((write: TableWriteAccess): GraphQLInputObjectType => {
    return new GraphQLInputObjectType({
      name: write.table.type('arr_rel_insert_input'),
      description: `input type for inserting array relation for remote table "${shown(write.table.name)}"`,
      fields: () => ({ data: { type: required(listOf(insertInput(write))) }, ...conflictArgument(write) }),
    })
  })

  const conflictArgument = (write: TableWriteAccess): GraphQLFieldConfigArgumentMap =>
    write.table.uniqueConstraints.length === 0
      ? {}
      : withNames<GraphQLArgumentConfig>(naming, {
          on_conflict: { type: onConflict(write), description: 'upsert condition' },
        })

  const onConflict = once((write: TableWriteAccess) => {
    const { table } = write
    return new GraphQLInputObjectType({
      name: table.type('on_conflict'),
      description: `on_conflict condition type for table "${shown(table.name)}"`,
      fields: () =>
        withNames<GraphQLInputFieldConfig>(naming, {
          constraint: { type: required(constraintEnum(table)) },
          update_columns: { type: required(listOf(updateColumn(write))), defaultValue: [] },
          where: { type: rowFilter(table) },
        }),
    })
  })

  const constraintEnum = (table: Table): GraphQLEnumType =>
    new GraphQLEnumType({
      name: table.type('constraint'),
      description: `unique or primary key constraints on table "${shown(table.name)}"`,
      values: Object.fromEntries(
        table.uniqueConstraints.map(constraint => [
          constraint.name,
          {
            value: constraint,
            description: `unique or primary key constraint on columns ${constraint.columns.map(name => `"${name}"`).join(', ')}`,
          },
        ]),
      ),
    })

  const updateColumn = ({ table, update }: TableWriteAccess): GraphQLEnumType => {
    const columns = [...(update?.columns.values() ?? [])]
    return new GraphQLEnumType({
      name: table.type('update_column'),
      description: `update columns of table "${shown(table.name)}"`,
      // GraphQL has no empty enum; Hasura puts this value into it.
      values:
        columns.length === 0
          ? { _PLACEHOLDER: { value: null, description: 'placeholder (do not use)' } }
          : Object.fromEntries(columns.map(column => [column.field, { value: column, description: 'column name' }])),
    })
  }

  /** `_set`, `_inc` and the operators of jsonb columns, as far as there are columns for them. */
  const operators = once((write: TableWriteAccess): GraphQLFieldConfigArgumentMap => {
    const { table, update } = write
    const columns = [...(update?.columns.values() ?? [])]
    const fields: GraphQLFieldConfigArgumentMap = {}
    for (const { name, takes, type, description, typeDescription } of OPERATORS) {
      const fitting = columns.filter(takes)
      if (fitting.length === 0) continue
      fields[name] = {
        description,
        type: new GraphQLInputObjectType({
          name: table.type(`${name.slice(1)}_input`),
          description: (typeDescription ?? description).replace('%', () => `"${shown(table.name)}"`),
          fields: Object.fromEntries(
            fitting.map(column => [
              column.field,
              { type: scalars.input(type(column)), ...described(column), ...inputMeans({ kind: 'column', column }) },
            ]),
          ),
        }),
      }
    }
    return withNames(naming, fields)
  })

  const updatesInput = (write: TableWriteAccess): GraphQLInputObjectType =>
    new GraphQLInputObjectType({
      name: write.table.type('updates'),
      fields: () => ({ ...operators(write), where: { type: required(rowFilter(write.table)), description: UPDATED } }),
    })

  const response = once((table: Table) => {
    const readable = access.table(table)
    return new GraphQLObjectType({
      name: table.type('mutation_response'),
      description: `response of any mutation on the table "${shown(table.name)}"`,
      fields: () => {
        const fields: Fields = {
          [naming.field('affected_rows')]: {
            type: new GraphQLNonNull(GraphQLInt),
            description: 'number of rows affected by the mutation',
            ...means({ kind: 'affected_rows' }),
          },
        }
        if (readable !== undefined) {
          fields.returning = {
            type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(objectType(readable)))),
            description: 'data from the rows affected by the mutation',
            ...means({ kind: 'returning' }),
          }
        }
        return fields
      },
    })
  })

  function rootFields(write: TableWriteAccess): Fields {
    const { table } = write
    const fields: Fields = {}
    const readable = access.table(table)
    const add = (kind: MutationRootField, type: Fields[string]['type'], args: GraphQLFieldConfigArgumentMap): void => {
      const { name, description } = table.rootFields[kind]
      fields[name] = { type, args, ...(description === null ? {} : { description }), ...means({ kind, table }) }
    }
    const key = table.primaryKey?.every(column => readable?.columns.has(column.field)) ? table.primaryKey : null
    const keyFields = (): GraphQLInputFieldConfigMap =>
      Object.fromEntries(
        (key ?? []).map(column => [column.field, { type: required(scalars.input(column.type)), ...described(column) }]),
      )
    if (write.insert !== null) {
      const row = insertInput(write)
      const conflict = conflictArgument(write)
      const objects = { type: required(listOf(row)), description: 'the rows to be inserted' }
      add('insert', response(table), { objects, ...conflict })
      if (readable !== undefined) {
        const object = { type: required(row), description: 'the row to be inserted' }
        add('insert_one', objectType(readable), { object, ...conflict })
      }
    }
    if (write.update !== null) {
      const where = { type: required(rowFilter(table)), description: UPDATED }
      add('update', response(table), { ...operators(write), where })
      if (key !== null && readable !== undefined) {
        const pkColumns = new GraphQLInputObjectType({
          name: table.type('pk_columns_input'),
          description: `primary key columns input for table: ${shown(table.name)}`,
          fields: keyFields(),
        })
        const argument = withNames<GraphQLArgumentConfig>(naming, { pk_columns: { type: required(pkColumns) } })
        add('update_by_pk', objectType(readable), { ...operators(write), ...argument })
      }
      if (!access.hidden.updateMany) {
        const updates = { type: required(listOf(updatesInput(write))), description: 'updates to execute, in order' }
        add('update_many', new GraphQLList(response(table)), { updates })
      }
    }
    if (write.delete !== null) {
      const where = { type: required(rowFilter(table)), description: 'filter the rows which have to be deleted' }
      add('delete', response(table), { where })
      if (key !== null && readable !== undefined) add('delete_by_pk', objectType(readable), keyFields())
    }
    return fields
  }

  return { rootFields }
}

const UPDATED = 'filter the rows which have to be updated'

interface OperatorType {
  readonly name: UpdateOperator
  takes(column: Column): boolean
  /** Of its right side. */
  type(column: Column): Column['type']
  readonly description: string
  /** Of its input type, where it is another one; `%` stands for the table. */
  readonly typeDescription?: string
}

const isJsonb = ({ type }: Column): boolean => type.element === null && type.name === 'jsonb'
const ownType = ({ type }: Column) => type

const OPERATORS: readonly OperatorType[] = [
  {
    name: '_append',
    takes: isJsonb,
    type: ownType,
    description: 'append existing jsonb value of filtered columns with new jsonb value',
  },
  {
    name: '_delete_at_path',
    takes: isJsonb,
    type: () => arrayOf(TEXT),
    description:
      'delete the field or element with specified path (for JSON arrays, negative integers count from the end)',
  },
  {
    name: '_delete_elem',
    takes: isJsonb,
    type: () => INTEGER,
    description:
      'delete the array element with specified index (negative integers count from the end). throws an error if top level container is not an array',
  },
  {
    name: '_delete_key',
    takes: isJsonb,
    type: () => TEXT,
    description: 'delete key/value pair or string element. key/value pairs are matched based on their key value',
  },
  {
    name: '_inc',
    takes: ({ type }) => isNumeric(type),
    type: ownType,
    description: 'increments the numeric columns with given value of the filtered values',
    typeDescription: 'input type for incrementing numeric columns in table %',
  },
  {
    name: '_prepend',
    takes: isJsonb,
    type: ownType,
    description: 'prepend existing jsonb value of filtered columns with new jsonb value',
  },
  {
    name: '_set',
    takes: () => true,
    type: ownType,
    description: 'sets the columns of the filtered rows to the given values',
    typeDescription: 'input type for updating data in table %',
  },
]

const described = ({ description }: Column) => (description === null ? {} : { description })

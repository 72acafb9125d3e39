import {
  type GraphQLArgumentConfig,
  GraphQLEnumType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql'
import { isJson } from '../catalog/scalars.ts'
import type { Column } from '../catalog/types.ts'
import type { Access, TableAccess } from '../permissions/access.ts'
import { withNames } from './canonical.ts'
import type { FilterTypes } from './filter-types.ts'
import { inputMeans, type OrderDirection } from './meaning.ts'
import { once } from './once.ts'
import type { ScalarTypes } from './scalar-types.ts'

export interface StreamTypes {
  /** `batch_size, cursor, where` */
  streamArguments(table: TableAccess): GraphQLFieldConfigArgumentMap
}

const direction = (direction: 'ASC' | 'DESC'): { value: OrderDirection } => ({
  value: Object.freeze({ direction, nulls: null }),
})

// JSON has no order to go through.
const isCursorColumn = (column: Column): boolean => !isJson(column.type)

/** The input types of `t_stream`. */
export function streamTypes({ naming }: Access, scalars: ScalarTypes, filters: FilterTypes): StreamTypes {
  const ordering = new GraphQLEnumType({
    name: naming.sharedType('cursor_ordering'),
    description: 'ordering argument of a cursor',
    values: {
      ASC: { description: 'ascending ordering of the cursor', ...direction('ASC') },
      DESC: { description: 'descending ordering of the cursor', ...direction('DESC') },
    },
  })

  const cursorInput = once((table: TableAccess) => {
    const { name, type } = table.table
    const values = new GraphQLInputObjectType({
      name: type('stream_cursor_value_input'),
      description: 'Initial value of the column from where the streaming should start',
      fields: () =>
        Object.fromEntries(
          [...table.columns.values()]
            .filter(isCursorColumn)
            .map(column => [
              column.field,
              { type: scalars.input(column.type), ...inputMeans({ kind: 'column', column }) },
            ]),
        ),
    })
    return new GraphQLInputObjectType({
      name: type('stream_cursor_input'),
      description: `Streaming cursor of the table "${name.name}"`,
      fields: () =>
        withNames<GraphQLInputFieldConfig>(naming, {
          initial_value: { type: new GraphQLNonNull(values), description: 'Stream column input with initial value' },
          ordering: { type: ordering, description: 'cursor ordering' },
        }),
    })
  })

  return {
    streamArguments: table =>
      withNames<GraphQLArgumentConfig>(naming, {
        batch_size: {
          type: new GraphQLNonNull(GraphQLInt),
          description: 'maximum number of rows returned in a single batch',
        },
        cursor: {
          type: new GraphQLNonNull(new GraphQLList(cursorInput(table))),
          description: 'cursor to stream the results returned by the query',
        },
        where: { type: filters.boolExp(table), description: 'filter the rows returned' },
      }),
  }
}

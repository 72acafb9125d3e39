import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  specifiedDirectives,
} from 'graphql'
import { isJson } from '../catalog/scalars.ts'
import type { ComputedField, FunctionArgument, SelectRootField, TableFunction } from '../catalog/types.ts'
import type { Access, TableAccess } from '../permissions/access.ts'
import { isTrue } from '../plan/nodes.ts'
import { aggregateTypes } from './aggregate-types.ts'
import { filterTypes } from './filter-types.ts'
import { means } from './meaning.ts'
import { mutationTypes } from './mutation-types.ts'
import { once } from './once.ts'
import { scalarTypes } from './scalar-types.ts'
import { streamTypes } from './stream-types.ts'

type Fields = GraphQLFieldConfigMap<unknown, unknown>

// Caching is a paid feature of Hasura; like its free edition we accept the directive and do nothing.
const CACHED = new GraphQLDirective({
  name: 'cached',
  description: 'whether this query should be cached',
  locations: [DirectiveLocation.QUERY],
  args: {
    refresh: { type: new GraphQLNonNull(GraphQLBoolean), defaultValue: false },
    ttl: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 60 },
  },
})

/** The schema of one role, with Hasura's names and nothing in it that the role may not read or write. */
export function buildSchema(access: Access): GraphQLSchema {
  const { naming } = access
  const scalars = scalarTypes(naming)
  const filters = filterTypes(access, scalars)
  const streams = streamTypes(access, scalars, filters)

  const objectType = once(
    (table: TableAccess): GraphQLObjectType =>
      new GraphQLObjectType({
        name: table.table.typeName,
        description: table.table.description,
        fields: () => objectFields(table),
      }),
  )

  function objectFields(table: TableAccess): Fields {
    const fields: Fields = {}
    for (const column of table.columns.values()) {
      const type = scalars.output(column.type)
      fields[column.field] = {
        type: column.nullable ? type : new GraphQLNonNull(type),
        ...(column.description === null ? {} : { description: column.description }),
        ...(isJson(column.type) ? { args: { path: { type: GraphQLString, description: 'JSON select path' } } } : {}),
        ...means({ kind: 'column', column }),
      }
    }
    for (const field of table.computedFields.values()) Object.assign(fields, computedField(field))
    for (const relationship of table.table.relationships.values()) {
      const remote = access.table(relationship.remote)
      if (remote === undefined) continue
      const description = relationship.description
      if (relationship.kind === 'object') {
        // A row permission on the other table may hide the object that a foreign key promises.
        const certain = !relationship.nullable && isTrue(remote.filter)
        const type = objectType(remote)
        fields[relationship.name] = {
          type: certain ? new GraphQLNonNull(type) : type,
          description: description ?? 'An object relationship',
          ...means({ kind: 'relationship', relationship }),
        }
        continue
      }
      fields[relationship.name] = {
        type: rowsOf(remote),
        description: description ?? 'An array relationship',
        args: filters.selectArguments(remote),
        ...means({ kind: 'relationship', relationship }),
      }
      if (remote.aggregations) {
        fields[naming.aggregateOf(relationship.name)] = {
          type: new GraphQLNonNull(aggregateType(remote)),
          description: description ?? 'An aggregate relationship',
          args: filters.selectArguments(remote),
          ...means({ kind: 'relationship_aggregate', relationship }),
        }
      }
    }
    return fields
  }

  function computedField(field: ComputedField): Fields {
    const { result, description } = field
    const args = argumentsOf(field)
    const meaning = means({ kind: 'computed', field })
    if (result.kind === 'scalar') {
      const path = isJson(result.type) ? { path: { type: GraphQLString, description: 'JSON select path' } } : {}
      return {
        [field.name]: { type: scalars.output(result.type), description, args: { ...args, ...path }, ...meaning },
      }
    }
    const remote = access.table(result.table)
    if (remote === undefined) return {}
    if (!result.set) return { [field.name]: { type: objectType(remote), description, args, ...meaning } }
    const type = new GraphQLList(new GraphQLNonNull(objectType(remote)))
    return { [field.name]: { type, description, args: { ...filters.selectArguments(remote), ...args }, ...meaning } }
  }

  // A field stands in rows and in aggregates, and its input type must be the same.
  const argumentsOf = once((field: ComputedField) =>
    functionArguments(field.arguments, field.argsTypeName, field.function.name),
  )

  /** `args`, if there is anything for clients to give. */
  function functionArguments(
    list: readonly FunctionArgument[],
    typeName: string,
    functionName: string,
  ): GraphQLFieldConfigArgumentMap {
    if (list.length === 0) return {}
    const type = new GraphQLInputObjectType({
      name: typeName,
      fields: Object.fromEntries(list.map(argument => [argument.name, { type: scalars.input(argument.type) }])),
    })
    const allOptional = list.every(argument => argument.optional)
    const description = `input parameters for function "${functionName}"`
    return { args: { type: allOptional ? type : new GraphQLNonNull(type), description } }
  }

  const rowsOf = (table: TableAccess): GraphQLOutputType =>
    new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(objectType(table))))

  const { aggregateType } = aggregateTypes({ naming, scalars, filters, rowsOf, argumentsOf })

  function tableRootFields(table: TableAccess, allowed: ReadonlySet<SelectRootField>): Fields {
    const { rootFields, primaryKey } = table.table
    const fields: Fields = {}
    const describe = (description: string | null) => (description === null ? {} : { description })
    if (allowed.has('select')) {
      fields[rootFields.select.name] = {
        type: rowsOf(table),
        ...describe(rootFields.select.description),
        args: filters.selectArguments(table),
        ...means({ kind: 'select', table: table.table }),
      }
    }
    if (allowed.has('select_aggregate') && table.aggregations) {
      fields[rootFields.select_aggregate.name] = {
        type: new GraphQLNonNull(aggregateType(table)),
        ...describe(rootFields.select_aggregate.description),
        args: filters.selectArguments(table),
        ...means({ kind: 'select_aggregate', table: table.table }),
      }
    }
    const keyIsVisible = primaryKey?.every(column => table.columns.has(column.field)) ?? false
    if (allowed.has('select_by_pk') && primaryKey !== null && keyIsVisible) {
      fields[rootFields.select_by_pk.name] = {
        type: objectType(table),
        ...describe(rootFields.select_by_pk.description),
        args: Object.fromEntries(
          primaryKey.map(column => [column.field, { type: new GraphQLNonNull(scalars.input(column.type)) }]),
        ),
        ...means({ kind: 'select_by_pk', table: table.table }),
      }
    }
    if (allowed.has('select_stream') && !access.hidden.stream) {
      fields[rootFields.select_stream.name] = {
        type: rowsOf(table),
        ...describe(rootFields.select_stream.description),
        args: streams.streamArguments(table),
        ...means({ kind: 'select_stream', table: table.table }),
      }
    }
    return fields
  }

  function functionRootFields(item: TableFunction): Fields {
    const table = access.table(item.returns)
    if (table === undefined) return {}
    const args = {
      ...filters.selectArguments(table),
      ...functionArguments(item.arguments, item.argsTypeName, item.name.name),
    }
    const description =
      item.description ?? `execute function "${item.name.name}" which returns "${table.table.name.name}"`
    const type = item.returnsSet ? rowsOf(table) : objectType(table)
    return {
      [item.rootField]: { type, description, args, ...means({ kind: 'function', function: item }) },
      ...(table.aggregations && item.exposedAs === 'query'
        ? {
            [item.aggregateRootField]: {
              type: new GraphQLNonNull(aggregateType(table)),
              description: `${description}, and query aggregates on its result`,
              args,
              ...means({ kind: 'function_aggregate', function: item }),
            },
          }
        : {}),
    }
  }

  const functionFields = access.functions.map(functionRootFields)
  const rootFields: Fields = Object.assign(
    {},
    ...access.tables.map(table => tableRootFields(table, table.rootFields)),
    ...functionFields,
  )
  const subscriptionFields: Fields = Object.assign(
    {},
    ...access.tables.map(table => tableRootFields(table, table.subscriptionFields)),
    ...functionFields,
  )
  if (Object.keys(rootFields).length === 0) {
    const description =
      'There are no queries available to the current role. Either nothing is tracked, or the role has no permissions.'
    rootFields.no_queries_available = {
      type: GraphQLString,
      description,
      ...means({ kind: 'known', json: JSON.stringify(description) }),
    }
  }
  const mutations = mutationTypes(access, scalars, filters, objectType)
  const mutationFields: Fields = Object.assign(
    {},
    ...access.writes.map(mutations.rootFields),
    ...access.mutations.map(functionRootFields),
  )
  /** A root type; what the source has may be in a namespace of its own. */
  const rootType = (kind: 'query' | 'mutation' | 'subscription', fields: Fields): GraphQLObjectType => {
    const name = `${kind}_root`
    if (naming.namespace === null || 'no_queries_available' in fields) return new GraphQLObjectType({ name, fields })
    const inner = naming.type({ text: `${naming.namespace}_${kind}`, isCustom: true })
    const type = new GraphQLNonNull(new GraphQLObjectType({ name: inner, fields }))
    return new GraphQLObjectType({ name, fields: { [naming.namespace]: { type, ...means({ kind: 'namespace' }) } } })
  }
  return new GraphQLSchema({
    // Also those of columns that the role may not see: what it may not read is who has which value.
    types: scalars.enums(access.tables.flatMap(table => [...table.table.columns.values()].map(column => column.type))),
    query: rootType('query', rootFields),
    ...(Object.keys(mutationFields).length === 0 ? {} : { mutation: rootType('mutation', mutationFields) }),
    ...(Object.keys(subscriptionFields).length === 0
      ? {}
      : { subscription: rootType('subscription', subscriptionFields) }),
    directives: [...specifiedDirectives.filter(({ name }) => name === 'include' || name === 'skip'), CACHED],
    // A role may see a table and none of its columns, which GraphQL's own rules forbid and Hasura allows.
    assumeValid: true,
  })
}

import { type GraphQLObjectType, type GraphQLSchema, OperationTypeNode } from 'graphql'
import type { Table, TableFunction } from '../catalog/types.ts'
import { below, invalid, type Path } from '../errors.ts'
import type { Access, TableAccess } from '../permissions/access.ts'
import { outputMeaning } from '../schema/meaning.ts'
import { planAggregate } from './aggregates.ts'
import { readArguments } from './arguments.ts'
import { planArguments } from './call.ts'
import type { PlanContext, PlanLimits } from './context.ts'
import { type Input, InputReader } from './input.ts'
import { planIntrospection } from './introspection.ts'
import { keyCondition } from './key-condition.ts'
import type { Nested, RootField, RowSource, Rows } from './nodes.ts'
import type { Operation } from './operation.ts'
import { planMutation } from './plan-mutation.ts'
import { type Placed, planRootFields } from './root-fields.ts'
import { planRows } from './rows.ts'
import { type KnownField, knownField, objectTypeOf, planSelections } from './selections.ts'
import type { Variables } from './variables.ts'
import { allOf } from './where.ts'
import type { MutationField } from './write-nodes.ts'

export interface PlanInput {
  schema: GraphQLSchema
  access: Access
  operation: Operation
  variables: Variables
  /** Whether a String variable may stand where this scalar is expected. */
  isTextScalar: (name: string) => boolean
  limits: PlanLimits
}

/** An operation as root fields, in the order they are answered. Throws GraphqlError as Hasura would answer. */
export function planOperation(input: PlanInput): Placed<RootField | MutationField>[] {
  const { schema, operation } = input
  const { node } = operation
  if (node.operation === OperationTypeNode.SUBSCRIPTION) return invalid('a subscription is not planned as a query')
  checkOperationDirectives(schema, operation, node.operation)
  const context = planContext(input)
  const path = below(null, 'selectionSet')
  if (node.operation === OperationTypeNode.MUTATION) {
    const type = schema.getMutationType() ?? invalid('no mutations exist')
    return planRootFields(context, [node.selectionSet], type, path, (field, inside) =>
      planMutationField(context, knownField(field, inside)),
    )
  }
  const type = schema.getQueryType() as GraphQLObjectType
  return planRootFields(context, [node.selectionSet], type, path, (field, inside): RootField => {
    const isIntrospection = inside === type && (field.name === '__schema' || field.name === '__type')
    if (isIntrospection && context.limits.introspection !== false) return planIntrospection(context, operation, field)
    return planRootField(context, knownField(field, inside))
  })
}

export function planContext({ schema, access, operation, variables, isTextScalar, limits }: PlanInput): PlanContext {
  const reader = new InputReader(variables, isTextScalar)
  return {
    schema,
    access,
    fragments: operation.fragments,
    reader,
    limits,
    fieldCount: 0,
    filterDepth: 0,
    introspectionCost: 0,
  }
}

export function planRootField(context: PlanContext, known: KnownField): RootField {
  const { key, field, path } = known
  const meaning = outputMeaning(field)
  const args = readArguments(context.reader, field, known.node, path)
  const many = (rows: Rows): RootField => {
    const selections = planSelections(context, known.selectionSets, objectTypeOf(field), path, 2)
    return { kind: 'many', key, rows, selections }
  }
  const aggregate = (rows: Rows): RootField => ({
    kind: 'aggregate',
    key,
    rows,
    parts: planAggregate(context, known, 2),
  })
  const rowsOf = (from: RowSource, table: Table): Rows => {
    return planRows(context, from, context.access.table(table) as TableAccess, [], args, below(path, 'args'))
  }
  switch (meaning.kind) {
    case 'select':
      return many(rowsOf({ kind: 'table', table: meaning.table.name }, meaning.table))
    case 'select_aggregate':
      return aggregate(rowsOf({ kind: 'table', table: meaning.table.name }, meaning.table))
    case 'function':
      return planFunction(context, known, meaning.function, args)
    case 'function_aggregate':
      return aggregate(rowsOf(planCall(context, meaning.function, args, path), meaning.function.returns))
    case 'select_by_pk': {
      const rows = planByKey(context, context.access.table(meaning.table) as TableAccess, args)
      const selections = planSelections(context, known.selectionSets, objectTypeOf(field), path, 2)
      return { kind: 'one', key, rows, selections }
    }
    case 'known':
      return { kind: 'known', key, json: meaning.json }
    default:
      throw new TypeError(`${field.name} has no meaning at the root`)
  }
}

function planMutationField(context: PlanContext, known: KnownField): MutationField {
  const meaning = outputMeaning(known.field)
  if (meaning.kind !== 'function') return planMutation(context, known)
  const args = readArguments(context.reader, known.field, known.node, known.path)
  return { kind: 'call', key: known.key, field: planFunction(context, known, meaning.function, args) }
}

function planFunction(
  context: PlanContext,
  { key, path, field, selectionSets }: KnownField,
  called: TableFunction,
  args: ReadonlyMap<string, Input>,
): Nested {
  const from = planCall(context, called, args, path)
  const table = context.access.table(called.returns) as TableAccess
  const rows = planRows(context, from, table, [], args, below(path, 'args'))
  const selections = planSelections(context, selectionSets, objectTypeOf(field), path, 2)
  return { kind: called.returnsSet ? 'many' : 'one', key, rows, selections }
}

function planByKey(context: PlanContext, table: TableAccess, args: ReadonlyMap<string, Input>): Rows {
  return {
    from: { kind: 'table', table: table.table.name },
    join: [],
    where: allOf([table.filter, keyCondition(context, table.table, args)]),
    distinctOn: [],
    orderBy: [],
    limit: null,
    offset: null,
    roleLimit: null,
  }
}

function planCall(
  context: PlanContext,
  called: TableFunction,
  args: ReadonlyMap<string, Input>,
  path: Path,
): RowSource {
  const values = planArguments(context, called.slots, args.get('args'), null, path)
  return { kind: 'function', function: called.name, arguments: values }
}

export function checkOperationDirectives(
  schema: GraphQLSchema,
  { node }: Operation,
  kind: 'query' | 'mutation' | 'subscription',
): void {
  for (const { name } of node.directives ?? []) {
    const directive = schema.getDirective(name.value)
    if (!directive) invalid(`directive '${name.value}' is not defined in the schema`)
    else if (!directive.locations.some(location => location.toLowerCase() === kind)) {
      invalid(`directive '${name.value}' is not allowed on a ${kind}`)
    }
  }
}

import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  OperationTypeNode,
  validate,
  visit,
} from 'graphql'
import { invalid } from '../errors.ts'
import type { CollectedField } from './collect-fields.ts'
import type { PlanContext } from './context.ts'
import { fullIntrospectionCost, introspectionCost } from './introspection-cost.ts'
import type { RootField } from './nodes.ts'
import type { Operation } from './operation.ts'

// Of everything a tool may want to know.
const MAX_TIMES = 3

/**
 * `__schema` and `__type`, answered by graphql-js from the role's schema. Its validation bounds the nesting: introspection
 * can ask for types of fields of types of fields, and the answer grows with every level.
 */
export function planIntrospection(context: PlanContext, operation: Operation, field: CollectedField): RootField {
  const node: FieldNode = {
    ...field.node,
    directives: [],
    selectionSet: { kind: Kind.SELECTION_SET, selections: field.selectionSets.flatMap(set => set.selections) },
  }
  const { fragments, variables } = mentioned(node, operation.fragments)
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        variableDefinitions: (operation.node.variableDefinitions ?? []).filter(({ variable }) =>
          variables.has(variable.name.value),
        ),
        selectionSet: { kind: Kind.SELECTION_SET, selections: [node] },
      },
      ...fragments.values(),
    ],
  }
  context.introspectionCost += introspectionCost(context.schema, node, fragments)
  const times = context.introspectionCost / fullIntrospectionCost(context.schema)
  if (times > MAX_TIMES) {
    return invalid(
      `this asks for the schema ${Math.ceil(times)} times over; ${MAX_TIMES} times is the limit`,
      field.path,
    )
  }
  const [mistake] = validate(context.schema, document)
  if (mistake !== undefined) return invalid(mistake.message, field.path)
  const variableValues: Record<string, unknown> = {}
  for (const name of variables) {
    if (context.reader.variables.state(name) !== 'absent') variableValues[name] = context.reader.variables.read(name)
  }
  const { data, errors } = executeSync({ schema: sorted(context.schema), document, variableValues })
  if (errors?.[0] !== undefined) return invalid(errors[0].message, field.path)
  return { kind: 'known', key: field.key, json: JSON.stringify(data?.[field.key] ?? null) }
}

// Hasura shows types, fields and values in the order of their names.
const sortedSchemas = new WeakMap<GraphQLSchema, GraphQLSchema>()
function sorted(schema: GraphQLSchema): GraphQLSchema {
  const known = sortedSchemas.get(schema)
  if (known !== undefined) return known
  const made = lexicographicSortSchema(schema)
  sortedSchemas.set(schema, made)
  return made
}

/** The fragments and variables that a field mentions, directly or through fragments. */
function mentioned(field: FieldNode, all: ReadonlyMap<string, FragmentDefinitionNode>) {
  const fragments = new Map<string, FragmentDefinitionNode>()
  const variables = new Set<string>()
  const look = (node: FieldNode | FragmentDefinitionNode): void => {
    visit(node, {
      Variable: variable => {
        variables.add(variable.name.value)
      },
      FragmentSpread: ({ name }) => {
        const fragment = all.get(name.value)
        if (fragment === undefined || fragments.has(name.value)) return
        fragments.set(name.value, fragment)
        look(fragment)
      },
    })
  }
  look(field)
  return { fragments, variables }
}

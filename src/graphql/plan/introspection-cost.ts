import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql'

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

/** How many of something a schema has for each of what it stands in, on the average; one where it does not say. */
type Shape = ReadonlyMap<string, number>

/**
 * About how many fields the answer to an introspection has. Aliases multiply: `types` a thousand times is a thousand schemas,
 * all of which are made at once, and nothing else is done meanwhile.
 */
export function introspectionCost(schema: GraphQLSchema, field: FieldNode, fragments: Fragments): number {
  return costOf(field, { shape: shapeOf(schema), fragments, known: new Map() })
}

/** The cost of what tools ask for when they want to know everything. */
export function fullIntrospectionCost(schema: GraphQLSchema): number {
  const known = fullCosts.get(schema)
  if (known !== undefined) return known
  const fragments: Fragments = new Map(
    FULL.definitions.flatMap(item => (item.kind === Kind.FRAGMENT_DEFINITION ? [[item.name.value, item]] : [])),
  )
  const operation = FULL.definitions.find(item => item.kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode
  const cost = costInside(operation.selectionSet, { shape: shapeOf(schema), fragments, known: new Map() })
  fullCosts.set(schema, cost)
  return cost
}

const FULL = parse(
  getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true }),
)
const fullCosts = new WeakMap<GraphQLSchema, number>()
const shapes = new WeakMap<GraphQLSchema, Shape>()

function shapeOf(schema: GraphQLSchema): Shape {
  const known = shapes.get(schema)
  if (known !== undefined) return known
  const types = Object.values(schema.getTypeMap())
  const fields = types.filter(isObjectType).flatMap(type => Object.values(type.getFields()))
  const shape: Shape = new Map([
    ['types', types.length],
    ['directives', schema.getDirectives().length],
    ['fields', fields.length / types.length],
    ['args', fields.flatMap(field => field.args).length / fields.length],
    [
      'inputFields',
      types.filter(isInputObjectType).flatMap(type => Object.keys(type.getFields())).length / types.length,
    ],
    ['enumValues', types.filter(isEnumType).flatMap(type => type.getValues()).length / types.length],
  ])
  shapes.set(schema, shape)
  return shape
}

interface Costing {
  readonly shape: Shape
  readonly fragments: Fragments
  /** Of fragments, by name: they may mention each other often. */
  readonly known: Map<string, number>
}

function costOf({ name, selectionSet }: FieldNode, costing: Costing): number {
  const count = Math.max(1, costing.shape.get(name.value) ?? 1)
  return count * (1 + (selectionSet === undefined ? 0 : costInside(selectionSet, costing)))
}

function costInside(set: SelectionSetNode, costing: Costing): number {
  return set.selections.reduce((sum, selection) => {
    switch (selection.kind) {
      case Kind.FIELD:
        return sum + costOf(selection, costing)
      case Kind.INLINE_FRAGMENT:
        return sum + costInside(selection.selectionSet, costing)
      case Kind.FRAGMENT_SPREAD:
        return sum + costOfFragment(selection.name.value, costing)
      default:
        return selection satisfies never
    }
  }, 0)
}

function costOfFragment(name: string, costing: Costing): number {
  const known = costing.known.get(name)
  if (known !== undefined) return known
  const fragment = costing.fragments.get(name)
  const cost = fragment === undefined ? 0 : costInside(fragment.selectionSet, costing)
  costing.known.set(name, cost)
  return cost
}

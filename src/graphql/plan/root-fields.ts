import type { GraphQLObjectType, SelectionSetNode } from 'graphql'
import { below, type Path } from '../errors.ts'
import { outputMeaning } from '../schema/meaning.ts'
import { type CollectedField, collectFields } from './collect-fields.ts'
import type { PlanContext } from './context.ts'
import { knownField, objectTypeOf } from './selections.ts'

/** A root field, and the key of the namespace it stands in; null: none. */
export interface Placed<F> {
  readonly namespace: string | null
  readonly field: F
}

interface KnownRootField {
  readonly kind: 'known'
  readonly key: string
  readonly json: string
}

/** The root fields of an operation, those in the source's namespace included. `plan` gets all but `__typename`. */
export function planRootFields<F>(
  context: PlanContext,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  path: Path,
  plan: (field: CollectedField, type: GraphQLObjectType) => F,
  namespace: string | null = null,
): Placed<F | KnownRootField>[] {
  const depth = namespace === null ? 1 : 2
  return collectFields(context, sets, type, path, depth).flatMap(field => {
    const { key, name } = field
    const known = (json: string): Placed<KnownRootField>[] => [{ namespace, field: { kind: 'known', key, json } }]
    if (name === '__typename') return known(JSON.stringify(type.name))
    const definition = Object.hasOwn(type.getFields(), name) ? type.getFields()[name] : undefined
    if (definition === undefined || outputMeaning(definition).kind !== 'namespace') {
      return [{ namespace, field: plan(field, type) }]
    }
    const { selectionSets } = knownField(field, type)
    const inner = objectTypeOf(definition)
    const placed = planRootFields(context, selectionSets, inner, below(field.path, 'selectionSet'), plan, key)
    // Everything in it may be skipped.
    return placed.length === 0 ? known('{}') : placed
  })
}

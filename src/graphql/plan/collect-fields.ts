import {
  type DirectiveNode,
  type FieldNode,
  GraphQLBoolean,
  GraphQLNonNull,
  type GraphQLObjectType,
  Kind,
  print,
  type SelectionSetNode,
} from 'graphql'
import { below, invalid, type Path } from '../errors.ts'
import { countFields, type PlanContext } from './context.ts'

/** A field to answer: all selections of one response key, merged. */
export interface CollectedField {
  readonly key: string
  readonly name: string
  readonly node: FieldNode
  readonly selectionSets: readonly SelectionSetNode[]
  readonly path: Path
}

/** The fields of an object in the order of the document, with fragments spread and @skip/@include obeyed. */
export function collectFields(
  context: PlanContext,
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  path: Path,
  depth: number,
): CollectedField[] {
  const fields = new Map<string, { node: FieldNode; sets: SelectionSetNode[] }>()
  const spread = new Set<string>()

  const collect = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (!isIncluded(context, selection.directives ?? [], path)) continue
      switch (selection.kind) {
        case Kind.FIELD: {
          const key = selection.alias?.value ?? selection.name.value
          const known = fields.get(key)
          if (known === undefined) {
            fields.set(key, { node: selection, sets: selection.selectionSet ? [selection.selectionSet] : [] })
          } else {
            checkSameField(key, known.node, selection, path)
            if (selection.selectionSet) known.sets.push(selection.selectionSet)
          }
          break
        }
        case Kind.INLINE_FRAGMENT: {
          const condition = selection.typeCondition?.name.value
          if (condition === undefined || condition === type.name) collect(selection.selectionSet)
          break
        }
        case Kind.FRAGMENT_SPREAD: {
          const fragment = context.fragments.get(selection.name.value)
          // That it exists was checked with the document.
          if (fragment === undefined || spread.has(selection.name.value)) break
          spread.add(selection.name.value)
          if (fragment.typeCondition.name.value === type.name) collect(fragment.selectionSet)
          break
        }
        default:
          selection satisfies never
      }
    }
  }

  for (const set of selectionSets) collect(set)
  countFields(context, fields.size, depth, path)
  return [...fields].map(([key, { node, sets }]) => ({
    key,
    name: node.name.value,
    node,
    selectionSets: sets,
    path: below(path, node.name.value),
  }))
}

function checkSameField(key: string, first: FieldNode, second: FieldNode, path: Path): void {
  if (first.name.value !== second.name.value) {
    invalid(
      `selection of both '${first.name.value}' and '${second.name.value}' specified under the same response name/alias '${key}'`,
      path,
    )
  }
  if (argumentsText(first) !== argumentsText(second)) {
    invalid(`inconsistent arguments between multiple selections of field '${first.name.value}'`, path)
  }
}

const argumentsText = (node: FieldNode): string => (node.arguments ?? []).map(print).sort().join(' ')

/** Obeys @skip and @include, and refuses every other directive and repetition. */
function isIncluded(context: PlanContext, directives: readonly DirectiveNode[], path: Path): boolean {
  if (directives.length === 0) return true
  const names = directives.map(directive => directive.name.value)
  for (const name of names) {
    if (context.schema.getDirective(name) === undefined || context.schema.getDirective(name) === null) {
      return invalid(`directive '${name}' is not defined in the schema`, path)
    }
    if (name !== 'skip' && name !== 'include') return invalid(`directive '${name}' is not allowed on a field`, path)
  }
  const repeated = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
  if (repeated.length > 0) {
    const list = repeated.map(name => `'${name}'`).join(', ')
    return invalid(`the following directives are used more than once: [${list}]`, path)
  }
  return directives.every(directive => {
    const name = directive.name.value
    const argument = directive.arguments?.find(item => item.name.value === 'if')
    const at = below(path, 'directives', name, 'if')
    if (argument === undefined) return invalid(`missing required field 'if'`, at)
    const type = new GraphQLNonNull(GraphQLBoolean)
    const holds = context.reader.boolean({ from: 'literal', node: argument.value, type, path: at })
    return name === 'include' ? holds : !holds
  })
}

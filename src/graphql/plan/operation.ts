import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { below, GraphqlError, invalid, type Path } from '../errors.ts'
import { type VariableDefinition, variableDefinitions } from './variables.ts'

/** One operation of a document, checked as far as that is possible without a schema. */
export interface Operation {
  readonly node: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly definitions: ReadonlyMap<string, VariableDefinition>
  /** Variables that the operation really mentions. */
  readonly usedVariables: ReadonlySet<string>
}

// Far above what clients generate; it bounds what a hostile document may cost before anything is known about it.
const MAX_TOKENS = 50_000

export function parseOperation(query: string, operationName: string | null): Operation {
  const document = parseDocument(query)
  const operations: OperationDefinitionNode[] = []
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition)
    else if (definition.kind !== Kind.FRAGMENT_DEFINITION) {
      throw new GraphqlError('validation-failed', 'not a valid graphql query', below(null, 'query'))
    } else if (fragments.has(definition.name.value)) {
      invalid(`multiple definitions for fragment "${definition.name.value}"`)
    } else fragments.set(definition.name.value, definition)
  }
  const node = pickOperation(operations, operationName)
  checkFragments(node.selectionSet, fragments)
  return { node, fragments, definitions: variableDefinitions(node), usedVariables: usedVariables(node, fragments) }
}

function parseDocument(query: string): DocumentNode {
  try {
    return parse(query, { noLocation: true, maxTokens: MAX_TOKENS })
  } catch (cause) {
    // Syntax errors, too many tokens, and the stack's end when the nesting has none.
    throw new GraphqlError('validation-failed', 'not a valid graphql query', below(null, 'query'), undefined, { cause })
  }
}

function pickOperation(operations: OperationDefinitionNode[], name: string | null): OperationDefinitionNode {
  if (name === null) {
    const [only] = operations
    if (only !== undefined && operations.length === 1) return only
    return invalid('exactly one operation has to be present in the document when operationName is not specified')
  }
  const named = operations.filter(operation => operation.name?.value === name)
  const [only] = named
  if (only === undefined) return invalid(`no such operation found in the document: "${name}"`)
  if (named.length > 1) return invalid(`multiple operations with the name "${name}" in the document`)
  return only
}

function checkFragments(selectionSet: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): void {
  const harmless = new Set<string>()
  const walk = (set: SelectionSetNode, path: Path, open: readonly string[]): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.selectionSet !== undefined) {
          walk(selection.selectionSet, below(path, selection.name.value, 'selectionSet'), open)
        }
      } else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, path, open)
      else {
        const name = selection.name.value
        const fragment = fragments.get(name)
        if (fragment === undefined) invalid(`reference to undefined fragment "${name}"`, path)
        const start = open.indexOf(name)
        if (start !== -1) {
          const cycle = open.slice(start)
          invalid(`the fragment definition(s) ${cycle.join(' and ')} form a cycle`, path)
        }
        if (harmless.has(name)) continue
        walk(fragment.selectionSet, below(path, name, 'selectionSet'), [...open, name])
        harmless.add(name)
      }
    }
  }
  walk(selectionSet, below(null, 'selectionSet'), [])
}

function usedVariables(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlySet<string> {
  const used = new Set<string>()
  const seen = new Set<string>()
  const look = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      VariableDefinition: () => false,
      Variable: variable => {
        used.add(variable.name.value)
      },
      FragmentSpread: spread => {
        const fragment = fragments.get(spread.name.value)
        if (fragment === undefined || seen.has(spread.name.value)) return
        seen.add(spread.name.value)
        look(fragment)
      },
    })
  }
  look(operation)
  return used
}

import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode, visit } from 'graphql'

// Types that all sources of a Hasura share; a source's prefix is not put before them.
const SHARED = new Set([
  ...['Int', 'Float', 'String', 'Boolean', 'ID', 'order_by', 'cursor_ordering'],
  ...['query_root', 'mutation_root', 'subscription_root', 'smallint', 'bigint', 'numeric', 'float8', 'money', 'bpchar'],
  ...['citext', 'uuid', 'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval', 'inet', 'json', 'jsonb'],
])
const ROOTS = new Set(['query_root', 'mutation_root', 'subscription_root'])

/**
 * A document written for our source without customization, as it has to be sent where that source has a prefix for its
 * root fields and types: `invocations` becomes `invocations: observability_invocations`, so the answer stays as it was.
 */
export function prefixDocument(document: DocumentNode, prefix: string): DocumentNode {
  if (prefix === '') return document
  return visit(document, {
    OperationDefinition: operation => ({ ...operation, selectionSet: prefixRoot(operation.selectionSet) }),
    FragmentDefinition(fragment) {
      if (!ROOTS.has(fragment.typeCondition.name.value)) return undefined
      return { ...fragment, selectionSet: prefixRoot(fragment.selectionSet) }
    },
    NamedType(type) {
      const name = type.name.value
      if (SHARED.has(name) || name.endsWith('_comparison_exp') || name.startsWith('__')) return undefined
      return { ...type, name: { ...type.name, value: prefix + name } }
    },
  })

  function prefixRoot(selectionSet: SelectionSetNode): SelectionSetNode {
    return {
      ...selectionSet,
      selections: selectionSet.selections.map(selection => {
        if (selection.kind === Kind.FIELD) return prefixField(selection)
        return selection.kind === Kind.INLINE_FRAGMENT
          ? { ...selection, selectionSet: prefixRoot(selection.selectionSet) }
          : selection
      }),
    }
  }

  function prefixField(field: FieldNode): FieldNode {
    if (field.name.value.startsWith('__')) return field
    return { ...field, alias: field.alias ?? field.name, name: { ...field.name, value: prefix + field.name.value } }
  }
}

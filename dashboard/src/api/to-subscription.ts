import type { DocumentNode } from 'graphql'

/** The same document as a subscription; null when it has several root fields, of which Hasura allows only one. */
export function toSubscription(query: DocumentNode): DocumentNode | null {
  const operation = query.definitions.find(definition => definition.kind === 'OperationDefinition')
  const [only] = operation?.selectionSet.selections ?? []
  if (operation?.selectionSet.selections.length !== 1 || only?.kind !== 'Field') return null
  return {
    ...query,
    definitions: query.definitions.map(definition =>
      definition === operation ? { ...operation, operation: 'subscription' as typeof operation.operation } : definition,
    ),
  }
}

import { GraphqlError, invalid } from './errors.ts'

export interface GraphqlRequest {
  readonly query: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** One request of a body that a client sent. */
export function parseRequest(body: unknown): GraphqlRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return invalid('expected an object with a query')
  const { query, operationName, variables, extensions } = body as Record<string, unknown>
  // Also with a document beside it: Hasura answers so, and clients then ask without the extension.
  if (typeof extensions === 'object' && extensions !== null && 'persistedQuery' in extensions) {
    throw new GraphqlError('not-supported', 'Automatic Persisted Queries is not enabled')
  }
  if (typeof query !== 'string') return invalid('key "query" is missing; it is the text of the document')
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return invalid('"operationName" must be a string')
  }
  if (variables !== undefined && variables !== null && (typeof variables !== 'object' || Array.isArray(variables))) {
    return invalid('"variables" must be an object')
  }
  return {
    query,
    // Clients without a name send an empty one.
    operationName: operationName === undefined || operationName === '' ? null : operationName,
    variables: (variables ?? {}) as Record<string, unknown>,
  }
}

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
  if (typeof query !== 'string') {
    const persisted = typeof extensions === 'object' && extensions !== null && 'persistedQuery' in extensions
    if (persisted) throw new GraphqlError('not-supported', 'Automatic Persisted Queries is not enabled')
    return invalid('key "query" is missing; it is the text of the document')
  }
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

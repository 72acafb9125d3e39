import { ApolloClient, DocumentTransform, HttpLink, InMemoryCache } from '@apollo/client'
import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors'
import { prefixDocument } from '../../../src/graphql-prefix.ts'

/** A hanging request would look like a quiet system. */
const REQUEST_TIMEOUT_MS = 20_000

export function createClient(graphqlEndpoint: string, graphqlPrefix: string): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({
      uri: graphqlEndpoint,
      headers: developmentHeaders(),
      fetch: (input, init) => {
        const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
        return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout })
      },
    }),
    documentTransform: new DocumentTransform(document => prefixDocument(document, graphqlPrefix)),
    cache: new InMemoryCache(),
    // A tab stays open for days and rows only ever get more: a normalised cache would grow without end.
    // What was last on screen is kept by useLiveQuery instead.
    defaultOptions: { query: { fetchPolicy: 'no-cache' } },
  })
}

/**
 * A secret in a browser is a secret of everybody who opens the page, so a built dashboard cannot hold one: it stands here
 * only while Vite serves the sources, for a Hasura on one's own machine.
 */
export function developmentHeaders(): Record<string, string> {
  if (!import.meta.env.DEV) return {}
  const secret = import.meta.env.VITE_HASURA_ADMIN_SECRET ?? import.meta.env.REACT_APP_HASURA_ADMIN_SECRET
  return secret ? { 'x-hasura-admin-secret': secret } : {}
}

export interface ApiFailure {
  /**
   * `unreachable`: no answer at all. `refused`: the server answered, with an error. `hidden`: the endpoint does not offer
   * something that was asked for to the role of who looks.
   */
  kind: 'unreachable' | 'refused' | 'hidden'
  message: string
}

// In Hasura a field that a role may not see is not in its schema.
const HIDDEN_FIELD = /^field '(.+)' not found in type: /

export function toFailure(error: unknown): ApiFailure {
  if (CombinedGraphQLErrors.is(error)) {
    const hidden = HIDDEN_FIELD.exec(error.errors[0]?.message ?? '')?.[1]
    if (hidden !== undefined) return { kind: 'hidden', message: `Your role does not see ${hidden}` }
    return { kind: 'refused', message: error.message }
  }
  if (ServerError.is(error)) return { kind: 'refused', message: `The server answered ${error.statusCode}` }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { kind: 'unreachable', message: `No answer within ${REQUEST_TIMEOUT_MS / 1000} s` }
  }
  return { kind: 'unreachable', message: 'The server cannot be reached' }
}

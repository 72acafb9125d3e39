import { type DefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql'
import type { HasuraMetadata, MetadataRestEndpoint } from '../../hasura/metadata.ts'

/** A saved query that is asked by its URL. */
export interface RestEndpoint {
  readonly name: string
  /** Between the slashes; those that begin with `:` are variables. */
  readonly segments: readonly string[]
  readonly methods: readonly string[]
  readonly query: string
  readonly operation: OperationDefinitionNode
}

export type RestMatch =
  | { readonly kind: 'found'; readonly endpoint: RestEndpoint; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: 'not-found' | 'ambiguous' }
  | { readonly kind: 'other-method'; readonly allowed: readonly string[] }

export interface RestEndpoints {
  /** `path` is what comes after `/api/rest/`, as it was sent. */
  match(method: string, path: string): RestMatch
  /** Those that cannot be served, a sentence each. */
  readonly inconsistencies: readonly string[]
}

/** The endpoints of `rest_endpoints.yaml`, whose queries are those of `query_collections.yaml`. */
export function restEndpoints(metadata: HasuraMetadata): RestEndpoints {
  const endpoints: RestEndpoint[] = []
  const inconsistencies: string[] = []
  for (const item of metadata.rest_endpoints ?? []) {
    const made = toEndpoint(item, metadata)
    if (typeof made === 'string') inconsistencies.push(`REST endpoint ${item.name}: ${made}`)
    else endpoints.push(made)
  }
  return {
    inconsistencies,
    match(method, path) {
      const segments = decoded(path)
      if (segments === null) return { kind: 'not-found' }
      const fitting = endpoints.flatMap(endpoint => {
        const parameters = parametersOf(endpoint, segments)
        return parameters === null ? [] : [{ endpoint, parameters }]
      })
      const found = fitting.filter(({ endpoint }) => endpoint.methods.includes(method))
      const [only] = found
      if (found.length > 1) return { kind: 'ambiguous' }
      if (only !== undefined) return { kind: 'found', ...only }
      if (fitting.length === 0) return { kind: 'not-found' }
      return { kind: 'other-method', allowed: [...new Set(fitting.flatMap(({ endpoint }) => endpoint.methods))].sort() }
    },
  }
}

function toEndpoint(
  { name, url, methods, definition }: MetadataRestEndpoint,
  { query_collections: collections = [] }: HasuraMetadata,
): RestEndpoint | string {
  const { collection_name: collectionName, query_name: queryName } = definition.query
  const collection = collections.find(item => item.name === collectionName)
  const saved = collection?.definition.queries.find(item => item.name === queryName)
  if (saved === undefined) return `there is no query ${queryName} in a collection ${collectionName}`
  const segments = url.replace(/^\/+|\/+$/g, '').split('/')
  if (segments.some(segment => segment === '' || segment === ':')) return `its url ${url} has an empty part`
  const operations = operationsOf(saved.query)
  const [operation] = operations
  if (operation === undefined || operations.length !== 1) return `query ${queryName} is not exactly one operation`
  if (operation.operation === 'subscription') return `query ${queryName} is a subscription`
  // A link on any page would be enough to call it.
  if (operation.operation === 'mutation' && methods.includes('GET')) return `query ${queryName} changes data, on GET`
  return { name, segments, methods, query: saved.query, operation }
}

function operationsOf(query: string): OperationDefinitionNode[] {
  try {
    const isOperation = (node: DefinitionNode) => node.kind === Kind.OPERATION_DEFINITION
    return parse(query, { noLocation: true, maxTokens: 50_000 }).definitions.filter(isOperation)
  } catch {
    // What is wrong with it is not said by the parser in words that help here.
    return []
  }
}

function decoded(path: string): string[] | null {
  try {
    return path.replace(/\/$/, '').split('/').map(decodeURIComponent)
  } catch {
    return null
  }
}

function parametersOf({ segments }: RestEndpoint, asked: readonly string[]): ReadonlyMap<string, string> | null {
  if (segments.length !== asked.length) return null
  const parameters = new Map<string, string>()
  for (const [index, segment] of segments.entries()) {
    const given = asked[index] ?? ''
    if (!segment.startsWith(':')) {
      if (segment !== given) return null
    } else if (given === '') return null
    else parameters.set(segment.slice(1), given)
  }
  return parameters
}

import type {
  HasuraMetadata,
  MetadataAllowListEntry,
  MetadataApiLimits,
  MetadataRateLimit,
  MetadataRestEndpoint,
  MetadataRoleLimits,
} from './metadata.ts'
import { included, type MetadataNode, type RequestRuleFiles } from './metadata-node.ts'

type RequestRules = Pick<
  HasuraMetadata,
  'query_collections' | 'rest_endpoints' | 'allow_list' | 'graphql_schema_introspection' | 'api_limits'
>

/** What the metadata says about requests, whatever tables they ask for. */
export function parseRequestRules(files: RequestRuleFiles): RequestRules {
  return included<RequestRules>({
    query_collections: files.query_collections?.list().map(node => ({
      name: node.key('name').text(),
      definition: {
        queries: node
          .key('definition')
          .key('queries')
          .list()
          .map(query => ({ name: query.key('name').text(), query: query.key('query').text() })),
      },
    })),
    rest_endpoints: files.rest_endpoints?.list().map(restEndpoint),
    allow_list: files.allow_list?.list().map(allowListEntry),
    graphql_schema_introspection: mapOptional(files.graphql_schema_introspection, node => ({
      disabled_for_roles: node.optional('disabled_for_roles')?.texts() ?? [],
    })),
    api_limits: mapOptional(files.api_limits, node =>
      included<MetadataApiLimits>({
        disabled: node.optional('disabled')?.boolean(),
        depth_limit: mapOptional(node.optional('depth_limit'), wholeNumbers),
        node_limit: mapOptional(node.optional('node_limit'), wholeNumbers),
        batch_limit: mapOptional(node.optional('batch_limit'), wholeNumbers),
        time_limit: mapOptional(node.optional('time_limit'), wholeNumbers),
        rate_limit: mapOptional(node.optional('rate_limit'), limits => roleLimits(limits, rateLimit)),
      }),
    ),
  })
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function restEndpoint(node: MetadataNode): MetadataRestEndpoint {
  const query = node.key('definition').key('query')
  return included<MetadataRestEndpoint>({
    name: node.key('name').text(),
    url: node.key('url').text(),
    methods: node
      .key('methods')
      .list()
      .map(method => method.oneOf(METHODS)),
    definition: {
      query: { collection_name: query.key('collection_name').text(), query_name: query.key('query_name').text() },
    },
    comment: node.optional('comment')?.text(),
  })
}

function allowListEntry(node: MetadataNode): MetadataAllowListEntry {
  const scope = node.optional('scope')
  return included<MetadataAllowListEntry>({
    collection: node.key('collection').text(),
    scope: mapOptional(scope, from => ({
      global: from.optional('global')?.boolean() ?? true,
      roles: from.optional('roles')?.texts() ?? [],
    })),
  })
}

const roleLimits = <T>(node: MetadataNode, read: (node: MetadataNode) => T): MetadataRoleLimits<T> =>
  included<MetadataRoleLimits<T>>({
    global: mapOptional(node.optional('global'), read),
    per_role: mapOptional(node.optional('per_role'), roles =>
      Object.fromEntries(roles.entries().map(([role, value]) => [role, read(value)])),
    ),
  })

const wholeNumbers = (node: MetadataNode): MetadataRoleLimits<number> => roleLimits(node, value => value.wholeNumber())

function rateLimit(node: MetadataNode): MetadataRateLimit {
  const unique = node.optional('unique_params')
  return included<MetadataRateLimit>({
    max_reqs_per_min: node.key('max_reqs_per_min').wholeNumber(),
    unique_params: mapOptional(unique, value => (value.isText() ? value.oneOf(['IP']) : value.texts())),
  })
}

const mapOptional = <A, B>(value: A | undefined, map: (value: A) => B): B | undefined =>
  value === undefined ? undefined : map(value)

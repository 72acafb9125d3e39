import { Kind, parse, print, visit } from 'graphql'
import type { HasuraMetadata, MetadataRoleLimits } from '../hasura/metadata.ts'
import { SECOND } from '../units.ts'
import { invalid } from './errors.ts'
import type { Session } from './execute/session.ts'
import { ADMIN_ROLE } from './permissions/access.ts'
import type { PlanLimits } from './plan/context.ts'
import { RecentlyUsed } from './plan-cache.ts'
import { RequestRate } from './request-rate.ts'

/** What the metadata says about the requests of a role, apart from tables and functions. */
export interface RoleRules {
  /** Throws GraphqlError when the role may run only listed documents and this is none. */
  checkListed(query: string, role: string): void
  /** Bounds of a role's documents, where the metadata has any. */
  limits(role: string): Partial<PlanLimits>
  /** Most requests in one batch; null for no bound of its own. */
  maxBatchSize(role: string): number | null
  /** Longest an operation may take, in milliseconds; null for no bound of its own. */
  timeLimitMs(role: string): number | null
  /** Counts a request. Throws GraphqlError when there were too many of the role, or of who asks, within a minute. */
  countRequest(session: Session): void
}

const MAX_REMEMBERED = 1_000
const MAX_REMEMBERED_QUERY = 65_536

/** `allowList`: whether roles other than admin may run only what the allow list holds. */
export function roleRules(metadata: HasuraMetadata, { allowList }: { allowList: boolean }): RoleRules {
  const listed = allowList ? listedDocuments(metadata) : null
  const limits = metadata.api_limits
  const hidden = new Set(metadata.graphql_schema_introspection?.disabled_for_roles)
  const known = new RecentlyUsed<string>(MAX_REMEMBERED)

  const rate = new RequestRate()

  const limitOf = <T>(limit: MetadataRoleLimits<T> | undefined, role: string): T | undefined => {
    if (limit === undefined || limits?.disabled === true || role === ADMIN_ROLE) return undefined
    return (limit.per_role && Object.hasOwn(limit.per_role, role) ? limit.per_role[role] : undefined) ?? limit.global
  }

  return {
    checkListed(query, role) {
      if (listed === null || role === ADMIN_ROLE) return
      let text = known.get(query)
      if (text === undefined) {
        text = normalised(query) ?? ''
        if (query.length <= MAX_REMEMBERED_QUERY) known.set(query, text)
      }
      const roles = listed.get(text)
      if (roles !== 'all' && !roles?.has(role)) invalid('query is not allowed')
    },
    limits(role) {
      const depth = limitOf(limits?.depth_limit, role)
      const nodes = limitOf(limits?.node_limit, role)
      return {
        ...(depth === undefined ? {} : { maxDepth: depth }),
        ...(nodes === undefined ? {} : { maxFields: nodes }),
        ...(hidden.has(role) ? { introspection: false } : {}),
      }
    },
    maxBatchSize: role => limitOf(limits?.batch_limit, role) ?? null,
    timeLimitMs(role) {
      const seconds = limitOf(limits?.time_limit, role)
      return seconds === undefined ? null : Math.max(1, seconds * SECOND)
    },
    countRequest({ role, variables, address }) {
      const limit = limitOf(limits?.rate_limit, role)
      if (limit === undefined) return
      const { max_reqs_per_min: perMinute, unique_params: unique } = limit
      const who = unique === 'IP' ? [address] : unique?.map(name => variables[name.toLowerCase()])
      rate.count(JSON.stringify([role, who]), perMinute)
    },
  }
}

/** By normalised text: the roles that may run it. */
function listedDocuments({ allow_list: entries = [], query_collections: collections = [] }: HasuraMetadata) {
  const documents = new Map<string, 'all' | Set<string>>()
  for (const { collection, scope } of entries) {
    const queries = collections.find(({ name }) => name === collection)?.definition.queries ?? []
    for (const { query } of queries) {
      const text = normalised(query)
      if (text === undefined) continue
      const roles = documents.get(text)
      if (scope === undefined || scope.global || roles === 'all') documents.set(text, 'all')
      else documents.set(text, new Set([...(roles ?? []), ...scope.roles]))
    }
  }
  return documents
}

/** A document without what makes no difference: spaces, comments, and the `__typename` that clients add. */
function normalised(query: string): string | undefined {
  try {
    const document = parse(query, { noLocation: true, maxTokens: 50_000 })
    const withoutTypeNames = visit(document, {
      Field: node => (node.name.value === '__typename' && node.alias === undefined ? null : undefined),
      // One that holds nothing else cannot be printed without it.
      SelectionSet: {
        leave: node =>
          node.selections.length > 0
            ? undefined
            : { ...node, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }] },
      },
    })
    return print(withoutTypeNames)
  } catch {
    // No document: it is in no list, and the planner says what is wrong with it to those who need no list.
    return undefined
  }
}

import { type GraphQLSchema, OperationTypeNode } from 'graphql'
import type { Pool } from '../db/pool.ts'
import { ObservabilityError } from '../errors.ts'
import type { HasuraMetadata, NamingConvention } from '../hasura/metadata.ts'
import { buildCatalog } from './catalog/build.ts'
import { readIntrospection } from './catalog/introspect.ts'
import type { TableName } from './catalog/types.ts'
import { errorBody, GraphqlError } from './errors.ts'
import { bind } from './execute/bind.ts'
import { explainFailure } from './execute/explain-failure.ts'
import type { OnInserted } from './execute/mutation-run.ts'
import { preparedStatements } from './execute/prepared-statements.ts'
import { runMutations } from './execute/run-mutations.ts'
import { runStatements } from './execute/run-statements.ts'
import type { Session } from './execute/session.ts'
import { deadlineIn } from './execute/transaction.ts'
import type { HiddenFields } from './experimental-features.ts'
import { brokenRoles } from './permissions/broken-roles.ts'
import { Planner } from './planner.ts'
import { type GraphqlRequest, parseRequest } from './request.ts'
import { dataText } from './response.ts'
import { type RestEndpoints, restEndpoints } from './rest/endpoints.ts'
import { roleRules } from './role-rules.ts'
import { type OperationListener, type RunningOperation, startOperation } from './subscribe/operation.ts'
import { type SubscriptionOptions, Subscriptions } from './subscribe/subscriptions.ts'

export interface GraphqlEngineOptions {
  /** Connections to the source's database. Its own pool is best: a slow query then keeps nobody else waiting. */
  pool: Pool
  metadata: HasuraMetadata
  /** Which source of the metadata to serve. @default the only one */
  sourceName?: string
  /** Longest a statement may run, in milliseconds; 0 for no limit. @default what the pool's connections have */
  statementTimeoutMs?: number
  /** Sends bigint, numeric, double precision and money as strings. @default false */
  stringifyNumericTypes?: boolean
  /** Whether a role that may select from a function's table may call the function without more. @default true */
  inferFunctionPermissions?: boolean
  /** Deepest nesting of selections in a query. @default 30 */
  maxDepth?: number
  /** Most fields in a query, after fragments are spread. @default 5000 */
  maxFields?: number
  /** Most rows of one list, whatever a request asks for. @default no limit */
  maxRows?: number | null
  /** Of sources that do not say it themselves. @default hasura-default */
  defaultNamingConvention?: NamingConvention
  /** Fields that no schema has. @default {} */
  hidden?: HiddenFields
  /** Whether roles other than admin may run only what the metadata's allow list holds. @default false */
  allowList?: boolean
  /** Most requests in one batch. @default 100 */
  maxBatchSize?: number
  /** Most prepared statements of each connection; 0 for none, as a pooler in transaction mode needs. @default 0 */
  preparedStatements?: number
  /** Most plans kept for reuse. @default 1000 */
  planCacheSize?: number
  /** How often subscriptions are asked for again. @default DEFAULT_SUBSCRIPTIONS */
  subscriptions?: Partial<SubscriptionOptions>
  /** Told of rows that mutations insert, within their transactions. */
  onInserted?: OnInserted
  /** Told of failures that are not the client's: the database is gone, a statement is wrong, or we are. */
  onUnexpected?: (error: unknown) => void
}

export interface GraphqlEngine {
  /**
   * Answers a request (`{ query, variables, operationName }`) or a batch of them with the response body as JSON text:
   * it is made in Postgres and never parsed, so that large numbers keep their digits. Mistakes of the client and
   * failures of the database are answered in Hasura's error shape; this does not throw. When `signal` comes, nobody waits for the
   * answer any more: statements that read are stopped, and no further request of a batch is begun.
   */
  execute(request: unknown, session: Session, signal?: AbortSignal): Promise<string>
  /** Like `execute` of one request, but what is wrong is thrown as GraphqlError, and the text is that of `data`. */
  data(request: unknown, session: Session, signal?: AbortSignal): Promise<string>
  /** Saved queries by their URLs. */
  readonly rest: RestEndpoints
  /**
   * Runs one operation of any kind for a client that stays connected; subscriptions go on until they are stopped. Does not
   * throw: what is wrong is told to the listener, maybe before this returns.
   */
  start(request: unknown, session: Session, listener: OperationListener): RunningOperation
  /** How many subscribers there are now, and how many statements are polled for them. */
  readonly subscriptions: { readonly subscribers: number; readonly groups: number }
  /** The schema as a role sees it; `backendOnly` adds what only backends may do. */
  schema(role: string, backendOnly?: boolean): GraphQLSchema
  /** What the metadata mentions and the database does not have; it is left out. */
  readonly inconsistencies: readonly string[]
}

/** Hasura's defaults, and as many polls at once as leave most of a pool to queries. */
export const DEFAULT_SUBSCRIPTIONS: SubscriptionOptions = Object.freeze({
  live: Object.freeze({ refetchIntervalMs: 1_000, batchSize: 100 }),
  streaming: Object.freeze({ refetchIntervalMs: 1_000, batchSize: 100 }),
  maxPolls: 4,
})

/** Reads the database's structure once. Throws METADATA_INVALID when the metadata cannot be served. */
export async function createGraphqlEngine(options: GraphqlEngineOptions): Promise<GraphqlEngine> {
  const { pool } = options
  const source = pickSource(options)
  const tables = source.tables.map(table => table.table)
  // Foreign keys lead to tables by name only; those that are not tracked are of no use.
  const functions: TableName[] = [
    ...source.functions.map(item => item.function),
    ...source.tables.flatMap(table => table.computed_fields?.map(field => field.definition.function) ?? []),
  ]
  const enums = source.tables.filter(table => table.is_enum).map(table => table.table)
  const introspection = await readIntrospection(pool, tables, functions, enums)
  const { catalog, inconsistencies } = buildCatalog(source, introspection, {
    inheritedRoles: options.metadata.inherited_roles,
    defaultConvention: options.defaultNamingConvention,
    hidden: options.hidden,
  })
  inconsistencies.push(...brokenRoles(catalog))
  const statementTimeoutMs = options.statementTimeoutMs ?? null
  const maxBatchSize = options.maxBatchSize ?? 100
  const sqlOptions = { stringifyNumericTypes: options.stringifyNumericTypes ?? false }
  const rules = roleRules(options.metadata, { allowList: options.allowList ?? false })
  const prepared = preparedStatements(options.preparedStatements ?? 0)
  const rest = restEndpoints(options.metadata)
  const planner = new Planner(catalog, {
    limitsOf: rules.limits,
    maxRows: options.maxRows ?? null,
    ...sqlOptions,
    inferFunctionPermissions: options.inferFunctionPermissions,
    hidden: options.hidden ?? {},
    maxDepth: options.maxDepth ?? 30,
    maxFields: options.maxFields ?? 5_000,
    planCacheSize: options.planCacheSize ?? 1_000,
  })

  /** The shorter of what every statement may take and what the metadata gives the role. */
  function timeoutOf(role: string): number | null {
    const ofRole = rules.timeLimitMs(role)
    return ofRole === null ? statementTimeoutMs : Math.min(ofRole, statementTimeoutMs || ofRole)
  }

  const subscriptions = new Subscriptions({
    ...DEFAULT_SUBSCRIPTIONS,
    ...options.subscriptions,
    pool,
    timeoutMs: timeoutOf,
    onUnexpected: error => options.onUnexpected?.(error),
  })

  function read(body: unknown, session: Session): GraphqlRequest {
    const request = parseRequest(body)
    rules.checkListed(request.query, session.role)
    return request
  }

  /** The data of an answer, as JSON text. */
  async function answer(body: unknown, session: Session, signal?: AbortSignal): Promise<string> {
    rules.countRequest(session)
    const { query, operationName, variables } = read(body, session)
    if (planner.kind(query, operationName, session.role) === OperationTypeNode.SUBSCRIPTION) {
      const message = 'subscriptions are not supported over HTTP, use websockets instead'
      throw new GraphqlError('unexpected-payload', message)
    }
    const fields = planner.plan(query, operationName, variables, session.role, session.backendOnly)
    const mutations = fields.flatMap(field => ('mutation' in field ? [field.mutation] : []))
    const statements = fields.flatMap(field => {
      if (!('statement' in field)) return []
      const { text, values } = field.statement
      return [{ text, parameters: bind(values, variables, session) }]
    })
    const statementTimeoutMs = timeoutOf(session.role)
    const deadline = deadlineIn(rules.timeLimitMs(session.role))
    // A document is all queries or all mutations.
    const results =
      mutations.length > 0
        ? await runMutations(pool, mutations, {
            variables,
            session,
            sqlOptions,
            statementTimeoutMs,
            deadline,
            onInserted: options.onInserted ?? null,
          })
        : await runStatements(pool, statements, { statementTimeoutMs, deadline, signal, prepared })
    let next = 0
    return dataText(
      fields.map(field => ({
        key: field.key,
        namespace: field.namespace,
        json: 'json' in field ? field.json : (results[next++] ?? 'null'),
      })),
    )
  }

  async function executeOne(body: unknown, session: Session, signal?: AbortSignal): Promise<string> {
    try {
      return withData(await answer(body, session, signal))
    } catch (error) {
      return errorBody(explain(error, session.role), session.role)
    }
  }

  function explain(error: unknown, role: string): GraphqlError {
    const answered = explainFailure(error, pool, timeoutOf(role))
    if (answered.code === 'unexpected' || answered.code === 'busy') options.onUnexpected?.(answered.cause ?? error)
    return answered
  }

  return {
    rest,
    data: (request, session, signal) =>
      answer(request, session, signal).catch(error => {
        throw explain(error, session.role)
      }),
    inconsistencies: [...inconsistencies, ...rest.inconsistencies, ...(options.metadata.ignored ?? [])],
    schema: (role, backendOnly) => planner.schema(role, backendOnly),
    get subscriptions() {
      return subscriptions.counts
    },
    start(body, session, listener) {
      const steps = {
        isSubscription: () => {
          const { query, operationName } = read(body, session)
          return planner.kind(query, operationName, session.role) === OperationTypeNode.SUBSCRIPTION
        },
        answer: async (signal: AbortSignal) => withData(await answer(body, session, signal)),
        subscribe: (subscriber: Parameters<Subscriptions['add']>[3]) => {
          rules.countRequest(session)
          const { query, operationName, variables } = parseRequest(body)
          const planned = planner.planSubscription(query, operationName, variables, session.role)
          return subscriptions.add(planned, variables, session, subscriber)
        },
        toGraphqlError: (error: unknown) => explain(error, session.role),
      }
      return startOperation(steps, session, listener)
    },
    async execute(request, session, signal) {
      if (!Array.isArray(request)) return executeOne(request, session, signal)
      const most = Math.min(maxBatchSize, rules.maxBatchSize(session.role) ?? maxBatchSize)
      if (request.length > most) {
        const message = `a batch may have at most ${most} requests, this one has ${request.length}`
        return errorBody(new GraphqlError('validation-failed', message), session.role)
      }
      const bodies: string[] = []
      // One after the other: a batch must not take every connection of the pool.
      for (const item of request) {
        if (signal?.aborted) break
        bodies.push(await executeOne(item, session, signal))
      }
      return `[${bodies.join(',')}]`
    },
  }
}

const withData = (data: string): string => `{"data":${data}}`

function pickSource({ metadata, sourceName }: GraphqlEngineOptions) {
  const names = metadata.sources.map(source => source.name).join(', ')
  const [only] = metadata.sources
  const source = sourceName === undefined ? only : metadata.sources.find(item => item.name === sourceName)
  if (source === undefined || (sourceName === undefined && metadata.sources.length > 1)) {
    throw new ObservabilityError(
      'METADATA_INVALID',
      sourceName === undefined
        ? `the metadata has ${metadata.sources.length} sources (${names}): say which one to serve with sourceName`
        : `the metadata has no source ${sourceName}; it has ${names || 'none'}`,
    )
  }
  if (source.kind !== 'postgres') {
    throw new ObservabilityError(
      'METADATA_INVALID',
      `source ${source.name} is of kind ${source.kind}; only postgres is served`,
    )
  }
  return source
}

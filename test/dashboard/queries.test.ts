import { readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { buildClientSchema, type DocumentNode, type GraphQLSchema, getIntrospectionQuery, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LogFilters, parseLogQuery, toLogWhere } from '../../dashboard/src/model/log-query.ts'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

const PAGES = 'dashboard/src/pages'

/** Pages of which a viewer sees everything but what is named here: payloads, options, results, which the page leaves out. */
const VIEWERS_PAGES = [
  'jobs',
  'modules',
  'compare',
  'overview',
  'map',
  'analytics',
  'telemetry',
  'correlations',
  'traces',
]
const FOR_OPERATORS = ['compare INVOCATION_SECRETS', 'compare JOB_RUN_SECRETS', 'overview QUARANTINED']

describe('the queries of the pages', () => {
  let database: TestDatabase
  let engine: GraphqlEngine
  let queries: Map<string, DocumentNode>

  beforeAll(async () => {
    database = await createTestDatabase()
    engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    queries = await readQueries()
  })
  afterAll(() => database.drop())

  async function schemaOf(role: string): Promise<GraphQLSchema> {
    const answer = JSON.parse(await engine.execute({ query: getIntrospectionQuery() }, { role, variables: {} }))
    return buildClientSchema(answer.data)
  }
  const refused = (schema: GraphQLSchema): string[] =>
    [...queries].flatMap(([name, query]) => (validate(schema, query).length > 0 ? [name] : [])).sort()

  it('are understood by the endpoint', async () => {
    expect(queries.size).toBeGreaterThan(40)
    expect(refused(await schemaOf('observability_operator'))).toEqual([])
  })

  it('ask for nothing that a viewer may not see', async () => {
    const names = refused(await schemaOf('observability_viewer'))
    expect(names.filter(name => VIEWERS_PAGES.includes(name.split(' ')[0] ?? ''))).toEqual(FOR_OPERATORS)
  })
})

describe('new lines', () => {
  let database: TestDatabase
  let engine: GraphqlEngine

  beforeAll(async () => {
    database = await createTestDatabase()
    engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    await database.pool.query(
      `INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, "timestamp", log_level, service_name, log_logger, log_message, trace_id, correlation_id)
       SELECT 'line-' || n, 'log', 'app.log', 'test', now(), level, service, job, message, trace, correlation
       FROM (VALUES (1, 'error', 'orders', 'capturePayment', 'card declined: 100%', $1, 'c1'), (2, 'ERROR', 'web', 'send_mail', 'Declined', NULL, NULL),
         (3, NULL, NULL, NULL, NULL, NULL, NULL), (4, 'none', 'web', NULL, 'a (b) [c]', $1, NULL), (5, 'warn', NULL, 'sendMail', '', NULL, 'c2'),
         (6, 'info', 'orders', 'x.y', 'two words', NULL, NULL)) AS line (n, level, service, job, message, trace, correlation)`,
      ['ab'.repeat(16)],
    )
    await database.pool.query(
      `INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, "timestamp") VALUES ('span', 'trace', 'a', 'test', now())`,
    )
  })
  afterAll(() => database.drop())

  const filtersOf: [string, LogFilters][] = [
    ...[
      ...[
        '',
        'declined',
        '-declined',
        '100%',
        '"two words" -x',
        'level:error',
        'level:NONE',
        '-level:none',
        'level:*n*',
      ],
      ...['-level:e*', 'level:error,warn', 'service:web', 'service:*', '-service:web', '-service:*', 'job:send*,x.y'],
      ...['-job:send_mail', '-job:*', `trace:${'AB'.repeat(16)}`, 'correlation:c1,c2', '-"a (b) [c]"', '-*', 'user:d'],
    ].map((text): [string, LogFilters] => [text, parseLogQuery(text).filters]),
    ['chosen levels', { level: ['none', 'error'] }],
    ['chosen sources', { service: ['web', 'orders'], job: ['capturePayment', 'x'] }],
  ]

  it.each(filtersOf)('that match "%s" are told as they are found', async (_, filters) => {
    const body = await engine.execute(
      {
        query: `query ($filters: jsonb!, $where: events_bool_exp!) {
          found: search_logs(args: { since: "-infinity", until: "infinity", filters: $filters }, order_by: { id: asc }) { id }
          told: events(where: $where, order_by: { id: asc }) { id }
        }`,
        variables: { filters, where: toLogWhere(filters) },
      },
      { role: 'observability_operator', variables: {} },
    )
    const { data, errors } = JSON.parse(body)
    expect(errors).toBeUndefined()
    expect(data.told).toEqual(data.found)
  })
})

async function readQueries(): Promise<Map<string, DocumentNode>> {
  const queries = new Map<string, DocumentNode>()
  for (const page of readdirSync(PAGES)) {
    if (!readdirSync(`${PAGES}/${page}`).includes('queries.ts')) continue
    const module: Record<string, unknown> = await import(pathToFileURL(`${PAGES}/${page}/queries.ts`).href)
    for (const [name, value] of Object.entries(module)) {
      if (isDocument(value)) queries.set(`${page} ${name}`, value)
    }
  }
  return queries
}

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Document'
}

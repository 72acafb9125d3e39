import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCatalog } from '../../src/graphql/catalog/build.ts'
import { readIntrospection } from '../../src/graphql/catalog/introspect.ts'
import { bind } from '../../src/graphql/execute/bind.ts'
import { Planner } from '../../src/graphql/planner.ts'
import { type MetadataSource, readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

// 4,000 invocations of 3 modules and 2 jobs each, with ids that grow with time as the recorder makes them.
const ROWS = `
CREATE FUNCTION pg_temp.id_at(n bigint, kind text) RETURNS uuid LANGUAGE sql AS $$
  SELECT (left(${SCHEMA}.uuid_v7_at(now() - n * interval '10 seconds')::text, 14) || '7' || substr(h, 2, 3) || '-8' || substr(h, 5, 3) || '-' || substr(h, 8, 12))::uuid
  FROM (SELECT md5(kind || n) AS h) AS hash $$;
INSERT INTO ${SCHEMA}.invocations (id, created_at, correlation_id, source_function, source_job_id, status, total_duration_ms)
SELECT pg_temp.id_at(n, 'i'), now() - n * interval '10 seconds', gen_random_uuid(), 'f' || n % 20,
  CASE WHEN n % 2 = 0 THEN pg_temp.id_at(n + 1, 'j0') END, 'completed', n FROM generate_series(1, 4000) n;
INSERT INTO ${SCHEMA}.event_executions (id, invocation_id, correlation_id, event_name, detected, status)
SELECT pg_temp.id_at(n, 'e' || k), pg_temp.id_at(n, 'i'), gen_random_uuid(), 'e' || k, k = 0, 'completed'
FROM generate_series(1, 4000) n, generate_series(0, 2) k;
INSERT INTO ${SCHEMA}.job_executions (id, invocation_id, event_execution_id, correlation_id, job_name, status, trace_id, span_id)
SELECT pg_temp.id_at(n, 'j' || k), pg_temp.id_at(n, 'i'), pg_temp.id_at(n, 'e0'), gen_random_uuid(), 'j' || k, 'completed', md5(n::text), left(md5(n || 'j' || k), 16)
FROM generate_series(1, 4000) n, generate_series(0, 1) k;
INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, "timestamp", trace_id, span_id, log_message)
SELECT 'l' || n || k, 'log', 'console', 't', now() - n * interval '10 seconds', md5(n::text), left(md5(n || 'j' || k), 16), 'hello'
FROM generate_series(1, 4000) n, generate_series(0, 1) k;
ANALYZE ${SCHEMA}.invocations; ANALYZE ${SCHEMA}.event_executions; ANALYZE ${SCHEMA}.job_executions; ANALYZE ${SCHEMA}.events;
`

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: PlanNode[]
}

let database: TestDatabase
let planner: Planner
beforeAll(async () => {
  database = await createTestDatabase()
  const client = await database.pool.connect()
  await client.query(ROWS)
  client.release()
  const source = (await readMetadata('hasura-metadata')).sources[0] as MetadataSource
  const introspection = await readIntrospection(
    database.pool,
    source.tables.map(table => table.table),
    source.functions.map(item => item.function),
  )
  const { catalog } = buildCatalog(source, introspection)
  planner = new Planner(catalog, { stringifyNumericTypes: false, maxDepth: 20, maxFields: 500, planCacheSize: 10 })
})
afterAll(() => database.drop())

/** Rows that a query touched in the tables, whether it kept them or not, and the scans that read whole tables. */
async function touched(query: string, variables: Record<string, unknown> = {}) {
  const fields = planner.plan(query, null, variables, 'observability_operator')
  expect(fields).toHaveLength(1)
  const [field] = fields
  if (field === undefined || !('statement' in field)) throw new Error('no statement')
  const { text, values } = field.statement
  const parameters = bind(values, variables, { role: 'admin', variables: {} }) as unknown[]
  const { rows } = await database.pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, parameters)
  let count = 0
  const fullScans: string[] = []
  const walk = (node: PlanNode): void => {
    const read = node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0))
    if (node['Relation Name'] !== undefined) count += read
    if (node['Node Type'] === 'Seq Scan' && read > 0) fullScans.push(node['Relation Name'] ?? '')
    node.Plans?.forEach(walk)
  }
  walk(rows[0]['QUERY PLAN'][0].Plan)
  return { count, fullScans }
}

describe('one statement that reads only what it answers', () => {
  it('a list of 20 with nested events and jobs', async () => {
    const query = `{
      invocations(limit: 20, order_by: { created_at: desc }) {
        id source_function
        event_executions { event_name detected job_executions { job_name logs { log_message } } }
      }
    }`
    const { count, fullScans } = await touched(query)
    expect(fullScans).toEqual([])
    // 20 invocations, 60 events, 40 jobs, 40 logs; a partition edge may add a few.
    expect(count).toBeLessThan(200)
  })

  it('a later page, which computes nothing for the rows it skips', async () => {
    const query =
      '{ invocations(limit: 20, offset: 500, order_by: { created_at: desc }) { id event_executions { id } job_executions { id } } }'
    const { count, fullScans } = await touched(query)
    expect(fullScans).toEqual([])
    expect(count).toBeLessThan(520 + 120 + 20)
  })

  it('everything of one correlation id, and a chain', async () => {
    const { rows } = await database.pool.query(
      `SELECT id, correlation_id FROM ${SCHEMA}.invocations WHERE source_job_id IS NULL LIMIT 1`,
    )
    const byCorrelation =
      'query ($c: String!) { invocations(where: {correlation_id: {_eq: $c}}) { id event_executions { job_executions { id } } } }'
    expect((await touched(byCorrelation, { c: rows[0].correlation_id })).count).toBeLessThan(20)
    const chain =
      'query ($r: uuid!) { invocation_chain(args: {root_id: $r}) { id event_executions { id job_executions { id logs { id } } } job_executions { triggered_invocations { id } } } }'
    // Postgres expects fifty rows of any chain, and for so many it reads a table this small as a whole; nothing else.
    const { fullScans } = await touched(chain, { r: rows[0].id })
    expect(fullScans.filter(name => !name.startsWith('invocations'))).toEqual([])
  })

  it('relationships in filters and orders', async () => {
    const query = `{
      invocations(
        where: { event_executions: { event_name: { _eq: "nothing" } }, source_function: { _eq: "f1" } }
        order_by: { event_executions_aggregate: { count: desc } }
      ) { id }
    }`
    // No index has the function: the invocations are read once, the events once or by index.
    expect((await touched(query)).count).toBeLessThan(4_000 + 12_000 + 1)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { type Endpoint, RawClient, startEndpoint } from './support/endpoint.ts'
import { seedChain } from './support/seed-chain.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of several tables, with their own columns each.
type Row = any

const FROM = '2020-01-01T00:00:00Z'
const TO = '2100-01-01T00:00:00Z'
const RANGE = { created_at: { _gte: FROM, _lte: TO } }

/** The shapes in which consoles of the detector's own observability schema ask, with their habits: everything in variables. */
describe('a console', () => {
  let database: TestDatabase
  let engine: GraphqlEngine
  let endpoint: Endpoint
  let chain: Awaited<ReturnType<typeof seedChain>>
  let invocations: Row[]
  let events: Row[]
  let jobs: Row[]

  beforeAll(async () => {
    database = await createTestDatabase()
    chain = await seedChain(database.pool)
    await database.pool.query(
      `UPDATE ${SCHEMA}.job_executions SET status = 'failed', error_message = 'out of stock' WHERE job_name = 'ship'`,
    )
    engine = await createGraphqlEngine({
      pool: database.pool,
      metadata: await readMetadata('hasura-metadata'),
      subscriptions: { live: { refetchIntervalMs: 50, batchSize: 100 } },
    })
    endpoint = await startEndpoint(engine)
    invocations = await rowsOf('invocations')
    events = await rowsOf('event_executions')
    jobs = await rowsOf('job_executions')
  })
  afterAll(async () => {
    await endpoint.stop()
    await database.drop()
  })

  /** What is in a table, as JSON made by Postgres: what the answers are compared with. */
  async function rowsOf(table: string): Promise<Row[]> {
    const client = await database.pool.connect()
    try {
      await client.query(`SET TIME ZONE 'UTC'`)
      const { rows } = await client.query(`SELECT to_jsonb(t) AS row FROM ${SCHEMA}.${table} t ORDER BY created_at, id`)
      return rows.map(({ row }) => row)
    } finally {
      await client.query('RESET TIME ZONE')
      client.release()
    }
  }

  async function ask(query: string, variables: object = {}, role = 'observability_operator'): Promise<Row> {
    const { data, errors } = JSON.parse(await engine.execute({ query, variables }, { role, variables: {} }))
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }

  const pick = (row: Row, ...keys: string[]): Row => Object.fromEntries(keys.map(key => [key, row[key]]))
  const newestFirst = (rows: Row[]): Row[] => [...rows].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const byId = (id: string): Row => invocations.find(row => row.id === id)

  it('lists a page of invocations with counts of their modules, and counts all of them', async () => {
    const query = `query Page($limit: Int = 20, $offset: Int = 0, $where: invocations_bool_exp = {},
        $order_by: [invocations_order_by!] = { created_at: desc }) {
      invocations(limit: $limit, offset: $offset, where: $where, order_by: $order_by) {
        id created_at updated_at source_function source_table source_operation source_system correlation_id
        source_user_email source_user_role total_duration_ms events_detected_count total_jobs_run total_jobs_succeeded
        total_jobs_failed status error_message source_event_payload
        event_executions_aggregate { aggregate { count } }
        detected: event_executions_aggregate(where: { detected: { _eq: true } }) { aggregate { count } }
        ignored: event_executions_aggregate(where: { detected: { _eq: false } }) { aggregate { count } }
      }
      invocations_aggregate(where: $where) { aggregate { count } }
    }`
    const count = (row: Row, of: (event: Row) => boolean) => ({
      aggregate: { count: events.filter(event => event.invocation_id === row.id && of(event)).length },
    })
    const expected = newestFirst(invocations).map(row => ({
      ...pick(row, 'id', 'created_at', 'updated_at', 'source_function', 'source_table', 'source_operation'),
      ...pick(row, 'source_system', 'correlation_id', 'source_user_email', 'source_user_role', 'total_duration_ms'),
      ...pick(row, 'events_detected_count', 'total_jobs_run', 'total_jobs_succeeded', 'total_jobs_failed', 'status'),
      ...pick(row, 'error_message', 'source_event_payload'),
      event_executions_aggregate: count(row, () => true),
      detected: count(row, event => event.detected),
      ignored: count(row, event => !event.detected),
    }))
    const total = (count: number) => ({ aggregate: { count } })
    expect(await ask(query)).toEqual({ invocations: expected, invocations_aggregate: total(4) })
    expect(await ask(query, { limit: 2, offset: 1 })).toEqual({
      invocations: expected.slice(1, 3),
      invocations_aggregate: total(4),
    })
    // Filters of the table: by status, without those where nothing was detected, without what a job caused.
    const where = { _and: [{ status: { _eq: 'completed' } }, { source_job_id: { _is_null: true } }] }
    expect(await ask(query, { where, order_by: [{ total_duration_ms: 'asc' }, { id: 'asc' }] })).toEqual({
      invocations: expected.filter(row => row.id === chain.ids.orders),
      invocations_aggregate: total(1),
    })
    const detected = { events_detected_count: { _gt: 0 }, event_executions: { detected: { _eq: true } } }
    expect((await ask(query, { where: detected })).invocations_aggregate).toEqual(total(2))
  })

  it('shows one invocation with its modules and their jobs', async () => {
    const columns = {
      event: ['id', 'correlation_id', 'event_name', 'event_module_path', 'detected', 'detection_duration_ms'],
      more: [
        'detection_error',
        'detection_error_stack',
        'handler_duration_ms',
        'handler_error',
        'jobs_count',
        'status',
      ],
      job: ['id', 'job_name', 'job_function_name', 'job_options', 'duration_ms', 'status', 'result', 'error_stack'],
    }
    const invocation = ['id', 'created_at', 'source_event_id', 'source_event_time', 'auto_load_modules', 'context_data']
    const query = `query Detail($id: uuid!) { invocations_by_pk(id: $id) {
      ${invocation.join(' ')} event_modules_directory error_stack
      event_executions(order_by: { event_name: asc }) { ${columns.event.join(' ')} ${columns.more.join(' ')}
        job_executions { ${columns.job.join(' ')} } } } }`
    const row = byId(chain.ids.orders)
    const modules = events.filter(event => event.invocation_id === row.id)
    expect(await ask(query, { id: row.id })).toEqual({
      invocations_by_pk: {
        ...pick(row, ...invocation, 'event_modules_directory', 'error_stack'),
        event_executions: modules
          .sort((a, b) => (a.event_name < b.event_name ? -1 : 1))
          .map(event => ({
            ...pick(event, ...columns.event, ...columns.more),
            job_executions: jobs
              .filter(job => job.event_execution_id === event.id)
              .map(job => pick(job, ...columns.job)),
          })),
      },
    })
    expect(await ask(query, { id: '00000000-0000-4000-8000-000000000000' })).toEqual({ invocations_by_pk: null })
  })

  it('draws the flow around an invocation: what caused it, what it caused, what shares its correlation', async () => {
    const query = `query Flow($id: uuid!) { invocations_by_pk(id: $id) { ...node
        correlated_invocations(where: { id: { _neq: $id } }, order_by: { created_at: asc }) { ...node } } }
      fragment node on invocations {
        id source_function source_job_id
        source_job_execution { id job_name invocation { id } event_execution { event_name } }
        event_executions(order_by: { event_name: asc }) { event_name
          job_executions { job_name triggered_invocations(order_by: { created_at: asc }) { id } } } }`
    const node = (row: Row): Row => {
      const cause = jobs.find(job => job.id === row.source_job_id)
      return {
        ...pick(row, 'id', 'source_function', 'source_job_id'),
        source_job_execution: cause
          ? {
              ...pick(cause, 'id', 'job_name'),
              invocation: { id: cause.invocation_id },
              event_execution: pick(
                events.find(event => event.id === cause.event_execution_id),
                'event_name',
              ),
            }
          : null,
        event_executions: events
          .filter(event => event.invocation_id === row.id)
          .sort((a, b) => (a.event_name < b.event_name ? -1 : 1))
          .map(event => ({
            event_name: event.event_name,
            job_executions: jobs
              .filter(job => job.event_execution_id === event.id)
              .map(job => ({
                job_name: job.job_name,
                triggered_invocations: invocations
                  .filter(item => item.source_job_id === job.id)
                  .map(({ id }) => ({ id })),
              })),
          })),
      }
    }
    const { orders, stock, shipping } = chain.ids
    expect(await ask(query, { id: stock })).toEqual({
      invocations_by_pk: { ...node(byId(stock)), correlated_invocations: [orders, shipping].map(id => node(byId(id))) },
    })
  })

  it('sums up the overview: rows for the chart, sums, and the names of what was detected', async () => {
    const query = `query Overview($since: timestamptz!) {
      chart: invocations(where: { created_at: { _gte: $since } }, order_by: { created_at: desc }) { created_at status }
      table: invocations(where: { created_at: { _gte: $since } }, order_by: { created_at: desc }, limit: 2) { id }
      invocations_aggregate(where: { created_at: { _gte: $since } }) { aggregate { count avg { total_duration_ms }
        sum { total_jobs_run total_jobs_succeeded total_jobs_failed } } }
      event_executions_aggregate(where: { detected: { _eq: true }, created_at: { _gte: $since } }) {
        aggregate { count } nodes { event_name } }
    }`
    const sum = (key: string) => invocations.reduce((total, row) => total + (row[key] ?? 0), 0)
    const answer = await ask(query, { since: FROM })
    expect(answer).toMatchObject({
      chart: newestFirst(invocations).map(row => pick(row, 'created_at', 'status')),
      table: newestFirst(invocations)
        .slice(0, 2)
        .map(({ id }) => ({ id })),
      invocations_aggregate: {
        aggregate: {
          count: 4,
          avg: { total_duration_ms: mean(invocations.map(row => row.total_duration_ms)) },
          sum: {
            total_jobs_run: sum('total_jobs_run'),
            total_jobs_succeeded: sum('total_jobs_succeeded'),
            total_jobs_failed: sum('total_jobs_failed'),
          },
        },
      },
      event_executions_aggregate: { aggregate: { count: 2 } },
    })
    const names = answer.event_executions_aggregate.nodes.map((event: Row) => event.event_name)
    expect(names.sort()).toEqual(['order.placed', 'stock.low'])
    expect((await ask(query, { since: TO })).invocations_aggregate.aggregate).toEqual({
      count: 0,
      avg: { total_duration_ms: null },
      sum: { total_jobs_run: null, total_jobs_succeeded: null, total_jobs_failed: null },
    })
  })

  it('analyses jobs and modules of a range: slowest, failures, means under aliases, samples of one job', async () => {
    const query = `query Analytics($from: timestamptz!, $to: timestamptz!, $job: String!) {
      slowest: job_executions(where: { created_at: { _gte: $from, _lte: $to }, status: { _neq: "failed" } },
        order_by: { duration_ms: desc }, limit: 10) { id job_name duration_ms event_execution { event_name } }
      failures: job_executions(where: { created_at: { _gte: $from, _lte: $to }, status: { _eq: "failed" } },
        order_by: { created_at: desc }, limit: 20) { id job_name error_message correlation_id
        invocation { source_function } event_execution { event_name } }
      all_jobs: job_executions_aggregate(where: { created_at: { _gte: $from, _lte: $to } }) {
        aggregate { count avg { duration_ms } max { duration_ms } min { duration_ms } } }
      samples: job_executions_aggregate(where: { job_name: { _eq: $job }, created_at: { _gte: $from, _lte: $to } }) {
        total: aggregate { count } nodes { status } }
      modules: event_executions_aggregate(where: { created_at: { _gte: $from, _lte: $to } }) { aggregate { count } }
      stats: dashboard_stats(where: { hour_bucket: { _gte: $from, _lte: $to } }, order_by: { source_function: asc }) {
        source_function total_invocations successful_invocations failed_invocations avg_duration_ms max_duration_ms }
    }`
    const named = (job: Row): Row => ({
      event_execution: { event_name: events.find(event => event.id === job.event_execution_id).event_name },
    })
    const answer = await ask(query, { from: FROM, to: TO, job: 'ship' })
    expect(answer).toEqual({
      slowest: jobs
        .filter(job => job.status !== 'failed')
        .map(job => ({ ...pick(job, 'id', 'job_name', 'duration_ms'), ...named(job) })),
      failures: jobs
        .filter(job => job.status === 'failed')
        .map(job => ({
          ...pick(job, 'id', 'job_name', 'error_message', 'correlation_id'),
          invocation: { source_function: 'stock' },
          ...named(job),
        })),
      all_jobs: {
        aggregate: {
          count: 2,
          avg: { duration_ms: mean(jobs.map(job => job.duration_ms)) },
          max: { duration_ms: 40 },
          min: { duration_ms: 40 },
        },
      },
      samples: { total: { count: 1 }, nodes: [{ status: 'failed' }] },
      modules: { aggregate: { count: events.length } },
      stats: ['mail', 'orders', 'shipping', 'stock'].map(name => {
        const row = invocations.find(item => item.source_function === name)
        return {
          source_function: name,
          total_invocations: 1,
          successful_invocations: row.status === 'completed' ? 1 : 0,
          failed_invocations: row.status === 'failed' ? 1 : 0,
          avg_duration_ms: row.total_duration_ms,
          max_duration_ms: row.total_duration_ms,
        }
      }),
    })
  })

  it('searches text in payloads, ids, names and users, as the text they show', async () => {
    // One query for both ways to search; the parts of `table:id` are given only when there is a colon.
    const query = `query Search($term: String!, $table: String = "-", $id: String = "-") {
      invocations(where: { _or: [
        { correlation_id: { _ilike: $term } }
        { id: { _cast: { String: { _ilike: $term } } } }
        { source_function: { _ilike: $term } }
        { source_user_email: { _ilike: $term } }
        { source_event_payload: { _cast: { String: { _ilike: $term } } } }
        { _and: [{ source_table: { _ilike: $table } }
          { source_event_payload: { _cast: { String: { _ilike: $id } } } }] }
      ] }, order_by: { created_at: asc }, limit: 20) { id correlation_id source_event_payload } }`
    const sql = async (term: string): Promise<string[]> => {
      const { rows } = await database.pool.query(
        `SELECT id FROM ${SCHEMA}.invocations WHERE correlation_id::text ILIKE $1 OR id::text ILIKE $1
           OR source_function ILIKE $1 OR source_user_email ILIKE $1 OR source_event_payload::text ILIKE $1
         ORDER BY created_at`,
        [term],
      )
      return rows.map(({ id }) => id)
    }
    const { orders, stock, shipping } = chain.ids
    for (const [term, found] of [
      [`%${chain.correlationId.slice(4, 20).toUpperCase()}%`, [orders, stock, shipping]],
      [`%${stock.slice(9)}%`, [stock]],
      ['%SHIPP%', [shipping]],
      ['ann@%', Object.values(chain.ids)],
      ['%"tags": ["a", "b"]%', Object.values(chain.ids)],
      ['%no such thing%', []],
    ] as const) {
      const { invocations } = await ask(query, { term })
      expect(
        invocations.map((row: Row) => row.id),
        term,
      ).toEqual(found)
      expect(await sql(term), term).toEqual(found)
    }
    const { invocations: byRecord } = await ask(query, { term: '%orders:7%', table: '%orders%', id: '%"id": 7%' })
    expect(byRecord).toHaveLength(4)
    const { errors } = JSON.parse(
      await engine.execute({ query, variables: { term: '%x%' } }, { role: 'observability_viewer', variables: {} }),
    )
    expect(errors[0].message).toMatch(/not found in type: 'invocations/)
  })

  it('counts per name in one request that is made on the fly', async () => {
    const part = (alias: string, where: string) =>
      `${alias}: job_executions_aggregate(where: ${where}) { aggregate { count } }`
    const parts = jobs.map(({ job_name }, index) =>
      [
        part(`all_${index}`, `{ job_name: { _eq: "${job_name}" } }`),
        part(`failed_${index}`, `{ job_name: { _eq: "${job_name}" }, status: { _eq: "failed" } }`),
      ].join(' '),
    )
    const answer = await ask(`{ ${parts.join(' ')} }`)
    for (const [index, job] of jobs.entries()) {
      expect(answer[`all_${index}`].aggregate.count).toBe(1)
      expect(answer[`failed_${index}`].aggregate.count).toBe(job.status === 'failed' ? 1 : 0)
    }
  })

  it('watches the newest invocations', async () => {
    const client = await new RawClient(endpoint.socketUrl).init()
    try {
      client.subscribe(
        '1',
        `subscription { invocations(limit: 2, order_by: { created_at: desc },
           where: { status: { _in: ["running", "completed", "failed"] } }) { id status total_jobs_run } }`,
      )
      const expected = newestFirst(invocations)
        .slice(0, 2)
        .map(row => pick(row, 'id', 'status', 'total_jobs_run'))
      expect((await client.next()).payload).toEqual({ data: { invocations: expected } })
      await database.pool.query(`UPDATE ${SCHEMA}.invocations SET status = 'running' WHERE id = $1`, [chain.ids.mail])
      const [first, second] = expected
      expect((await client.next()).payload).toEqual({
        data: { invocations: [{ ...first, status: 'running' }, second] },
      })
    } finally {
      await database.pool.query(`UPDATE ${SCHEMA}.invocations SET status = 'failed' WHERE id = $1`, [chain.ids.mail])
      client.close()
    }
  })

  it('asks whether anybody is there', async () => {
    expect(await ask(`query Probe { invocations(limit: 1) { id } }`)).toEqual({
      invocations: [{ id: expect.any(String) }],
    })
    expect(
      (await ask(`query ($where: invocations_bool_exp!) { invocations(where: $where) { id } }`, { where: RANGE }))
        .invocations,
    ).toHaveLength(4)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { seedChain } from './support/seed-chain.ts'

// The queries of the plugin's published README, word for word.
const TRACE_CORRELATION_ID = `query TraceCorrelationId($correlationId: String!) {
  invocations(where: { correlation_id: { _eq: $correlationId } }) {
    id
    source_function
    correlation_id
    created_at
    total_duration_ms

    event_executions {
      event_name
      detected
      correlation_id
      job_executions {
        job_name
        status
        duration_ms
        correlation_id
      }
    }
  }
}`

const RECENT_INVOCATIONS = `query RecentInvocations {
  invocations(
    limit: 10
    order_by: { created_at: desc }
  ) {
    id
    source_function
    correlation_id
    created_at
    total_duration_ms
    events_detected_count

    event_executions {
      event_name
      detected
      correlation_id
      job_executions {
        job_name
        status
        duration_ms
        correlation_id
      }
    }
  }
}`

const PERFORMANCE_ANALYTICS = `query PerformanceAnalytics($timeRange: timestamptz!) {
  dashboard_stats(
    where: { hour_bucket: { _gte: $timeRange } }
    order_by: { hour_bucket: asc }
  ) {
    hour_bucket
    source_function
    total_invocations
    avg_duration_ms
    successful_invocations
    failed_invocations
  }
}`

describe('the queries of the README', () => {
  let database: TestDatabase
  let engine: GraphqlEngine
  let chain: Awaited<ReturnType<typeof seedChain>>

  beforeAll(async () => {
    database = await createTestDatabase()
    chain = await seedChain(database.pool)
    engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
  })
  afterAll(() => database.drop())

  const ask = async (query: string, variables: object, role = 'admin') =>
    JSON.parse(await engine.execute({ query, variables }, { role, variables: {} }))

  it('TraceCorrelationId finds everything of one correlation id, though it declares the uuid as a String', async () => {
    const { data, errors } = await ask(TRACE_CORRELATION_ID, { correlationId: chain.correlationId })
    expect(errors).toBeUndefined()
    expect(data.invocations).toHaveLength(3)
    const root = data.invocations.find((invocation: { id: string }) => invocation.id === chain.rootId)
    expect(root).toEqual({
      id: chain.rootId,
      source_function: 'orders',
      correlation_id: chain.correlationId,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/),
      total_duration_ms: 120,
      event_executions: [
        {
          event_name: 'order.placed',
          detected: true,
          correlation_id: chain.correlationId,
          job_executions: [
            { job_name: 'reserveStock', status: 'completed', duration_ms: 40, correlation_id: chain.correlationId },
          ],
        },
        { event_name: 'order.cancelled', detected: false, correlation_id: chain.correlationId, job_executions: [] },
      ],
    })
  })

  it('RecentInvocations gives the newest first', async () => {
    const { data, errors } = await ask(RECENT_INVOCATIONS, {})
    expect(errors).toBeUndefined()
    expect(data.invocations.map((row: { source_function: string }) => row.source_function)).toEqual([
      'mail',
      'shipping',
      'stock',
      'orders',
    ])
  })

  it('PerformanceAnalytics sums up by hour', async () => {
    const { data, errors } = await ask(PERFORMANCE_ANALYTICS, { timeRange: '2020-01-01' })
    expect(errors).toBeUndefined()
    expect(data.dashboard_stats).toHaveLength(4)
    expect(data.dashboard_stats[0]).toEqual({
      hour_bucket: expect.stringMatching(/:00:00\+00:00$/),
      source_function: expect.any(String),
      total_invocations: 1,
      avg_duration_ms: expect.any(Number),
      successful_invocations: expect.any(Number),
      failed_invocations: expect.any(Number),
    })
  })

  it('works for the viewer, who gets no payloads', async () => {
    for (const [query, variables] of [
      [TRACE_CORRELATION_ID, { correlationId: chain.correlationId }],
      [RECENT_INVOCATIONS, {}],
      [PERFORMANCE_ANALYTICS, { timeRange: '2020-01-01' }],
    ] as const) {
      expect((await ask(query, variables, 'observability_viewer')).errors).toBeUndefined()
    }
    const { errors } = await ask('{ invocations { source_event_payload } }', {}, 'observability_viewer')
    expect(errors).toEqual([
      {
        message: `field 'source_event_payload' not found in type: 'invocations'`,
        extensions: { path: '$.selectionSet.invocations.selectionSet.source_event_payload', code: 'validation-failed' },
      },
    ])
  })

  it('a chain comes with its events, jobs and logs in one request', async () => {
    const { data, errors } = await ask(
      `query Chain($root: uuid!) {
        invocation_chain(args: { root_id: $root }, order_by: { created_at: asc }) {
          id
          source_function
          source_job_execution { job_name }
          event_executions(order_by: { event_name: asc }) {
            event_name
            job_executions {
              job_name
              logs(order_by: { timestamp: asc }) { log_level log_message timestamp_ns }
              triggered_invocations { source_function }
            }
          }
          event_executions_aggregate(where: { detected: { _eq: true } }) { aggregate { count } }
        }
      }`,
      { root: chain.rootId },
    )
    expect(errors).toBeUndefined()
    expect(data.invocation_chain.map((row: { source_function: string }) => row.source_function)).toEqual([
      'orders',
      'stock',
      'shipping',
    ])
    expect(data.invocation_chain[0].event_executions[1].job_executions).toEqual([
      {
        job_name: 'reserveStock',
        logs: [
          { log_level: 'info', log_message: 'reserving', timestamp_ns: expect.any(Number) },
          { log_level: 'error', log_message: 'low stock', timestamp_ns: null },
        ],
        triggered_invocations: [{ source_function: 'stock' }],
      },
    ])
    expect(data.invocation_chain[1].source_job_execution).toEqual({ job_name: 'reserveStock' })
    expect(data.invocation_chain[0].source_job_execution).toBeNull()
    expect(data.invocation_chain[0].event_executions_aggregate).toEqual({ aggregate: { count: 1 } })
  })

  it('keeps the digits of numbers that JavaScript would round', async () => {
    const body = await engine.execute(
      { query: '{ events(where: { log_message: { _eq: "reserving" } }) { timestamp_ns } }' },
      { role: 'admin', variables: {} },
    )
    expect(body).toContain('"timestamp_ns":1750000000123456789')
  })
})

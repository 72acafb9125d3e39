import { readFileSync } from 'node:fs'
import { parse, print } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { SCHEMA } from '../support/postgres.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { isSettled } from '../support/shop-truth.ts'

// biome-ignore lint/suspicious/noExplicitAny: each query has its own shape.
type Any = any

const queries = parse(readFileSync('model/example-queries.graphql', 'utf8')).definitions.map(definition => {
  if (definition.kind !== 'OperationDefinition' || !definition.name) throw new Error('only named queries belong there')
  return { name: definition.name.value, text: print(definition) }
})

/** The example queries, asked over HTTP about one declined order. */
describe('the example queries', () => {
  let server: TestServer
  let root: { id: string; correlation_id: string }
  const asked: string[] = []

  beforeAll(async () => {
    server = await startTestServer()
    await fetch(`${server.url}/shop/orders`, {
      method: 'POST',
      body: JSON.stringify({ scenario: 'payment_declined' }),
      headers: { 'content-type': 'application/json' },
    })
    await eventually(async () => expect(await isSettled(server.shop.pool)).toBe(true), 30_000)
    root = await eventually(async () => {
      const { rows } = await server.observability.pool.query(
        `SELECT id, correlation_id FROM ${SCHEMA}.invocations WHERE source_job_id IS NULL AND ended_at IS NOT NULL`,
      )
      expect(rows).toHaveLength(1)
      return rows[0]
    })
    await eventually(async () => expect(server.recorder().bufferedRows).toBe(0))
  })
  afterAll(() => server.stop())

  async function ask(name: string, variables: object = {}): Promise<Any> {
    asked.push(name)
    const query = queries.find(item => item.name === name)?.text
    const response = await fetch(`${server.url}/v1/graphql`, {
      method: 'POST',
      body: JSON.stringify({ query, variables }),
      headers: { 'content-type': 'application/json' },
    })
    const body = (await response.json()) as Any
    expect(body.errors).toBeUndefined()
    return body.data
  }
  const count = async (sql: string): Promise<number> => Number((await server.observability.pool.query(sql)).rows[0].n)

  it('TraceCorrelationId finds the whole chain', async () => {
    const { invocations } = await ask('TraceCorrelationId', { correlationId: root.correlation_id })
    expect(invocations).toHaveLength(await count(`SELECT count(*) AS n FROM ${SCHEMA}.invocations`))
    const jobs = invocations.flatMap((item: Any) => item.event_executions.flatMap((event: Any) => event.job_executions))
    expect(jobs).toHaveLength(await count(`SELECT count(*) AS n FROM ${SCHEMA}.job_executions`))
    expect(jobs.every((job: Any) => job.correlation_id === root.correlation_id)).toBe(true)
  })

  it('RecentInvocations gives ten, the newest first, with every module asked', async () => {
    const { invocations } = await ask('RecentInvocations')
    expect(invocations).toHaveLength(10)
    const times = invocations.map((item: Any) => item.created_at)
    expect([...times].sort().reverse()).toEqual(times)
    expect(invocations[0].event_executions).toHaveLength(15)
  })

  it('PerformanceAnalytics totals the hours', async () => {
    const timeRange = new Date(Date.now() - 86_400_000).toISOString()
    const { dashboard_stats: hours } = await ask('PerformanceAnalytics', { timeRange })
    const sum = (key: string): number => hours.reduce((total: number, hour: Any) => total + hour[key], 0)
    expect(sum('total_invocations')).toBe(await count(`SELECT count(*) AS n FROM ${SCHEMA}.invocations`))
    expect(sum('failed_invocations')).toBe(1)
  })

  it('Chain gives every invocation below the root, with the output of its jobs', async () => {
    const { invocation_chain: chain } = await ask('Chain', { rootId: root.id })
    expect(chain).toHaveLength(await count(`SELECT count(*) AS n FROM ${SCHEMA}.invocations`))
    expect(chain[0]).toMatchObject({ id: root.id, source_table: 'public.orders', source_operation: 'INSERT' })
    expect(JSON.stringify(chain)).toContain('declined')
  })

  it('Ancestors leads from the last invocation to the root', async () => {
    const { rows } = await server.observability.pool.query(
      `SELECT id FROM ${SCHEMA}.invocations ORDER BY id DESC LIMIT 1`,
    )
    const { invocation_ancestors: ancestors } = await ask('Ancestors', { invocationId: rows[0].id })
    expect(ancestors.length).toBeGreaterThan(2)
    expect(ancestors[0]).toMatchObject({ id: root.id, source_job_execution: null })
    expect(ancestors.at(-1).id).toBe(rows[0].id)
  })

  it('Failures names the job and why', async () => {
    const { job_executions: failures } = await ask('Failures')
    expect(failures).toMatchObject([{ job_name: 'capturePayment', error_message: expect.stringContaining('declined') }])
  })

  it('are all asked here', () => {
    expect(asked.sort()).toEqual(queries.map(query => query.name).sort())
  })
})

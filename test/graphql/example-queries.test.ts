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
  const rowsOf = async (sql: string): Promise<Any[]> => (await server.observability.pool.query(sql)).rows
  const count = async (sql: string): Promise<number> => Number((await rowsOf(sql))[0].n)

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

  it('WholeChain gives it from any of its invocations', async () => {
    const [last] = await rowsOf(`SELECT id FROM ${SCHEMA}.invocations ORDER BY id DESC LIMIT 1`)
    const { whole_chain: chain } = await ask('WholeChain', { invocationId: last.id })
    expect(chain.map((item: Any) => item.id)).toEqual(
      (await rowsOf(`SELECT id FROM ${SCHEMA}.invocations ORDER BY id`)).map(row => row.id),
    )
    expect(chain[0].id).toBe(root.id)
  })

  it('ChainWaterfall and TraceWaterfall give every execution as a span', async () => {
    const { chain_waterfall: chain } = await ask('ChainWaterfall', { rootId: root.id })
    const executions = ['invocations', 'event_executions', 'job_executions'].map(
      table => `(SELECT count(*) FROM ${SCHEMA}.${table})`,
    )
    expect(chain).toHaveLength(await count(`SELECT ${executions.join(' + ')} AS n`))
    expect(chain[0]).toMatchObject({ kind: 'invocation', id: root.id, source_job_id: null })
    const ids = new Set(chain.map((span: Any) => span.span_id))
    // Everything but the root hangs on a span of the chain.
    expect(chain.filter((span: Any) => !ids.has(span.parent_span_id)).map((span: Any) => span.id)).toEqual([root.id])

    const [{ trace_id: traceId }] = await rowsOf(`SELECT trace_id FROM ${SCHEMA}.invocations WHERE id = '${root.id}'`)
    const { trace_waterfall: trace } = await ask('TraceWaterfall', { traceId })
    expect(trace).toHaveLength(chain.filter((span: Any) => span.status !== 'not_detected').length)
  })

  it('SlowestInvocations and FailingInvocations', async () => {
    const since = new Date(Date.now() - 86_400_000).toISOString()
    const { invocations: slowest } = await ask('SlowestInvocations', { since, limit: 3 })
    expect(slowest.map((item: Any) => item.total_duration_ms)).toEqual(
      (await rowsOf(`SELECT total_duration_ms AS ms FROM ${SCHEMA}.invocations ORDER BY 1 DESC LIMIT 3`)).map(
        row => row.ms,
      ),
    )
    const { invocations: failing } = await ask('FailingInvocations')
    expect(failing).toMatchObject([{ status: 'failed', job_executions: [{ job_name: 'capturePayment' }] }])
  })

  it('PerformanceByHour adds up to everything', async () => {
    const since = new Date(Date.now() - 86_400_000).toISOString()
    const { performance: hours } = await ask('PerformanceByHour', { since })
    const sum = (key: string): number => hours.reduce((total: number, hour: Any) => total + hour[key], 0)
    expect(sum('total')).toBe(await count(`SELECT count(*) AS n FROM ${SCHEMA}.invocations`))
    expect(sum('failed')).toBe(1)
    expect(Math.max(...hours.map((hour: Any) => hour.max_ms))).toBe(
      await count(`SELECT max(total_duration_ms) AS n FROM ${SCHEMA}.invocations`),
    )
    const { performance: jobs } = await ask('PerformanceByHour', { since, kind: 'job' })
    expect(jobs.find((job: Any) => job.failed === 1)?.name).toBe('capturePayment')
  })

  it('Search, SearchByUser and SearchByPayload find the order', async () => {
    const [order] = await rowsOf(
      `SELECT source_record_id AS key, source_user_email AS email,
         source_event_payload #> '{event,data,new}' AS new FROM ${SCHEMA}.invocations WHERE id = '${root.id}'`,
    )
    const sameRow = await count(
      `SELECT count(*) AS n FROM ${SCHEMA}.invocations WHERE source_table = 'public.orders' AND source_record_id = '${order.key}'`,
    )
    const { search_invocations: found } = await ask('Search', { term: `orders:${order.key}` })
    expect(found).toHaveLength(sameRow)
    expect(found.at(-1)).toMatchObject({ id: root.id, source_record_id: order.key })
    const { invocations: byUser } = await ask('SearchByUser', { email: order.email })
    expect(byUser.map((item: Any) => item.id)).toContain(root.id)
    const contains = { table: { name: 'orders' }, event: { op: 'INSERT', data: { new: { id: order.new.id } } } }
    const { invocations: byPayload } = await ask('SearchByPayload', { contains })
    expect(byPayload).toMatchObject([{ id: root.id, source_event_payload: { id: order.new.id } }])
  })

  it('SilentModules, JobErrors, CorrelationCoverage and InvocationFacets agree with SQL', async () => {
    const { module_statistics: silent } = await ask('SilentModules')
    expect(silent.map((item: Any) => item.event_name).sort()).toEqual(
      (await rowsOf(`SELECT event_name FROM ${SCHEMA}.event_executions GROUP BY 1 HAVING NOT bool_or(detected)`))
        .map(row => row.event_name)
        .sort(),
    )
    const { job_errors: errors } = await ask('JobErrors')
    expect(errors).toMatchObject([
      { job_name: 'capturePayment', runs: 1, last_message: expect.stringContaining('declined') },
    ])
    const total = await count(`SELECT count(*) AS n FROM ${SCHEMA}.invocations`)
    const { correlation_coverage: coverage } = await ask('CorrelationCoverage')
    expect(coverage.reduce((sum: number, row: Any) => sum + row.invocations, 0)).toBe(total)
    const since = new Date(Date.now() - 86_400_000).toISOString()
    const { invocation_facets: facets } = await ask('InvocationFacets', { since })
    const statuses = facets.filter((row: Any) => row.facet === 'status')
    expect(statuses.reduce((sum: number, row: Any) => sum + row.invocations, 0)).toBe(total)
  })

  it('ExecutionMap has the edges of every invocation, detection and job', async () => {
    const since = new Date(Date.now() - 86_400_000).toISOString()
    const { execution_map: edges } = await ask('ExecutionMap', { since })
    const callsInto = (kind: string) =>
      edges.filter((edge: Any) => edge.to_kind === kind).reduce((sum: number, edge: Any) => sum + Number(edge.calls), 0)
    expect(callsInto('function')).toBe(await count(`SELECT count(*) AS n FROM ${SCHEMA}.invocations`))
    expect(callsInto('module')).toBe(await count(`SELECT count(*) AS n FROM ${SCHEMA}.event_executions WHERE detected`))
    expect(callsInto('job')).toBe(await count(`SELECT count(*) AS n FROM ${SCHEMA}.job_executions`))
    expect(callsInto('table')).toBe(
      await count(`SELECT count(*) AS n FROM ${SCHEMA}.invocations WHERE source_job_id IS NOT NULL`),
    )
    expect(edges.find((edge: Any) => edge.to_name === 'capturePayment')).toMatchObject({
      from_kind: 'module',
      failed: 1,
    })
  })

  it('LiveEventRates counts what has just happened', async () => {
    const { live_event_rates: rates } = await ask('LiveEventRates')
    const recent = await count(
      `SELECT count(*) AS n FROM ${SCHEMA}.events WHERE "timestamp" > now() - interval '5 minutes'`,
    )
    expect(recent).toBeGreaterThan(0)
    expect(rates.reduce((sum: number, row: Any) => sum + row.events, 0)).toBe(recent)
  })

  it('are all asked here', () => {
    expect([...new Set(asked)].sort()).toEqual(queries.map(query => query.name).sort())
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { seedChain } from './support/seed-chain.ts'

// biome-ignore lint/suspicious/noExplicitAny: each query has its own shape.
type Any = any

/** What the functions of the database answer, asked through GraphQL as the roles we ship. */
describe('the questions of the database', () => {
  let database: TestDatabase
  let engine: GraphqlEngine
  let chain: Awaited<ReturnType<typeof seedChain>>

  beforeAll(async () => {
    database = await createTestDatabase()
    engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    chain = await seedChain(database.pool)
  })
  afterAll(() => database.drop())

  async function ask(query: string, role = 'observability_viewer'): Promise<Any> {
    const { data, errors } = JSON.parse(await engine.execute({ query }, { role, variables: {} }))
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  const sql = async (text: string, values: unknown[] = []): Promise<Any[]> =>
    (await database.pool.query(text, values)).rows

  it('gives a chain from any of its invocations, forward and backward', async () => {
    const { orders, stock, shipping, mail } = chain.ids
    const found = await ask(`{
      fromLeaf: whole_chain(args: {invocation_id: "${shipping}"}, order_by: {created_at: asc}) { id }
      alone: whole_chain(args: {invocation_id: "${mail}"}) { id }
      below: invocation_chain(args: {root_id: "${stock}"}, order_by: {created_at: asc}) { id }
      above: invocation_ancestors(args: {invocation_id: "${stock}"}, order_by: {created_at: asc}) { id }
      bounded: invocation_chain(args: {root_id: "${orders}", max_invocations: 2}, order_by: {created_at: asc}) { id }
      count: invocation_chain_aggregate(args: {root_id: "${orders}"}) { aggregate { count } }
      none: whole_chain(args: {invocation_id: "00000000-0000-4000-8000-000000000000"}) { id }
    }`)
    const ids = (rows: Any[]) => rows.map(row => row.id)
    expect(ids(found.fromLeaf)).toEqual([orders, stock, shipping])
    expect(ids(found.alone)).toEqual([mail])
    expect(ids(found.below)).toEqual([stock, shipping])
    expect(ids(found.above)).toEqual([orders, stock])
    expect(ids(found.bounded)).toEqual([orders, stock])
    expect(found.count.aggregate.count).toBe(3)
    expect(found.none).toEqual([])
  })

  it('ends where a loop closes', async () => {
    // The job of the last invocation "caused" the first: only a caller who chooses ids can make that.
    await sql(`UPDATE ${SCHEMA}.invocations SET source_job_id = $1 WHERE id = $2`, [chain.jobs.ship, chain.ids.orders])
    const { forward, backward, whole } = await ask(`{
      forward: invocation_chain(args: {root_id: "${chain.ids.stock}"}) { id }
      backward: invocation_ancestors(args: {invocation_id: "${chain.ids.stock}"}) { id }
      whole: whole_chain(args: {invocation_id: "${chain.ids.stock}"}) { id }
    }`)
    await sql(`UPDATE ${SCHEMA}.invocations SET source_job_id = NULL WHERE id = $1`, [chain.ids.orders])
    expect(forward).toHaveLength(3)
    expect(backward).toHaveLength(2)
    expect(whole).toHaveLength(3)
  })

  it('draws a chain as spans, together with what other services sent of its trace', async () => {
    const trace = 'a'.repeat(32)
    await sql(
      `UPDATE ${SCHEMA}.invocations SET trace_id = $1, ended_at = created_at + interval '1.5 ms' WHERE id = $2`,
      [trace, chain.ids.orders],
    )
    await sql(
      `INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, "timestamp", trace_id, span_id, parent_id, duration_ms, service_name, outcome)
       VALUES ('s1', 'trace', 'POST /pay', 'test', now(), $1, 'b7ad6b7169203331', NULL, 12.5, 'payments', 'error'),
              ('s2', 'log', 'console', 'test', now(), $1, 'b7ad6b7169203331', NULL, NULL, NULL, NULL)`,
      [trace],
    )
    const { chain_waterfall: spans, trace_waterfall: one } = await ask(`{
      chain_waterfall(args: {root_id: "${chain.rootId}"}) { kind id name status duration_ms invocation_id invocation { id } }
      trace_waterfall(args: {trace_id: "${trace}"}) { kind id name service status duration_ms operation }
    }`)
    const of = (kind: string, rows: Any[]) => rows.filter((row: Any) => row.kind === kind)
    expect(
      of('invocation', spans)
        .map((row: Any) => row.id)
        .sort(),
    ).toEqual([chain.ids.orders, chain.ids.stock, chain.ids.shipping].sort())
    expect(of('detection', spans)).toHaveLength(3)
    expect(
      of('job', spans)
        .map((row: Any) => row.name)
        .sort(),
    ).toEqual(['reserveStock', 'ship'])
    expect(of('trace', spans)).toEqual([
      {
        kind: 'trace',
        id: 's1',
        name: 'POST /pay',
        status: 'error',
        duration_ms: 12.5,
        invocation_id: null,
        invocation: null,
      },
    ])
    // Only the first invocation carries that trace id; its modules and its job belong to it.
    expect(one.map((row: Any) => row.kind).sort()).toEqual(['detection', 'detection', 'invocation', 'job', 'trace'])
    expect(of('invocation', one)).toMatchObject([{ duration_ms: 1.5, operation: 'INSERT public.orders' }])
    expect(of('trace', one)).toMatchObject([{ service: 'payments' }])
  })

  it('finds invocations by what a person holds of them', async () => {
    const event = '11111111-2222-4333-8444-555555555555'
    await sql(
      `UPDATE ${SCHEMA}.invocations SET source_record_id = '7', source_event_id = $1, trace_id = $2 WHERE id = $3`,
      [event, 'c'.repeat(32), chain.ids.stock],
    )
    const module = await sql(`SELECT id FROM ${SCHEMA}.event_executions WHERE event_name = 'stock.low'`)
    const search = async (term: string): Promise<string[]> =>
      (
        await ask(`{ search_invocations(args: {term: ${JSON.stringify(term)}}, order_by: {created_at: asc}) { id } }`)
      ).search_invocations.map((row: Any) => row.id)
    const { orders, stock, shipping } = chain.ids
    expect(await search(chain.correlationId)).toEqual([orders, stock, shipping])
    for (const term of [stock, stock.toUpperCase(), event, chain.jobs.ship, module[0].id, 'C'.repeat(32)])
      expect(await search(` ${term} `)).toEqual([stock])
    for (const term of ['7', 'orders:7', 'public.orders:7']) expect(await search(term)).toEqual([stock])
    for (const term of ['', ':', 'rders:7', 'orders:', '%:7', "orders:7' OR true --", '8'])
      expect(await search(term)).toEqual([])
  })

  it('searches by index only, in every partition', async () => {
    // A table of a few rows is always read whole; forbidding that shows whether an index could answer.
    const plan = async (text: string): Promise<string> => {
      const client = await database.pool.connect()
      try {
        await client.query('BEGIN; SET LOCAL enable_seqscan = off')
        const { rows } = await client.query(`EXPLAIN ${text}`)
        return rows.map(row => row['QUERY PLAN']).join('\n')
      } finally {
        await client.query('ROLLBACK')
        client.release()
      }
    }
    const from = `SELECT * FROM ${SCHEMA}.invocations`
    const failed = `status IN ('failed', 'timeout', 'lost')`
    for (const text of [
      `SELECT * FROM ${SCHEMA}.search_invocations('orders:7')`,
      `SELECT * FROM ${SCHEMA}.search_invocations('${chain.correlationId}')`,
      `SELECT * FROM ${SCHEMA}.trace_waterfall('${'a'.repeat(32)}')`,
      `${from} WHERE source_user_email = 'ann@example.com'`,
      `${from} WHERE source_event_payload @> '{"event": {"data": {"new": {"id": 7}}}}'`,
      `${from} WHERE ${failed} ORDER BY created_at DESC LIMIT 20`,
      `${from} WHERE created_at > now() - interval '1 hour' ORDER BY total_duration_ms DESC NULLS LAST LIMIT 20`,
      `SELECT * FROM ${SCHEMA}.job_executions WHERE ${failed} ORDER BY created_at DESC LIMIT 20`,
    ]) {
      const explained = await plan(text)
      expect(explained).toMatch(/Index/)
      expect(explained, text).not.toMatch(/Seq Scan/)
    }
    expect(await plan(`SELECT * FROM ${SCHEMA}.invocation_facets(now() - interval '1 hour')`)).toMatch(
      /Index Only Scan/,
    )
  })

  it('tells performance per step, from roll-ups and from rows alike', async () => {
    const query = `{
      hours: performance(args: {kind: "function", since: "2000-01-01"}) { bucket name total failed p50_ms p95_ms avg_ms max_ms }
      all: performance(args: {kind: "function", since: "2000-01-01", step: null, by_name: false}) { bucket name total failed max_ms avg_ms }
      one: performance(args: {kind: "function", since: "2000-01-01", name: "mail"}) { name total failed }
      jobs: performance(args: {kind: "job", since: "2000-01-01"}) { name total failed avg_ms max_ms }
      modules: performance(args: {kind: "module", since: "2000-01-01", step: "1 day"}) { name total }
      past: performance(args: {kind: "function", since: "2000-01-01", until: "2000-01-02"}) { name }
      silent: module_statistics(where: {total_detected: {_eq: 0}}) { event_name total_asked detected_percent last_detected_hour }
      modulesAsked: module_statistics(order_by: {event_name: asc}) { event_name total_asked total_detected detected_percent }
    }`
    const live = await ask(query)
    expect(live.all).toEqual([{ bucket: null, name: null, total: 4, failed: 1, max_ms: 180, avg_ms: 150 }])
    expect(live.one).toEqual([{ name: 'mail', total: 1, failed: 1 }])
    expect(live.hours.map((row: Any) => [row.name, row.total, row.failed, row.max_ms])).toEqual([
      ['mail', 1, 1, 180],
      ['orders', 1, 0, 120],
      ['shipping', 1, 0, 160],
      ['stock', 1, 0, 140],
    ])
    for (const row of live.hours) {
      expect(row.p95_ms).toBeLessThanOrEqual(row.max_ms)
      expect(row.p50_ms).toBeGreaterThan(row.max_ms * 0.8)
    }
    expect(live.silent).toEqual([
      { event_name: 'order.cancelled', total_asked: 1, detected_percent: 0, last_detected_hour: null },
    ])
    expect(live.modulesAsked).toHaveLength(3)
    expect(live.modules.map((row: Any) => [row.name, row.total])).toEqual([
      ['order.cancelled', 0],
      ['order.placed', 1],
      ['stock.low', 1],
    ])
    expect(live.past).toEqual([])
    // Counted into the roll-ups, everything is as it was.
    await sql(`SELECT ${SCHEMA}.roll_up()`)
    await sql(`UPDATE ${SCHEMA}.maintenance_state SET live_from = date_trunc('hour', now()) + interval '1 hour'`)
    expect(await ask(query)).toEqual(live)
    await sql(`UPDATE ${SCHEMA}.maintenance_state SET live_from = '-infinity'`)
  })

  it('groups failed jobs by what their messages have in common', async () => {
    const invocation = chain.ids.orders
    const [event] = await sql(`SELECT id FROM ${SCHEMA}.event_executions WHERE event_name = 'order.placed'`)
    const messages = [
      'order 17 of ann@shop.example not found at 2026-01-02T03:04:05.678Z',
      'order 4711 of bob@shop.example  not found at 2026-02-03 04:05:06+00',
      'card 0xdeadbeef01 refused for 11111111-2222-4333-8444-555555555555',
      null,
    ]
    for (const [index, message] of messages.entries()) {
      await sql(
        `INSERT INTO ${SCHEMA}.job_executions (id, invocation_id, event_execution_id, correlation_id, job_name, status, error_message, created_at)
         VALUES (gen_random_uuid(), $1, $2, $3, 'charge', $4, $5, now() - $6 * interval '1 minute')`,
        [invocation, event.id, chain.correlationId, message === null ? 'lost' : 'failed', message, index],
      )
    }
    const { job_errors: groups } = await ask(`{
      job_errors(args: {job_name: "charge"}, order_by: [{runs: desc}, {last_seen: desc}]) {
        fingerprint pattern last_message runs invocations last_invocation { id } last_job_execution { status } } }`)
    expect(groups.map((row: Any) => [row.pattern, row.runs, row.invocations])).toEqual([
      ['order <n> of <email> not found at <time>', 2, 1],
      ['card <hex> refused for <id>', 1, 1],
      ['lost', 1, 1],
    ])
    expect(groups[0]).toMatchObject({ last_message: messages[0], last_invocation: { id: invocation } })
    expect(groups[2]).toMatchObject({ last_message: null, last_job_execution: { status: 'lost' } })
    expect(new Set(groups.map((row: Any) => row.fingerprint)).size).toBe(3)
    expect((await ask('{ job_errors(args: {since: "0 hours"}) { runs } }')).job_errors).toEqual([])
  })

  it('counts facets, each narrowed by the others and not by itself', async () => {
    const facets = async (filters: string) => {
      const { invocation_facets: rows } = await ask(
        `{ invocation_facets(args: {filters: ${filters}}) { facet value invocations } }`,
      )
      return rows.map((row: Any) => `${row.facet} ${row.value} ${row.invocations}`)
    }
    const all = await facets('{}')
    expect(all).toEqual(
      expect.arrayContaining([
        'status completed 3',
        'status failed 1',
        'source_table public.orders 4',
        'source_function mail 1',
      ]),
    )
    expect(await facets('{status: ["failed"]}')).toEqual([
      'source_function mail 1',
      'source_operation INSERT 1',
      'source_table public.orders 1',
      'status completed 3',
      'status failed 1',
    ])
    expect(await facets('{status: ["failed"], source_function: ["orders", "mail"], source_table: []}')).toEqual([
      'source_table public.orders 1',
    ])
  })

  it('shows the viewer nothing through a function that it may not read', async () => {
    const hidden = JSON.parse(
      await engine.execute(
        { query: `{ search_invocations(args: {term: "7"}) { source_user_email } }` },
        { role: 'observability_viewer', variables: {} },
      ),
    )
    expect(hidden.errors[0].message).toBe(`field 'source_user_email' not found in type: 'invocations'`)
    const filtered = JSON.parse(
      await engine.execute(
        {
          query: `{ search_invocations(args: {term: "7"}, where: {source_user_email: {_eq: "ann@example.com"}}) { id } }`,
        },
        { role: 'observability_viewer', variables: {} },
      ),
    )
    expect(filtered.errors[0].message).toBe(`field 'source_user_email' not found in type: 'invocations_bool_exp'`)
    const operator = await ask(
      '{ search_invocations(args: {term: "7"}) { source_user_email } }',
      'observability_operator',
    )
    expect(operator.search_invocations).toEqual([{ source_user_email: 'ann@example.com' }])
    // The shapes are asked through their functions only.
    const names = Object.keys(engine.schema('observability_viewer').getQueryType()?.getFields() ?? {})
    expect(names.filter(name => /^(spans|facet_counts|performance_points)/.test(name))).toEqual([])
  })
})

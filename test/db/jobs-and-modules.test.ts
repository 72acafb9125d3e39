import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlEngine, type GraphqlEngine } from '../../src/graphql/engine.ts'
import { readMetadata } from '../../src/hasura/metadata.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { writeInvocation } from '../support/recorded-rows.ts'

// biome-ignore lint/suspicious/noExplicitAny: each query has its own shape.
type Any = any

const HOUR = 3_600_000
const MINUTE = 60_000

/** The functions behind the pages of jobs and modules, asked through GraphQL as a viewer and compared with plain SQL. */
describe('what is asked about one job or one module', () => {
  let database: TestDatabase
  let engine: GraphqlEngine
  const now = Date.now()
  const sql = async (text: string, values: unknown[] = []): Promise<Any[]> =>
    (await database.pool.query(text.replaceAll('SCHEMA', SCHEMA), values)).rows
  const ask = async (query: string): Promise<Any> => {
    const { data, errors } = JSON.parse(
      await engine.execute({ query }, { role: 'observability_viewer', variables: {} }),
    )
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  const windowOf = (fromMinutes: number, toMinutes: number) =>
    [new Date(now - fromMinutes * MINUTE), new Date(now - toMinutes * MINUTE)] as const
  const args = ([since, until]: readonly [Date, Date]) =>
    `since: "${since.toISOString()}", until: "${until.toISOString()}"`

  beforeAll(async () => {
    database = await createTestDatabase()
    engine = await createGraphqlEngine({ pool: database.pool, metadata: await readMetadata('hasura-metadata') })
    // Five hours in steps of seven minutes, so that windows cut through hours.
    for (let minutes = 0, n = 0; minutes < 300; minutes += 7, n += 1) {
      const at = new Date(now - 5 * HOUR + minutes * MINUTE)
      const { id, eventId, jobId } = await writeInvocation(database.pool, {
        at,
        durationMs: 10 + n,
        sourceFunction: n % 3 === 0 ? 'payments' : 'orders',
        status: n % 5 === 0 ? 'failed' : 'completed',
      })
      await sql('UPDATE SCHEMA.job_executions SET job_name = $1, error_message = $2 WHERE id = $3', [
        n % 2 === 0 ? 'sendReceipt' : 'capturePayment',
        n % 5 === 0 ? (n % 10 === 0 ? `order ${n} has no address` : 'the bank is closed') : null,
        jobId,
      ])
      await sql('UPDATE SCHEMA.event_executions SET columns_read = $1 WHERE id = $2', [
        n % 4 === 0 ? null : JSON.stringify(n % 2 === 0 ? ['op', 'new.status'] : ['op']),
        eventId,
      ])
      // A module that never fires, beside orders.placed, which always does.
      await sql(
        `INSERT INTO SCHEMA.event_executions (id, invocation_id, created_at, correlation_id, event_name, status, detection_duration_ms,
           not_detected_reason, detection_error)
         VALUES ((overlay(SCHEMA.uuid_v7_at($1)::text PLACING '4' || right(gen_random_uuid()::text, 11) FROM 25))::uuid, $2, $1, $2,
           'orders.lost', $3, 2, $4, $5)`,
        [
          at,
          id,
          n % 7 === 0 ? 'detection_failed' : 'not_detected',
          n % 7 === 0 ? null : n % 3 === 0 ? null : `still ${n} to go`,
          n % 7 === 0 ? 'cannot read status of null' : null,
        ],
      )
    }
    await sql('SELECT SCHEMA.roll_up(true)')
  })
  afterAll(() => database.drop())

  it.each([
    [300, 0],
    [285, 61],
    [33, 5],
    [601, 301],
  ])('counts modules from %i to %i minutes ago exactly', async (from, to) => {
    const span = windowOf(from, to)
    const { module_totals: found } = await ask(`{
      module_totals(args: {${args(span)}}, order_by: {event_name: asc}) {
        event_name asked detected failed jobs_run jobs_failed detection_sum_ms handler_sum_ms handler_max_ms } }`)
    expect(found).toEqual(
      await sql(
        `SELECT event_name, count(*)::int AS asked, count(*) FILTER (WHERE detected)::int AS detected,
           count(*) FILTER (WHERE status IN ('failed', 'detection_failed'))::int AS failed, sum(jobs_count)::int AS jobs_run,
           sum(jobs_failed)::int AS jobs_failed, sum(detection_duration_ms)::int AS detection_sum_ms,
           sum(handler_duration_ms)::int AS handler_sum_ms, max(handler_duration_ms) AS handler_max_ms
         FROM SCHEMA.event_executions WHERE created_at >= $1 AND created_at < $2 GROUP BY 1 ORDER BY 1`,
        [...span],
      ),
    )
  })

  it('counts one module in steps that add up to the window, in whole hours from the totals', async () => {
    const span = windowOf(280, 3)
    for (const step of ['10 minutes', '2 hours']) {
      const { module_totals: steps } = await ask(`{
        module_totals(args: {${args(span)}, step: "${step}", event_name: "orders.placed"}) { bucket event_name asked detected } }`)
      expect(steps.length).toBeGreaterThan(2)
      expect(
        steps.map((row: Any) => ({ at: new Date(row.bucket).getTime(), asked: row.asked, name: row.event_name })),
      ).toEqual(
        (
          await sql(
            `SELECT date_bin($3::interval, created_at, '2000-01-01 00:00:00+00') AS bucket, count(*)::int AS asked
             FROM SCHEMA.event_executions WHERE event_name = 'orders.placed' AND created_at >= $1 AND created_at < $2
             GROUP BY 1 ORDER BY 1`,
            [...span, step],
          )
        ).map(row => ({ at: row.bucket.getTime(), asked: row.asked, name: 'orders.placed' })),
      )
    }
    await sql(`UPDATE SCHEMA.event_metrics_hourly SET total_asked = total_asked + 1000 WHERE event_name = 'orders.lost'
      AND hour_bucket = (SELECT min(hour_bucket) + interval '1 hour' FROM SCHEMA.event_metrics_hourly)`)
    const { module_totals: whole } = await ask(
      `{ module_totals(args: {${args(windowOf(360, 0))}, event_name: "orders.lost"}) { asked } }`,
    )
    expect(whole[0].asked).toBeGreaterThan(1_000)
    await sql(
      'SELECT SCHEMA.roll_up_hour(h) FROM (SELECT DISTINCT hour_bucket AS h FROM SCHEMA.event_metrics_hourly) t',
    )
  })

  it('groups why a module did not fire, and says what it read', async () => {
    const span = windowOf(300, 30)
    const found = await ask(`{
      module_reasons(args: {${args(span)}, event_name: "orders.lost"}) { pattern failed times looked_at last_reason last_event_execution { id status } }
      always: module_reasons(args: {${args(span)}, event_name: "orders.placed"}) { times }
      module_columns(args: {${args(span)}, event_name: "orders.placed"}) { column_read reads looked_at recorded } }`)
    const [all] = await sql(
      `SELECT count(*)::int AS total, count(*) FILTER (WHERE not_detected_reason LIKE 'still%')::int AS still,
         count(*) FILTER (WHERE detection_error IS NOT NULL)::int AS broken,
         (SELECT not_detected_reason FROM SCHEMA.event_executions WHERE not_detected_reason IS NOT NULL AND created_at < $2 ORDER BY id DESC LIMIT 1) AS last
       FROM SCHEMA.event_executions WHERE event_name = 'orders.lost' AND created_at >= $1 AND created_at < $2`,
      [...span],
    )
    const by = (pattern: string | null) => found.module_reasons.find((row: Any) => row.pattern === pattern)
    expect(found.module_reasons).toHaveLength(3)
    expect(by('still <n> to go')).toMatchObject({
      failed: false,
      times: all.still,
      looked_at: all.total,
      last_reason: all.last,
    })
    expect(by('cannot read status of null')).toMatchObject({ failed: true, times: all.broken })
    expect(by(null)).toMatchObject({ failed: false, times: all.total - all.still - all.broken })
    expect(found.always).toEqual([])
    const [reads] = await sql(
      `SELECT count(*)::int AS total, count(columns_read)::int AS recorded, count(*) FILTER (WHERE columns_read ? 'new.status')::int AS status
       FROM SCHEMA.event_executions WHERE event_name = 'orders.placed' AND created_at >= $1 AND created_at < $2`,
      [...span],
    )
    expect(found.module_columns).toEqual([
      { column_read: 'op', reads: reads.recorded, looked_at: reads.total, recorded: reads.recorded },
      { column_read: 'new.status', reads: reads.status, looked_at: reads.total, recorded: reads.recorded },
    ])
  })

  it('gives the newest runs of each job, and who ran it where', async () => {
    const span = windowOf(290, 20)
    const found = await ask(`{
      last_job_runs(args: {${args(span)}, max_runs: 3}) { job_name last_run_at runs }
      of_job: module_jobs(args: {${args(span)}, job_name: "sendReceipt"}, order_by: {source_function: asc}) { event_name job_name source_function runs failed }
      of_module: module_jobs(args: {${args(span)}, event_name: "orders.placed"}, order_by: [{job_name: asc}, {source_function: asc}]) { event_name job_name source_function runs failed }
      of_none: module_jobs(args: {${args(span)}}) { runs } }`)
    const inWindow = 'j.created_at >= $1 AND j.created_at < $2'
    const [newest] = await sql(
      `SELECT array_agg(id) AS ids FROM (SELECT id FROM SCHEMA.job_executions j WHERE job_name = 'sendReceipt' AND ${inWindow} ORDER BY created_at DESC LIMIT 3) t`,
      [...span],
    )
    const strip = found.last_job_runs.find((row: Any) => row.job_name === 'sendReceipt')
    expect(found.last_job_runs).toHaveLength(2)
    expect(strip.runs.map((run: Any) => run.id).reverse()).toEqual(newest.ids)
    expect(strip.runs[2].created_at).toBe(strip.last_run_at)
    const callers = await sql(
      `SELECT 'orders.placed' AS event_name, j.job_name, i.source_function, count(*)::int AS runs,
         count(*) FILTER (WHERE j.status = 'failed')::int AS failed
       FROM SCHEMA.job_executions j JOIN SCHEMA.invocations i ON i.id = j.invocation_id WHERE ${inWindow}
       GROUP BY 2, 3 ORDER BY 2, 3`,
      [...span],
    )
    expect(found.of_module).toEqual(callers)
    expect(found.of_job).toEqual(callers.filter(row => row.job_name === 'sendReceipt'))
    expect(found.of_none).toEqual([])
  })

  it('groups the errors of a window, of all jobs or of one', async () => {
    const span = windowOf(250, 100)
    const fields = 'job_name pattern runs last_message first_seen last_seen last_job_execution { status }'
    const found = await ask(`{
      all: window_job_errors(args: {${args(span)}}) { ${fields} }
      one: window_job_errors(args: {${args(span)}, job_name: "sendReceipt"}) { ${fields} } }`)
    const truth = await sql(
      `SELECT job_name, SCHEMA.error_pattern(error_message) AS pattern, count(*)::int AS runs
       FROM SCHEMA.job_executions WHERE status = 'failed' AND created_at >= $1 AND created_at < $2 GROUP BY 1, 2 ORDER BY 1, 2`,
      [...span],
    )
    expect(truth.length).toBeGreaterThan(1)
    const counted = (rows: Any[]) =>
      rows
        .map(({ job_name, pattern, runs }) => ({ job_name, pattern, runs }))
        .sort((a, b) => a.job_name.localeCompare(b.job_name) || a.pattern.localeCompare(b.pattern))
    expect(counted(found.all)).toEqual(truth)
    expect(counted(found.one)).toEqual(truth.filter(row => row.job_name === 'sendReceipt'))
    expect(found.one[0]).toMatchObject({
      pattern: 'order <n> has no address',
      last_job_execution: { status: 'failed' },
    })
  })
})

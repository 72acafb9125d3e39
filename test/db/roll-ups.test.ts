import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { writeInvocation } from '../support/recorded-rows.ts'

const HOUR = 3_600_000

describe('hourly totals', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())

  // biome-ignore lint/suspicious/noExplicitAny: rows of whatever is asked.
  const query = async (sql: string, values: unknown[] = []): Promise<any[]> =>
    (await database.pool.query(sql, values)).rows
  const rollUp = async (sweep = true): Promise<number> =>
    (await query(`SELECT ${SCHEMA}.roll_up($1) AS hours`, [sweep]))[0].hours
  /** The start of the hour that many hours ago. */
  const hour = (hoursAgo: number): Date => new Date(Math.floor(Date.now() / HOUR) * HOUR - hoursAgo * HOUR)
  const minutesInto = (start: Date, minutes: number): Date => new Date(start.getTime() + minutes * 60_000)
  /** Forgets what tells the ids of rows apart from run to run. */
  const totals = (table: string) =>
    query(
      `SELECT to_jsonb(m) - '{id,created_at,updated_at}'::text[] AS m FROM ${SCHEMA}.${table} m ORDER BY hour_bucket, m::text`,
    ).then(rows => rows.map(row => row.m))

  it('count invocations by function, modules by event and runs by job', async () => {
    const at = minutesInto(hour(5), 10)
    for (const durationMs of [10, 20, 30]) {
      await writeInvocation(database.pool, { at, durationMs, correlationSource: 'updated_by' })
    }
    await writeInvocation(database.pool, { at, durationMs: 1_000, status: 'failed' })
    await writeInvocation(database.pool, { at, durationMs: 7, sourceFunction: 'payments' })
    await writeInvocation(database.pool, { at: minutesInto(hour(4), 0), durationMs: 5 })
    expect(await rollUp()).toBe(2)

    const [orders, payments, later] = await query(
      `SELECT * FROM ${SCHEMA}.metrics_hourly ORDER BY hour_bucket, source_function`,
    )
    expect(orders).toMatchObject({
      hour_bucket: hour(5),
      source_function: 'orders',
      total_invocations: 4,
      successful_invocations: 3,
      failed_invocations: 1,
      lost_invocations: 0,
      inherited_invocations: 3,
      total_events_detected: 4,
      total_jobs_run: 4,
      total_jobs_succeeded: 3,
      total_jobs_failed: 1,
      avg_duration_ms: '265.00',
      min_duration_ms: 10,
      max_duration_ms: 1_000,
      p95_duration_ms: '854.50',
      duration_sum_ms: '1060',
      top_detected_events: [{ event_name: 'orders.placed', count: 4 }],
      most_failed_jobs: [{ job_name: 'sendReceipt', count: 1 }],
    })
    expect(payments).toMatchObject({ source_function: 'payments', total_invocations: 1, most_failed_jobs: [] })
    expect(later).toMatchObject({ hour_bucket: hour(4), total_invocations: 1 })
    expect(await totals('event_metrics_hourly')).toMatchObject([
      { event_name: 'orders.placed', total_asked: 5, total_detected: 5, failed_events: 1, total_jobs_run: 5 },
      { total_asked: 1 },
    ])
    expect(await totals('job_metrics_hourly')).toMatchObject([
      { job_name: 'sendReceipt', total_runs: 5, successful_runs: 4, failed_runs: 1, max_duration_ms: 1_000 },
      { total_runs: 1 },
    ])
    expect(await totals('metrics_snapshots')).toMatchObject([
      {
        total_invocations: 5,
        failed_invocations: 1,
        inherited_invocations: 3,
        total_events_asked: 5,
        total_jobs_run: 5,
      },
      { total_invocations: 1 },
    ])
  })

  it('are the same when counted again, and when several count at once', async () => {
    for (let ago = 2; ago < 40; ago += 3) await writeInvocation(database.pool, { at: hour(ago), durationMs: ago })
    const tables = ['metrics_hourly', 'event_metrics_hourly', 'job_metrics_hourly', 'metrics_snapshots']
    await Promise.all([rollUp(), rollUp(false), rollUp()])
    const first = await Promise.all(tables.map(totals))
    expect(first.map(rows => rows.length)).toEqual([13, 13, 13, 13])
    await rollUp()
    expect(await Promise.all(tables.map(totals))).toEqual(first)
  })

  it('are counted anew only for hours that changed, also for rows that come days late', async () => {
    await writeInvocation(database.pool, { at: hour(100) })
    const { id } = await writeInvocation(database.pool, { at: hour(30), status: 'running' })
    await writeInvocation(database.pool, { at: hour(30) })
    expect(await rollUp()).toBe(2)
    // Until every transaction that was open before these rows has ended, also those of other databases.
    await eventually(async () => expect(await rollUp()).toBe(0))

    // Times of the recorder's clock, days before they are written.
    await writeInvocation(database.pool, { at: hour(50) })
    await query(`UPDATE ${SCHEMA}.invocations SET status = 'failed' WHERE id = $1`, [id])
    expect(await rollUp(false)).toBe(0)
    expect(await rollUp()).toBe(2)
    expect(await totals('metrics_snapshots')).toMatchObject([
      { total_invocations: 1 },
      { total_invocations: 1 },
      { total_invocations: 2, failed_invocations: 1 },
    ])
  })

  it('count the current hour and the one before at every run', async () => {
    await rollUp()
    await writeInvocation(database.pool, { at: new Date() })
    await writeInvocation(database.pool, { at: hour(1) })
    expect(await rollUp(false)).toBe(2)
    await writeInvocation(database.pool, { at: new Date() })
    expect(await rollUp(false)).toBe(2)
    expect(await query(`SELECT sum(total_runs)::int AS runs FROM ${SCHEMA}.job_metrics_hourly`)).toEqual([{ runs: 3 }])
  })

  it('stay when the rows that they count are deleted', async () => {
    await writeInvocation(database.pool, { at: hour(30) })
    await rollUp()
    await query(`DELETE FROM ${SCHEMA}.invocations`)
    await rollUp()
    expect(await totals('metrics_hourly')).toMatchObject([{ total_invocations: 1 }])
  })
})

describe('dashboard_stats', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())
  const stats = async () =>
    (await database.pool.query(`SELECT * FROM ${SCHEMA}.dashboard_stats ORDER BY hour_bucket, source_function`)).rows
  const refresh = () => database.pool.query(`SELECT ${SCHEMA}.refresh_dashboard_stats()`)
  const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR)

  it('says the same before and after a refresh', async () => {
    for (let hours = 0; hours < 30; hours += 1.7) {
      await writeInvocation(database.pool, { at: ago(hours), durationMs: Math.round(hours * 100) })
      await writeInvocation(database.pool, { at: ago(hours), durationMs: null, status: 'failed' })
    }
    const before = await stats()
    expect(before.length).toBeGreaterThan(15)
    await refresh()
    expect(await stats()).toEqual(before)
  })

  it('is right as soon as rows are written, without a refresh', async () => {
    await writeInvocation(database.pool, { at: ago(30) })
    await refresh()
    await writeInvocation(database.pool, { at: ago(0) })
    await writeInvocation(database.pool, { at: ago(0), status: 'failed' })
    const total = (await stats()).reduce((sum, row) => sum + Number(row.total_invocations), 0)
    expect(total).toBe(3)
    await refresh()
    expect((await stats()).reduce((sum, row) => sum + Number(row.failed_invocations), 0)).toBe(1)
  })

  it('reads past hours from the totals', async () => {
    await writeInvocation(database.pool, { at: ago(30) })
    await refresh()
    await database.pool.query(`DELETE FROM ${SCHEMA}.invocations`)
    expect(await stats()).toMatchObject([{ total_invocations: '1' }])
  })

  it('has hours of the same bounds in every time zone', async () => {
    await writeInvocation(database.pool, { at: ago(30) })
    await writeInvocation(database.pool, { at: ago(0) })
    await refresh()
    const { rows } = await database.pool.query(
      `SELECT set_config('TimeZone', 'Asia/Kolkata', false), to_jsonb(array_agg(hour_bucket)) AS hours FROM ${SCHEMA}.dashboard_stats`,
    )
    for (const hour of rows[0].hours) expect(new Date(hour).getTime() % HOUR).toBe(0)
  })
})

describe('histograms of durations', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())
  // biome-ignore lint/suspicious/noExplicitAny: one value of whatever type.
  const value = async (sql: string): Promise<any> =>
    (
      (await database.pool.query(`SET search_path TO ${SCHEMA}; SELECT ${sql} AS v`)) as never as {
        rows: [{ v: unknown }]
      }[]
    )[1]?.rows[0].v

  it('add up to the histogram of everything', async () => {
    const parts = `SELECT histogram(ms) AS h FROM generate_series(1, 20000, 7) ms GROUP BY ms % 5`
    const whole = `SELECT histogram(ms) FROM generate_series(1, 20000, 7) ms`
    expect(await value(`(SELECT histogram_sum(h) FROM (${parts}) p) = (${whole})`)).toBe(true)
    expect(await value(`histogram_merge('{1,2}', '{0,0,3}')`)).toEqual(['1', '2', '3'])
  })

  it.each([0.01, 0.5, 0.9, 0.95, 0.99, 1])('give percentile %f within the width of a bucket', async p => {
    const durations = `SELECT (exp(n / 700.0))::integer AS ms FROM generate_series(1, 10000) n`
    const exact = await value(`(SELECT percentile_cont(${p}) WITHIN GROUP (ORDER BY ms) FROM (${durations}) d)`)
    const estimate = await value(`histogram_percentile((SELECT histogram(ms) FROM (${durations}) d), ${p})`)
    expect(estimate / exact).toBeGreaterThan(1 / 1.19)
    expect(estimate / exact).toBeLessThan(1.19)
  })

  it('take nothing, zeros, nulls and days', async () => {
    expect(await value(`histogram_percentile('{}', 0.5)`)).toBeNull()
    expect(await value(`(SELECT histogram(ms) FROM (VALUES (0), (NULL), (-3)) d (ms))`)).toEqual(['2'])
    expect(await value(`histogram_percentile('{2}', 0.5)`)).toBe(0)
    expect(await value(`cardinality((SELECT histogram(ms) FROM (VALUES (2147483647)) d (ms)))`)).toBe(97)
    expect(await value(`(SELECT histogram(ms) FROM (VALUES (1), (2), (4)) d (ms))`)).toEqual(
      '0,1,0,0,0,1,0,0,0,1'.split(','),
    )
  })
})

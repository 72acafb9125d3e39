import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { writeInvocation } from '../support/recorded-rows.ts'

const HOUR = 3_600_000

describe('window_totals', () => {
  let database: TestDatabase
  const now = Date.now()
  const query = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await database.pool.query(sql, values)).rows

  beforeAll(async () => {
    database = await createTestDatabase()
    // Five hours in steps of seven minutes, so that windows cut through hours.
    for (let minutes = 0, n = 0; minutes < 300; minutes += 7, n += 1) {
      await writeInvocation(database.pool, {
        at: new Date(now - 5 * HOUR + minutes * 60_000),
        durationMs: 10 + n,
        sourceFunction: n % 3 === 0 ? 'payments' : 'orders',
        status: n % 5 === 0 ? 'failed' : 'completed',
      })
    }
    await query(`SELECT ${SCHEMA}.roll_up(true)`)
  })
  afterAll(() => database.drop())

  const windows = [
    [300, 0],
    [285, 61],
    [240, 200],
    [33, 5],
    [299, 298],
    [601, 301],
  ] as const

  it.each(windows)('counts a window from %i to %i minutes ago exactly, by function and by job', async (from, to) => {
    const values = [new Date(now - from * 60_000), new Date(now - to * 60_000)]
    const functions = await query(
      `SELECT name, total::int, completed::int, failed::int, jobs_run::int, jobs_failed::int, events_detected::int, max_ms
       FROM ${SCHEMA}.window_totals('function', $1, $2, NULL, true) ORDER BY name`,
      values,
    )
    expect(functions).toEqual(
      await query(
        `SELECT source_function AS name, count(*)::int AS total, count(*) FILTER (WHERE status = 'completed')::int AS completed,
           count(*) FILTER (WHERE status = 'failed')::int AS failed, sum(total_jobs_run)::int AS jobs_run,
           sum(total_jobs_failed)::int AS jobs_failed, sum(events_detected_count)::int AS events_detected,
           max(total_duration_ms) AS max_ms
         FROM ${SCHEMA}.invocations WHERE created_at >= $1 AND created_at < $2 GROUP BY 1 ORDER BY 1`,
        values,
      ),
    )
    const jobs = await query(
      `SELECT name, total::int, failed::int FROM ${SCHEMA}.window_totals('job', $1, $2, NULL, true) ORDER BY name`,
      values,
    )
    expect(jobs).toEqual(
      await query(
        `SELECT job_name AS name, count(*)::int AS total, count(*) FILTER (WHERE status = 'failed')::int AS failed
         FROM ${SCHEMA}.job_executions WHERE created_at >= $1 AND created_at < $2 GROUP BY 1 ORDER BY 1`,
        values,
      ),
    )
  })

  it.each(['10 minutes', '1 hour', '2 hours'])('counts steps of %s, and they add up to the window', async step => {
    const values = [new Date(now - 280 * 60_000), new Date(now - 3 * 60_000), step]
    const steps = await query(
      `SELECT bucket, total::int FROM ${SCHEMA}.window_totals('function', $1, $2, $3::interval) ORDER BY bucket`,
      values,
    )
    expect(steps).toEqual(
      await query(
        `SELECT date_bin($3::interval, created_at, '2000-01-01 00:00:00+00') AS bucket, count(*)::int AS total
         FROM ${SCHEMA}.invocations WHERE created_at >= $1 AND created_at < $2 GROUP BY 1 ORDER BY 1`,
        values,
      ),
    )
  })

  it('reads whole hours from the totals, not from rows', async () => {
    await query(`UPDATE ${SCHEMA}.metrics_hourly SET total_invocations = total_invocations + 1000
      WHERE hour_bucket = (SELECT min(hour_bucket) + interval '1 hour' FROM ${SCHEMA}.metrics_hourly) AND source_function = 'orders'`)
    const [row] = await query(
      `SELECT total::int FROM ${SCHEMA}.window_totals('function', now() - interval '6 hours', now())`,
    )
    expect(Number(row?.total)).toBeGreaterThan(1_000)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runMaintenance } from '../../src/db/maintenance.ts'
import type { EventRow } from '../../src/event/event-row.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('counts of events by hour', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  // biome-ignore lint/suspicious/noExplicitAny: rows of whatever is asked.
  const query = async (sql: string, values: unknown[] = []): Promise<any[]> =>
    (await database.pool.query(sql, values)).rows
  const hour = (hoursAgo: number): Date => new Date(Math.floor(Date.now() / HOUR) * HOUR - hoursAgo * HOUR)
  let made = 0
  const write = async (at: Date, count: number, columns: Partial<EventRow> = {}): Promise<void> => {
    const rows = Array.from({ length: count }, () => ({
      ...{ id: `c-${++made}`, event_type: 'trace', event_name: 'GET /', ns: 'shop', service_name: 'checkout' },
      ...{ outcome: 'success', duration_ms: 10, timestamp: at.toISOString(), ...columns },
    }))
    const refused = await createWriteBatch(() => database.pool, SCHEMA)(rows.map(row => ({ table: 'events', row })))
    expect(refused).toEqual([])
  }
  const rollUp = (sweep: boolean) => query(`SELECT ${SCHEMA}.roll_up($1)`, [sweep])
  const stored = () =>
    query(`SELECT hour_bucket, event_type, service_name, outcome, log_level, total::int, durations::int, duration_sum_ms
           FROM ${SCHEMA}.event_counts_hourly ORDER BY hour_bucket, event_type, outcome`)
  const counts = (by: string, since: Date, step: string | null = '1 hour', type: string | null = null) =>
    query(
      `SELECT bucket, event_type, service_name, outcome, log_level, total::int, errors::int, avg_duration_ms
       FROM ${SCHEMA}.event_counts($1, step => $2, by_columns => $3, type => $4)`,
      [since, step, by.split(','), type],
    )
  const only = (rows: Record<string, unknown>[], ...names: string[]) =>
    rows.map(row => Object.fromEntries(names.map(name => [name, row[name]])))

  it('are made by maintenance, the same ones again when it runs again, and take in what comes late', async () => {
    await write(hour(3), 5)
    await write(hour(3), 2, { outcome: 'error', duration_ms: 30 })
    await write(hour(3), 4, { event_type: 'log', outcome: null, duration_ms: null, log_level: 'error' })
    await write(hour(1), 1)
    await rollUp(true)
    const first = await stored()
    expect(first).toMatchObject([
      { hour_bucket: hour(3), event_type: 'log', outcome: null, log_level: 'error', total: 4, durations: 0 },
      { hour_bucket: hour(3), event_type: 'trace', outcome: 'error', total: 2, durations: 2, duration_sum_ms: 60 },
      { hour_bucket: hour(3), event_type: 'trace', outcome: 'success', total: 5 },
      { hour_bucket: hour(1), event_type: 'trace', total: 1 },
    ])
    await rollUp(true)
    expect(await stored()).toEqual(first)

    // Late: found by the next sweep, not by the runs between. Of the last hours every run takes notice.
    await write(hour(3), 3)
    await write(hour(30), 7, { service_name: 'billing' })
    await write(hour(1), 1)
    await rollUp(false)
    expect(only(await stored(), 'total').map(row => row.total)).toEqual([4, 2, 5, 2])
    await rollUp(true)
    expect(only(await stored(), 'total').map(row => row.total)).toEqual([7, 4, 2, 8, 2])
    // What was deleted is not counted any more, once its hour is counted again.
    await query(`DELETE FROM ${SCHEMA}.events WHERE event_type = 'log'`)
    await write(hour(3), 1)
    await rollUp(true)
    expect(only(await stored(), 'total').map(row => row.total)).toEqual([7, 2, 9, 2])
  })

  it('are asked for by any of their columns, and the current hour comes from the events', async () => {
    await write(new Date(), 6, { event_type: 'log', outcome: null, log_level: 'fatal', duration_ms: null })
    await write(new Date(), 1, { outcome: 'error', duration_ms: 20 })
    const since = hour(3)
    const byType = await counts('event_type', since)
    expect(byType[0]).toMatchObject({ bucket: hour(3), event_type: 'trace', total: 11, errors: 2 })
    const now = byType.filter(row => row.bucket.getTime() === hour(0).getTime())
    // Unless the hour has just begun, and what was written belongs to the one before.
    if (now.length > 0)
      expect(only(now, 'event_type', 'total', 'errors')).toContainEqual({ event_type: 'log', total: 6, errors: 6 })
    const whole = await counts('outcome', since, null, 'trace')
    expect(only(whole, 'bucket', 'outcome', 'event_type', 'total')).toEqual([
      { bucket: null, outcome: 'error', event_type: null, total: 3 },
      { bucket: null, outcome: 'success', event_type: null, total: 11 },
    ])
    expect(whole[0].avg_duration_ms).toBeCloseTo(80 / 3)
    expect(only(await counts('service_name', hour(40), null), 'service_name', 'total')).toEqual([
      { service_name: 'billing', total: 7 },
      { service_name: 'checkout', total: 20 },
    ])
    const days = await counts('ns', hour(47), '1 day')
    expect(days.reduce((sum, row) => sum + row.total, 0)).toBe(27)
  })

  it('of events from before and after the days that have partitions: kept, counted, and dropped by their age', async () => {
    const maintain = () => runMaintenance(database.pool, SCHEMA, { retentionDays: 30, failedRetentionDays: 90 })
    const at = (days: number): Date => new Date(hour(0).getTime() + days * DAY)
    // Backfilled, expired on arrival, and from a clock that is ahead as far as the server lets it.
    await write(at(-12), 3, { event_name: 'backfilled' })
    await write(at(-45), 2, { event_name: 'expired' })
    await write(at(1), 4, { event_name: 'ahead' })
    await write(at(20), 1, { event_name: 'far ahead' })
    const places = () =>
      query(`SELECT event_name, (tableoid::regclass::text ~ '_default$') AS by_default, count(*)::int AS n
             FROM ${SCHEMA}.events WHERE event_name <> 'GET /' GROUP BY 1, 2 ORDER BY 1`)
    expect(await places()).toEqual([
      { event_name: 'ahead', by_default: false, n: 4 },
      { event_name: 'backfilled', by_default: true, n: 3 },
      { event_name: 'expired', by_default: true, n: 2 },
      { event_name: 'far ahead', by_default: true, n: 1 },
    ])
    await query(`UPDATE ${SCHEMA}.maintenance_state SET swept_at = '-infinity'`)
    const report = await maintain()
    expect(report).toMatchObject({ default_partition_rows: { events: 1 } })
    // A day of its own for what was filled in later; what is older than retention is gone, and was counted before.
    expect(await places()).toEqual([
      { event_name: 'ahead', by_default: false, n: 4 },
      { event_name: 'backfilled', by_default: false, n: 3 },
      { event_name: 'far ahead', by_default: true, n: 1 },
    ])
    expect(
      await query(
        `SELECT hour_bucket, total::int FROM ${SCHEMA}.event_counts_hourly
                   WHERE hour_bucket < $1 OR hour_bucket > now() ORDER BY 1`,
        [at(-10)],
      ),
    ).toEqual([
      { hour_bucket: at(-45), total: 2 },
      { hour_bucket: at(-12), total: 3 },
      { hour_bucket: at(1), total: 4 },
      { hour_bucket: at(20), total: 1 },
    ])
    await maintain()
    expect(only(await places(), 'n')).toEqual([{ n: 4 }, { n: 3 }, { n: 1 }])
  })

  it('are forgotten with the other totals', async () => {
    await query(
      `UPDATE ${SCHEMA}.event_counts_hourly SET hour_bucket = now() - interval '401 days' WHERE event_type = 'log'`,
    )
    await runMaintenance(database.pool, SCHEMA, { retentionDays: 30, failedRetentionDays: 90 })
    expect(
      await query(`SELECT FROM ${SCHEMA}.event_counts_hourly WHERE hour_bucket < now() - interval '400 days'`),
    ).toEqual([])
  })
})

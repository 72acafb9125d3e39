import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MaintenanceReport, runMaintenance } from '../../src/db/maintenance.ts'
import { forSchema, migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { countRows, writeInvocation } from '../support/recorded-rows.ts'

const DAY = 86_400_000

describe('maintenance', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())

  const maintain = (retentionDays = 30, failedRetentionDays = 90): Promise<MaintenanceReport> =>
    runMaintenance(database.pool, SCHEMA, { retentionDays, failedRetentionDays })
  // biome-ignore lint/suspicious/noExplicitAny: rows of whatever is asked.
  const query = async (sql: string, values: unknown[] = []): Promise<any[]> =>
    (await database.pool.query(sql, values)).rows
  const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY)
  /** Partitions for the last days, as a server that has run all the time has them. */
  const makePartitions = (days: number) =>
    query(
      `SELECT ${SCHEMA}.ensure_partitions((now() AT TIME ZONE 'UTC')::date - $1::integer, (now() AT TIME ZONE 'UTC')::date)`,
      [days],
    )
  const partitionsOf = (table: string) =>
    query(
      `SELECT c.relname AS name FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
       WHERE h.inhparent = $1::regclass ORDER BY 1`,
      [`${SCHEMA}.${table}`],
    ).then(rows => rows.map(row => row.name as string))
  const each = (n: number) => ({ invocations: n, event_executions: n, job_executions: n, events: n })

  it('drops days past retention, keeps what failed longer, and drops that as well in the end', async () => {
    await makePartitions(100)
    for (const days of [1, 29, 40, 60, 95]) {
      await writeInvocation(database.pool, { at: daysAgo(days) })
      await writeInvocation(database.pool, { at: daysAgo(days), status: 'failed' })
    }
    await writeInvocation(database.pool, { at: daysAgo(40), status: 'timeout' })
    const failedDay = `invocations_${daysAgo(40).toISOString().slice(0, 10).replaceAll('-', '')}`

    const report = await maintain()
    expect(report).toMatchObject({ partitions_thinned: 8, hours_counted: expect.any(Number) })
    expect(await countRows(database.pool)).toEqual(each(7))
    const kept = await query(`SELECT status, tableoid::regclass::text AS place FROM ${SCHEMA}.invocations
      WHERE created_at < now() - interval '30 days' ORDER BY status`)
    expect(kept.map(row => row.status)).toEqual(['failed', 'failed', 'timeout'])
    expect(kept.filter(row => row.place === `${SCHEMA}.${failedDay}`)).toHaveLength(2)
    // 30 days, today, 8 days to come less the one that is today, those thinned out, and the default.
    expect((await partitionsOf('events')).length).toBeLessThan(45)
    expect(await query(`SELECT * FROM ${SCHEMA}.default_partition_rows() WHERE row_count > 0`)).toEqual([])

    // What is thinned out is left alone, and nothing of the totals is lost.
    expect(await maintain()).toMatchObject({ partitions_dropped: 0, partitions_thinned: 0 })
    expect(await query(`SELECT sum(total_invocations)::int AS n FROM ${SCHEMA}.metrics_snapshots`)).toEqual([{ n: 11 }])
    expect(await maintain(30, 50)).toMatchObject({ partitions_dropped: 4, partitions_thinned: 0 })
    expect(await countRows(database.pool)).toEqual(each(6))
    await maintain(30, 30)
    expect(await countRows(database.pool)).toEqual(each(4))
    expect(await query(`SELECT sum(total_invocations)::int AS n FROM ${SCHEMA}.metrics_snapshots`)).toEqual([{ n: 11 }])
    // A hundred days are 400 tables with their indexes, made and dropped.
  }, 90_000)

  it('keeps the jobs of a failed invocation that ran over midnight, with their output', async () => {
    await makePartitions(40)
    const midnight = new Date(Math.floor(daysAgo(35).getTime() / DAY) * DAY)
    const failed = await writeInvocation(database.pool, { at: new Date(midnight.getTime() - 1_000), status: 'failed' })
    const other = await writeInvocation(database.pool, { at: new Date(midnight.getTime() + 1_000) })
    // The second day's job belongs to the first day's invocation.
    await query(`UPDATE ${SCHEMA}.job_executions SET invocation_id = $1, event_execution_id = $2 WHERE id = $3`, [
      failed.id,
      failed.eventId,
      other.jobId,
    ])
    await maintain()
    expect(await countRows(database.pool)).toEqual({
      invocations: 1,
      event_executions: 1,
      job_executions: 2,
      events: 2,
    })
  })

  it('removes expired rows that never had a day of their own', async () => {
    await writeInvocation(database.pool, { at: daysAgo(31) })
    await writeInvocation(database.pool, { at: daysAgo(40), status: 'failed' })
    await writeInvocation(database.pool, { at: daysAgo(20) })
    expect(await query(`SELECT * FROM ${SCHEMA}.default_partition_rows()`)).toEqual(
      ['invocations', 'event_executions', 'job_executions', 'events'].map(table_name => ({
        table_name,
        row_count: '3',
      })),
    )
    // The day that still counts has one now, because it has events.
    expect((await maintain()).default_partition_rows).toEqual({ ...each(1), events: 0 })
  })

  it('does the three statements of the plugin’s README as they are written, and completes the first', async () => {
    await makePartitions(40)
    for (const days of [32, 33]) await writeInvocation(database.pool, { at: daysAgo(days), status: 'failed' })
    await writeInvocation(database.pool, { at: daysAgo(0.1) })
    const [remove, refresh, coverage] = MAINTENANCE_OF_THE_README
    // Postgres tells what a connection deleted within seconds, and at once when it closes.
    const pool = createPool({ connectionString: database.url, max: 1 })
    expect((await pool.query(remove)).rowCount).toBe(2)
    await pool.end()
    await database.pool.query(refresh)
    expect(await query(coverage)).toEqual([
      { total_invocations: '1', with_correlation_id: '1', coverage_percent: '100.00' },
    ])
    expect(await countRows(database.pool)).toEqual({ ...each(3), invocations: 1 })

    // The closed connection's process may take a moment to end.
    const removed = await eventually(async () => {
      const { orphans_removed: orphans } = await maintain()
      expect(orphans?.job_executions).toBe(2)
      return orphans
    })
    expect(removed).toEqual({ event_executions: 2, job_executions: 2, events: 2 })
    expect(await countRows(database.pool)).toEqual(each(1))
    expect((await maintain()).orphans_removed).toEqual({ event_executions: 0, job_executions: 0, events: 0 })
  })

  it('finds orphans everywhere when asked to', async () => {
    await makePartitions(3)
    for (const days of [1, 2]) await writeInvocation(database.pool, { at: daysAgo(days) })
    await query(`DELETE FROM ${SCHEMA}.invocations WHERE created_at < now() - interval '36 hours'`)
    expect(await query(`SELECT * FROM ${SCHEMA}.remove_orphans(true)`)).toEqual([
      { event_executions: '1', job_executions: '1', events: '1' },
    ])
    expect(await countRows(database.pool)).toEqual(each(1))
  })

  it('does everything once when several run at once', async () => {
    await makePartitions(40)
    await writeInvocation(database.pool, { at: daysAgo(35), status: 'failed' })
    await writeInvocation(database.pool, { at: daysAgo(36) })
    await writeInvocation(database.pool, {
      at: daysAgo(0.5),
      status: 'running',
      instanceId: '00000000-0000-7000-8000-000000000001',
    })
    const reports = await Promise.all(Array.from({ length: 4 }, () => maintain()))
    const sum = (read: (report: MaintenanceReport) => number | undefined): number =>
      reports.reduce((total, report) => total + (read(report) ?? 0), 0)
    expect(sum(report => report.lost?.invocations)).toBe(1)
    expect(sum(report => report.partitions_thinned)).toBe(4)
    expect(await countRows(database.pool)).toEqual(each(2))
    expect(reports.filter(report => report.duration_ms !== undefined).length).toBeGreaterThan(0)
  })

  it('says that another run is under way', async () => {
    const client = await database.pool.connect()
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`${SCHEMA}.run_maintenance`])
    expect(await maintain()).toEqual({ skipped: 'another run is under way' })
    await client.query('ROLLBACK')
    client.release()
    expect(await maintain()).toMatchObject({ partitions_made: expect.any(Number), duration_ms: expect.any(Number) })
    const [state] = await query(`SELECT last_run_at, last_report FROM ${SCHEMA}.maintenance_state`)
    expect(state.last_run_at).toBeInstanceOf(Date)
    expect(state.last_report).toMatchObject({ hours_counted: 0 })
  })

  it('gives way to queries that hold a partition, and drops it at the next run', async () => {
    await makePartitions(40)
    const reader = await database.pool.connect()
    await reader.query('BEGIN')
    await reader.query(`SELECT count(*) FROM ${SCHEMA}.invocations`)
    await expect(maintain()).rejects.toMatchObject({ code: '55P03' })
    await reader.query('COMMIT')
    reader.release()
    // The failed run's locks end a moment after its error has arrived.
    await eventually(async () => expect((await maintain()).partitions_dropped).toBeGreaterThan(0))
  })

  it('makes the partitions of the next days', async () => {
    const before = await partitionsOf('events')
    const ahead = new Date(Date.now() + 7 * DAY).toISOString().slice(0, 10).replaceAll('-', '')
    await query(`DROP TABLE ${SCHEMA}.events_${ahead}`)
    expect((await maintain()).partitions_made).toBe(1)
    expect(await partitionsOf('events')).toEqual(before)
  })

  it('runs as the script for psql and pg_cron says', async () => {
    const { rows } = await database.pool.query(forSchema(readFileSync('model/maintenance.sql', 'utf8'), SCHEMA))
    expect(rows[0].report).toMatchObject({ partitions_dropped: 0, hours_counted: 0 })
  })

  it('works in a schema of any name', async () => {
    const other = await createTestDatabase({ migrated: false })
    await migrateUp({ pool: other.pool, directory: 'model/migrations', schema: 'Own "schema"' })
    const report = await runMaintenance(other.pool, 'Own "schema"', { retentionDays: 1, failedRetentionDays: 1 })
    expect(report).toMatchObject({ lost: { invocations: 0 }, partitions_dropped: expect.any(Number) })
    await other.drop()
  })

  it('tells where correlation ids came from', async () => {
    for (const correlationSource of ['updated_by', 'updated_by', 'generated', 'session']) {
      await writeInvocation(database.pool, { at: daysAgo(0.2), correlationSource })
    }
    await writeInvocation(database.pool, { at: daysAgo(2), correlationSource: 'generated' })
    expect(await query(`SELECT * FROM ${SCHEMA}.correlation_coverage()`)).toEqual([
      {
        correlation_source: 'updated_by',
        correlation_detail: null,
        inherited: true,
        invocations: '2',
        percent: '50.00',
      },
      {
        correlation_source: 'generated',
        correlation_detail: null,
        inherited: false,
        invocations: '1',
        percent: '25.00',
      },
      { correlation_source: 'session', correlation_detail: null, inherited: true, invocations: '1', percent: '25.00' },
    ])
    expect(
      await query(`SELECT sum(percent)::float AS share FROM ${SCHEMA}.correlation_coverage('3 days') WHERE inherited`),
    ).toEqual([{ share: 60 }])
  })
})

const MAINTENANCE_OF_THE_README = [
  `-- Delete old data (older than 30 days)
DELETE FROM event_detector_observability.invocations
WHERE created_at < NOW() - INTERVAL '30 days';`,
  `-- Refresh materialized views for dashboard performance
SELECT event_detector_observability.refresh_dashboard_stats();`,
  `-- Analyze correlation ID coverage
SELECT
  COUNT(*) as total_invocations,
  COUNT(correlation_id) as with_correlation_id,
  ROUND(COUNT(correlation_id)::numeric / COUNT(*)::numeric * 100, 2) as coverage_percent
FROM event_detector_observability.invocations
WHERE created_at > NOW() - INTERVAL '24 hours';`,
] as const

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InvocationRow, Recorded } from '../../src/record/records.ts'
import { COLUMNS } from '../../src/store/tables.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { writeInvocation } from '../support/recorded-rows.ts'

describe('work whose process is gone', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())

  const instance = async (heartbeatAgo: string, ended = false): Promise<string> => {
    const { rows } = await database.pool.query(
      `INSERT INTO ${SCHEMA}.instances (id, heartbeat_at, ended_at)
       VALUES (gen_random_uuid(), now() - $1::interval, CASE WHEN $2 THEN now() END) RETURNING id`,
      [heartbeatAgo, ended],
    )
    return rows[0].id
  }
  const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000)
  const markLost = async (): Promise<Record<string, string>> =>
    (await database.pool.query(`SELECT * FROM ${SCHEMA}.mark_lost('2 minutes')`)).rows[0]
  const statusOf = async ({ id }: { id: string }): Promise<string[]> => {
    const { rows } = await database.pool.query(
      `SELECT i.status AS a, e.status AS b, j.status AS c, coalesce(i.ended_at, e.ended_at, j.ended_at) AS ended
       FROM ${SCHEMA}.invocations i JOIN ${SCHEMA}.event_executions e ON e.invocation_id = i.id
       JOIN ${SCHEMA}.job_executions j ON j.invocation_id = i.id WHERE i.id = $1`,
      [id],
    )
    expect(rows[0].ended).toBeNull()
    return [rows[0].a, rows[0].b, rows[0].c]
  }

  it('is marked as lost when its instance ended or fell silent, and left alone while it beats', async () => {
    const write = async (instanceId: string | null, minutes: number) =>
      writeInvocation(database.pool, { at: minutesAgo(minutes), status: 'running', instanceId })
    const silent = await write(await instance('3 minutes'), 10)
    const ended = await write(await instance('0', true), 10)
    const unregistered = await write('00000000-0000-7000-8000-000000000001', 10)
    const alive = await write(await instance('5 seconds'), 600)
    const registersSoon = await write('00000000-0000-7000-8000-000000000002', 1)
    const withoutInstance = await write(null, 60)
    const longWithout = await write(null, 60 * 25)

    expect(await markLost()).toEqual({ invocations: '4', event_executions: '4', job_executions: '4' })
    for (const row of [silent, ended, unregistered, longWithout]) {
      expect(await statusOf(row)).toEqual(['lost', 'lost', 'lost'])
    }
    for (const row of [alive, registersSoon, withoutInstance]) {
      expect(await statusOf(row)).toEqual(['running', 'handling', 'running'])
    }
    expect(await markLost()).toEqual({ invocations: '0', event_executions: '0', job_executions: '0' })
  })

  it('finds a job that ran on after its invocation had ended', async () => {
    const row = await writeInvocation(database.pool, {
      at: minutesAgo(5),
      status: 'running',
      instanceId: await instance('1 hour'),
    })
    await database.pool.query(`UPDATE ${SCHEMA}.invocations SET status = 'timeout'`)
    expect(await markLost()).toEqual({ invocations: '0', event_executions: '1', job_executions: '1' })
    expect(await statusOf(row)).toEqual(['timeout', 'lost', 'lost'])
  })

  it('is what it really became when its end is written late, and not running again when its start is', async () => {
    const write = createWriteBatch(() => database.pool, SCHEMA)
    const record = (status: string, updatedAt: string): Recorded => ({
      table: 'invocations',
      row: {
        ...(Object.fromEntries(
          Object.keys(COLUMNS.invocations).map(column => [column, null]),
        ) as never as InvocationRow),
        id: '01890000-0000-7000-8000-000000000001',
        created_at: '2026-01-02T03:04:05.000100Z',
        updated_at: updatedAt,
        instance_id: '01890000-0000-7000-8000-000000000002',
        correlation_id: '01890000-0000-7000-8000-000000000003',
        correlation_source: 'generated',
        source_function: 'orders',
        events_detected_count: 0,
        total_jobs_run: 0,
        total_jobs_succeeded: 0,
        total_jobs_failed: 0,
        status: status as never,
      },
    })
    const status = async (): Promise<string> =>
      (await database.pool.query(`SELECT status FROM ${SCHEMA}.invocations`)).rows[0].status
    const start = record('running', '2026-01-02T03:04:05.000100Z')
    await write([start])
    await markLost()
    expect(await status()).toBe('lost')
    await write([start])
    expect(await status()).toBe('lost')
    // It ended a microsecond after it had started; nothing ends sooner.
    await write([record('completed', '2026-01-02T03:04:05.000101Z')])
    expect(await status()).toBe('completed')
    await markLost()
    expect(await status()).toBe('completed')
  })
})

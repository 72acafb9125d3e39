import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
    const { id } = await writeInvocation(database.pool, {
      at: minutesAgo(5),
      status: 'running',
      instanceId: await instance('1 hour'),
    })
    const { rows } = await database.pool.query(`SELECT updated_at::text AS at FROM ${SCHEMA}.invocations`)
    await markLost()
    // As the store writes: an older version never replaces a newer one.
    const write = (status: string, at: string) =>
      database.pool.query(
        `UPDATE ${SCHEMA}.invocations SET status = $2, updated_at = $3::timestamptz + interval '1 microsecond' * $4
         WHERE id = $1 AND updated_at <= $3::timestamptz + interval '1 microsecond' * $4`,
        [id, status, at, status === 'running' ? 0 : 1],
      )
    await write('running', rows[0].at)
    expect((await database.pool.query(`SELECT status FROM ${SCHEMA}.invocations`)).rows).toEqual([{ status: 'lost' }])
    await write('completed', rows[0].at)
    expect((await database.pool.query(`SELECT status FROM ${SCHEMA}.invocations`)).rows).toEqual([
      { status: 'completed' },
    ])
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Logger, silentLogger } from '../../src/log.ts'
import { startMaintenance } from '../../src/server/maintenance.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { writeInvocation } from '../support/recorded-rows.ts'

describe('the server’s maintenance', () => {
  let database: TestDatabase
  let told: string[]
  beforeEach(async () => {
    database = await createTestDatabase()
    told = []
  })
  afterEach(() => database.drop())

  const logger: Logger = {
    ...silentLogger,
    info: (_, message) => told.push(message),
    warn: (details, message) => told.push(`${message} ${JSON.stringify(details)}`),
  }
  const start = (schema = SCHEMA) =>
    startMaintenance({
      connectionString: database.url,
      schema,
      retention: { retentionDays: 30, failedRetentionDays: 90 },
      logger,
      firstDelayMs: 1,
      intervalMs: 20,
    })

  it('runs again and again until it is stopped', async () => {
    await writeInvocation(database.pool, {
      at: new Date(Date.now() - 3_600_000),
      status: 'running',
      instanceId: crypto.randomUUID(),
    })
    const maintenance = start()
    await eventually(async () => {
      const { rows } = await database.pool.query(`SELECT status FROM ${SCHEMA}.invocations`)
      expect(rows).toEqual([{ status: 'lost' }])
    })
    await eventually(() => expect(told.length).toBeGreaterThan(2))
    await maintenance.stop()
    const runs = told.length
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(told).toEqual(Array.from({ length: runs }, () => 'maintenance done'))
  })

  it('says what failed, and tries again', async () => {
    const maintenance = start('nowhere')
    await eventually(() => expect(told.length).toBeGreaterThan(1))
    await maintenance.stop()
    expect(told[0]).toMatch(/^maintenance failed; tried again in a few minutes .*nowhere/)
  })

  it('is stopped at once in the middle of a run', async () => {
    const blocker = await database.pool.connect()
    await blocker.query('BEGIN')
    await blocker.query(`LOCK ${SCHEMA}.maintenance_state`)
    const maintenance = start()
    const isWaiting = async (): Promise<boolean> => {
      const { rows } = await database.pool.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity
         WHERE application_name = 'hasura-observability maintenance' AND wait_event_type = 'Lock' AND datname = current_database()`,
      )
      return rows[0].n > 0
    }
    await eventually(async () => expect(await isWaiting()).toBe(true))
    await maintenance.stop()
    expect(await isWaiting()).toBe(false)
    expect(told).toEqual([])
    await blocker.query('ROLLBACK')
    blocker.release()
  })

  it('warns of rows that have no partition of their day', async () => {
    await database.pool.query(
      `INSERT INTO ${SCHEMA}.invocations (id, correlation_id, source_function)
       SELECT gen_random_uuid(), gen_random_uuid(), 'f' FROM generate_series(1, 1001)`,
    )
    const maintenance = start()
    await eventually(() => expect(told.length).toBeGreaterThan(3))
    await maintenance.stop()
    expect(told.filter(line => line !== 'maintenance done')).toEqual([
      expect.stringContaining('many rows have no partition of their day; see docs/maintenance.md'),
    ])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPool } from '../../src/db/pool.ts'
import { withClient } from '../../src/db/with-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

describe('a lent connection', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false })
  })
  afterAll(() => database.drop())

  it('may die between two statements: the next one fails, the process lives, the pool recovers', async () => {
    const pool = createPool({ connectionString: database.url, max: 1 })
    await expect(
      withClient(pool, async client => {
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
        await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
        // Time for the loss to be noticed while no statement runs.
        await new Promise(resolve => setTimeout(resolve, 100))
        await client.query('SELECT 1')
      }),
    ).rejects.toThrow()
    expect(await withClient(pool, async client => (await client.query('SELECT 2 AS two')).rows)).toEqual([{ two: 2 }])
    await pool.end()
  })

  it('is closed rather than reused after a failure', async () => {
    const pool = createPool({ connectionString: database.url, max: 1 })
    const pid = () =>
      withClient(pool, async client => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid)
    const before = await pid()
    expect(await pid()).toBe(before)
    await expect(
      withClient(pool, async client => {
        await client.query('BEGIN')
        await client.query('SELECT 1/0')
      }),
    ).rejects.toThrow('division by zero')
    expect(await pid()).not.toBe(before)
    await pool.end()
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { customer, inTransaction } from '../../examples/shop/database.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let pool: Pool
const actor = customer('0190a000-0000-7000-8000-000000000001', 'ada@example.com')

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false })
  pool = createPool({ connectionString: database.url, max: 2 })
  await pool.query('CREATE TABLE counters (id int PRIMARY KEY, n int)')
  await pool.query('INSERT INTO counters VALUES (1, 0), (2, 0)')
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

describe('a transaction of the shop', () => {
  it('tells the database on whose behalf it works, for itself only', async () => {
    const read = `SELECT current_setting('hasura.user', true) AS "user", current_setting('hasura.tracecontext', true) AS trace`
    const inside = await inTransaction(pool, actor, async ({ query }) => (await query(read)).rows[0])
    expect(JSON.parse(inside.user)).toMatchObject({
      'x-hasura-role': 'customer',
      'x-hasura-user-email': 'ada@example.com',
    })
    expect(JSON.parse(inside.trace)).toEqual({ trace_id: actor.traceId, span_id: actor.spanId, sampling_state: '1' })
    expect((await pool.query(read)).rows[0].user || null).toBeNull()
  })

  it('is tried again when the connection breaks in the middle, and leaves nothing half done', async () => {
    let attempts = 0
    await inTransaction(pool, actor, async ({ query }) => {
      attempts++
      await query('UPDATE counters SET n = n + 1 WHERE id = 1')
      if (attempts === 1) {
        const { rows } = await query('SELECT pg_backend_pid() AS pid')
        await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
        // The connection is lost between two queries, where nobody is waiting for an answer.
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      await query('UPDATE counters SET n = n + 1 WHERE id = 2')
    })
    expect(attempts).toBe(2)
    expect((await pool.query('SELECT n FROM counters ORDER BY id')).rows).toEqual([{ n: 1 }, { n: 1 }])
  })

  it('is tried again when Postgres ends a deadlock with it', async () => {
    const both = (first: number, second: number) =>
      inTransaction(pool, actor, async ({ query }) => {
        await query('UPDATE counters SET n = n + 1 WHERE id = $1', [first])
        await new Promise(resolve => setTimeout(resolve, 100))
        await query('UPDATE counters SET n = n + 1 WHERE id = $1', [second])
      })
    await Promise.all([both(1, 2), both(2, 1)])
    expect((await pool.query('SELECT n FROM counters ORDER BY id')).rows).toEqual([{ n: 2 }, { n: 2 }])
  })

  it('is not tried again when a statement is wrong, and the connection stays usable', async () => {
    let attempts = 0
    const wrong = inTransaction(pool, actor, ({ query }) => {
      attempts++
      return query('SELECT 1 / 0')
    })
    await expect(wrong).rejects.toThrow('division by zero')
    expect(attempts).toBe(1)
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
})

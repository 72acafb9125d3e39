import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

it('Postgres knows which types, services, levels and outcomes of events go together, also of days made later', async () => {
  const { pool } = database
  await pool.query(`SELECT ${SCHEMA}.ensure_partitions('2020-01-01', '2020-01-01')`)
  for (const at of ['now()', "'2020-01-01T12:00Z'"]) {
    // One of 20 services writes nothing but logs, of which every second is an error.
    await pool.query(
      `INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, service_name, log_level, outcome, "timestamp", day, hour)
       SELECT 's-' || n, CASE n % 20 WHEN 0 THEN 'log' ELSE 'trace' END, 'line', 'shop', 'service-' || n % 20,
         CASE n % 40 WHEN 0 THEN 'error' WHEN 20 THEN 'info' END, CASE WHEN n % 20 > 0 THEN 'success' END, ${at}, '2020-01-01', 0
       FROM generate_series(1, 4000) n`,
    )
  }
  await pool.query(`ANALYZE ${SCHEMA}.events`)
  const expected = async (when: string): Promise<number> => {
    const { rows } = await pool.query(
      `EXPLAIN (FORMAT json) SELECT * FROM ${SCHEMA}.events WHERE event_type = 'log' AND service_name = 'service-0'
         AND log_level IN ('error', 'fatal') AND ${when}`,
    )
    return rows[0]['QUERY PLAN'][0].Plan['Plan Rows']
  }
  for (const when of [`"timestamp" > now() - interval '1 hour'`, `"timestamp" < '2020-01-02T00:00Z'`]) {
    const rows = await expected(when)
    expect(rows).toBeGreaterThan(80)
    expect(rows).toBeLessThan(130)
  }
  const { rows } = await pool.query(
    `SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = '${SCHEMA}.events'::regclass
       AND NOT EXISTS (SELECT FROM pg_statistic_ext WHERE stxrelid = inhrelid)`,
  )
  expect(rows[0].n).toBe(0)
})

it('the lines of one job are found among those of a long chain by the index', async () => {
  const { pool } = database
  await pool.query(
    `INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, trace_id, span_id, "timestamp", day, hour)
     SELECT 'l-' || n, 'log', 'line', 'shop', repeat('a', 32), 'span-' || n % 500, now(), '2020-01-01', 0 FROM generate_series(1, 5000) n`,
  )
  await pool.query(`ANALYZE ${SCHEMA}.events`)
  const { rows } = await pool.query(
    `EXPLAIN (FORMAT json, ANALYZE) SELECT * FROM ${SCHEMA}.events
     WHERE trace_id = repeat('a', 32) AND span_id = 'span-7' AND "timestamp" > now() - interval '1 hour'`,
  )
  const plan = rows[0]['QUERY PLAN'][0].Plan
  expect(plan['Actual Rows']).toBe(10)
  const readFrom = plan.Plans.filter((part: { 'Actual Rows': number }) => part['Actual Rows'] > 0)
  expect(readFrom).toHaveLength(1)
  expect(readFrom[0]['Index Cond']).toContain('span_id')
})

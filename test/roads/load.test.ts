import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createTestDatabase, SCHEMA } from '../support/postgres.ts'
import { startRecordingChild } from '../support/start-recording-child.ts'

const INVOCATIONS = 20_000
const FAIL_ONE_IN = 50

it('records 20,000 invocations at concurrency 64: every row, none twice, none left running, each line with its job', {
  timeout: 240_000,
}, async () => {
  const database = await createTestDatabase()
  const journalDir = await mkdtemp(path.join(tmpdir(), 'load-test-'))
  const child = startRecordingChild({
    plugin: { database: { connectionString: database.url }, journalDir },
    invocations: INVOCATIONS,
    concurrency: 64,
    failOneIn: FAIL_ONE_IN,
    ledger: null,
  })
  // All of it over the two connections that are allowed.
  let connections = 0
  const sample = setInterval(async () => {
    const { rows } = await database.pool.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'hasura-observability plugin'`,
    )
    connections = Math.max(connections, rows[0].n)
  }, 250)
  const { status, jobs } = await child.ended
  await child.exited
  clearInterval(sample)
  expect([1, 2]).toContain(connections)
  const dropped = {
    bufferFull: 0,
    refused: 0,
    journalDetailRows: 0,
    journalDetailFields: 0,
    journalRows: 0,
    journalFailed: 0,
  }
  expect(status).toMatchObject({ bufferedRows: 0, hookErrors: 0, dropped })
  expect(status.journal).toMatchObject({ bytes: 0, errors: 0, skipped: 0 })
  expect(jobs).toBe(INVOCATIONS * 2)

  const count = async (sql: string): Promise<object> =>
    (await database.pool.query(sql.replaceAll('obs.', `${SCHEMA}.`))).rows
  const failed = jobs / FAIL_ONE_IN
  expect(
    await count(
      `SELECT count(*)::int AS rows, count(DISTINCT source_event_id)::int AS payloads,
         count(*) FILTER (WHERE status = 'running')::int AS running, sum(total_jobs_failed)::int AS failed FROM obs.invocations`,
    ),
  ).toEqual([{ rows: INVOCATIONS, payloads: INVOCATIONS, running: 0, failed }])
  expect(
    await count(
      'SELECT event_name, status, count(*)::int AS rows FROM obs.event_executions GROUP BY 1, 2 ORDER BY 1, 2',
    ),
  ).toEqual([
    { event_name: 'orders.paid', status: 'not_detected', rows: INVOCATIONS },
    { event_name: 'orders.placed', status: 'completed', rows: expect.any(Number) },
    { event_name: 'orders.placed', status: 'failed', rows: expect.any(Number) },
    { event_name: 'orders.shipped', status: 'not_detected', rows: INVOCATIONS },
  ])
  expect(
    await count(`SELECT count(*)::int AS rows FROM obs.event_executions WHERE event_name = 'orders.placed'`),
  ).toEqual([{ rows: INVOCATIONS }])
  expect(
    await count(
      `SELECT status, count(*)::int AS rows, count(DISTINCT (invocation_id, job_name))::int AS different
       FROM obs.job_executions GROUP BY 1 ORDER BY 1`,
    ),
  ).toEqual([
    { status: 'completed', rows: jobs - failed, different: jobs - failed },
    { status: 'failed', rows: failed, different: failed },
  ])
  // A line says which payload and job printed it; it hangs on that job, once.
  expect(
    await count(
      `SELECT count(*)::int AS lines, count(DISTINCT l.log_message)::int AS different,
         count(*) FILTER (WHERE l.log_message = i.source_event_id || ' ' || j.job_name)::int AS "right"
       FROM obs.events l LEFT JOIN obs.job_executions j ON j.trace_id = l.trace_id AND j.span_id = l.span_id
         LEFT JOIN obs.invocations i ON i.id = j.invocation_id
       WHERE l.event_source = 'console'`,
    ),
  ).toEqual([{ lines: jobs, different: jobs, right: jobs }])
  // The row change of each payload, once.
  expect(
    await count(
      `SELECT count(*)::int AS changes, count(DISTINCT id)::int AS different FROM obs.events WHERE event_type = 'cdc'`,
    ),
  ).toEqual([{ changes: INVOCATIONS, different: INVOCATIONS }])
  await database.drop()
  await rm(journalDir, { recursive: true, force: true })
})

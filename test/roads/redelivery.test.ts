import { expect, it } from 'vitest'
import { createTestDatabase, SCHEMA } from '../support/postgres.ts'
import { startRecordingChild } from '../support/start-recording-child.ts'

const PAYLOADS = 400

it('records each delivery and each change once, when two processes get the same payloads at the same time', {
  timeout: 120_000,
}, async () => {
  const database = await createTestDatabase()
  const children = [0, 1].map(() =>
    startRecordingChild({
      plugin: { database: { connectionString: database.url }, retryDelay: 50 },
      invocations: PAYLOADS,
      concurrency: 8,
      failOneIn: 50,
      ids: 'same',
      ledger: null,
    }),
  )
  const ends = await Promise.all(children.map(child => child.ended))
  await Promise.all(children.map(child => child.exited))
  for (const { status } of ends) {
    expect(status).toMatchObject({ bufferedRows: 0, quarantined: 0, hookErrors: 0, lastError: null })
    expect(status.dropped).toMatchObject({ bufferFull: 0, refused: 0 })
  }

  const query = async (sql: string): Promise<object[]> =>
    (await database.pool.query(sql.replaceAll('obs.', `${SCHEMA}.`))).rows
  // Each process has recorded each delivery, and the two did it at once.
  expect(
    await query(`SELECT deliveries, count(*)::int AS payloads FROM (
        SELECT count(*)::int AS deliveries FROM obs.invocations GROUP BY source_event_id
      ) d GROUP BY 1`),
  ).toEqual([{ deliveries: 2, payloads: PAYLOADS }])
  expect(
    await query(`SELECT count(*)::int AS n FROM (
        SELECT FROM obs.invocations GROUP BY instance_id HAVING count(*) = ${PAYLOADS}
      ) i`),
  ).toEqual([{ n: 2 }])
  expect(
    await query(`SELECT max(began) < min(ended) AS together FROM (
        SELECT min(created_at) AS began, max(ended_at) AS ended FROM obs.invocations GROUP BY instance_id
      ) i`),
  ).toEqual([{ together: true }])
  expect(
    await query(`SELECT (SELECT count(*)::int FROM obs.event_executions) AS events,
        (SELECT count(*)::int FROM obs.job_executions) AS jobs,
        (SELECT count(*)::int FROM obs.events WHERE event_source = 'console') AS lines,
        (SELECT count(*)::int FROM obs.invocations WHERE ended_at IS NULL) AS running`),
  ).toEqual([{ events: PAYLOADS * 6, jobs: PAYLOADS * 4, lines: PAYLOADS * 4, running: 0 }])
  // The change behind two deliveries is one change.
  expect(
    await query(
      `SELECT count(*)::int AS changes, count(DISTINCT id)::int AS different FROM obs.events WHERE event_type = 'cdc'`,
    ),
  ).toEqual([{ changes: PAYLOADS, different: PAYLOADS }])
  await database.drop()
})

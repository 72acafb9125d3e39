import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { readServerConfig } from '../../src/config.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { createPool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { startServer } from '../../src/server/main.ts'
import { eventually } from '../support/eventually.ts'
import { SCHEMA } from '../support/postgres.ts'
import { readRowChanges } from '../support/shop-truth.ts'

const OUTAGE_MS = 30_000
const PAYLOADS_PER_SECOND = 40
const payloads: { body: { id: string } }[] = JSON.parse(
  readFileSync('test/fixtures/hasura/event-payloads.json', 'utf8'),
)

it('loses no record and fails no job while Postgres is away for 30 s under load', {
  timeout: 180_000,
}, async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'outage-test-'))
  const startPostgres = () => startEmbeddedPostgres({ dataDir, logger: silentLogger })
  let postgres = await startPostgres()
  await postgres.ensureDatabase('obs')
  await postgres.ensureDatabase('shop')
  const server = await startServer({
    config: {
      ...readServerConfig({}),
      port: 0,
      dataDir,
      observabilityDbUrl: postgres.connectionString('obs'),
      shopDbUrl: postgres.connectionString('shop'),
      demoOrdersPerMinute: 60,
    },
    logger: silentLogger,
  })
  const shop = createPool({ connectionString: postgres.connectionString('shop'), max: 1 })
  const observability = createPool({ connectionString: postgres.connectionString('obs'), max: 1 })

  await sleep(6_000)
  await postgres.stop()
  // Other changes go on being delivered: the functions answer, although nothing can be written.
  const answers: number[] = []
  const sent: string[] = []
  const backAt = Date.now() + OUTAGE_MS
  while (Date.now() < backAt) {
    const { body } = payloads[sent.length % payloads.length] as { body: { id: string } }
    const id = crypto.randomUUID()
    sent.push(id)
    const response = await fetch(`${server.url}/webhooks/hasura`, {
      method: 'POST',
      body: JSON.stringify({ ...body, id }),
      headers: { 'content-type': 'application/json' },
    })
    answers.push(response.status)
    await sleep(1_000 / PAYLOADS_PER_SECOND)
  }
  expect(answers).toEqual(sent.map(() => 200))
  // Load, also on a machine that is slow.
  expect(sent.length).toBeGreaterThan(400)
  const away = server.recorder()
  expect(away.lag).toBeGreaterThan(OUTAGE_MS * 0.9)
  expect(away.bufferedRows).toBeGreaterThan(sent.length)
  // The server keeps a journal without being told to.
  expect(away.journal).toMatchObject({ state: 'open', errors: 0, skipped: 0 })
  expect(away.journal?.bytes).toBeGreaterThan(sent.length * 100)
  expect(away.lastError).toMatch(/no connection to the database/)
  postgres = await startPostgres()
  await sleep(4_000)
  // No more orders, and what is under way may end.
  const placed = async (): Promise<number> => (await shop.query('SELECT count(*)::int AS n FROM orders')).rows[0].n
  expect(await placed()).toBeGreaterThan(8)
  await eventually(async () => expect(server.recorder().bufferedRows).toBeLessThan(1_000), 60_000)
  // The demo load goes on; what it had changed until now is delivered.
  const { rows: newest } = await shop.query('SELECT max(position) AS position FROM hasura_event_delivery.event_log')
  await eventually(async () => {
    const { rows: due } = await shop.query(
      'SELECT FROM hasura_event_delivery.event_log WHERE due_at IS NOT NULL AND position <= $1',
      [newest[0].position],
    )
    expect(due).toEqual([])
  }, 60_000)
  await server.stop()

  const status = server.recorder()
  expect(status).toMatchObject({
    bufferedRows: 0,
    lag: 0,
    quarantined: 0,
    dropped: { bufferFull: 0, refused: 0 },
    hookErrors: 0,
  })
  expect(status.retried).toBeGreaterThan(0)

  // Each row change was delivered; each delivery is an invocation.
  const changes = await readRowChanges(shop)
  const { rows: invocations } = await observability.query(
    `SELECT source_event_id AS event, source_job_id AS job, status FROM ${SCHEMA}.invocations`,
  )
  const recorded = new Map(invocations.map(row => [row.event, row]))
  expect(recorded.size).toBe(invocations.length)
  for (const id of sent) expect(recorded.get(id), `payload ${id}`).toMatchObject({ status: 'completed' })
  const { rows: delivered } = await shop.query(
    'SELECT id FROM hasura_event_delivery.event_log WHERE delivered_at IS NOT NULL',
  )
  // Complete ones, and one of each.
  const { rows: incomplete } = await observability.query(
    `SELECT i.id, i.total_jobs_run, i.events_detected_count, e.asked, e.detected, e.jobs
     FROM ${SCHEMA}.invocations i CROSS JOIN LATERAL (
       SELECT count(*)::int AS asked, count(DISTINCT event_name)::int AS names, count(*) FILTER (WHERE detected)::int AS detected,
         (SELECT count(*)::int FROM ${SCHEMA}.job_executions j WHERE j.invocation_id = i.id) AS jobs
       FROM ${SCHEMA}.event_executions e WHERE e.invocation_id = i.id
     ) e WHERE i.status <> 'running'
       AND (asked = 0 OR asked <> names OR detected <> events_detected_count OR jobs <> total_jobs_run)`,
  )
  expect(incomplete).toEqual([])
  for (const { id } of delivered) {
    expect(recorded.get(id), `invocation of row change ${id}`).toBeDefined()
    expect(recorded.get(id)?.job).toBe(changes.find(change => change.eventId === id)?.jobId)
  }
  // The only jobs that fail are those that are meant to: a declined card.
  const { rows: failed } = await observability.query(
    `SELECT DISTINCT job_name, error_message FROM ${SCHEMA}.job_executions WHERE status <> 'completed'`,
  )
  for (const job of failed)
    expect(job).toMatchObject({ job_name: 'capturePayment', error_message: expect.stringMatching(/declined/i) })
  // Whatever ended is recorded as ended.
  const { rows: open } = await observability.query(
    `SELECT count(*)::int AS n FROM ${SCHEMA}.invocations WHERE status = 'running' AND source_event_id = ANY ($1)`,
    [delivered.map(row => row.id)],
  )
  expect(open).toEqual([{ n: 0 }])

  await Promise.all([shop.end(), observability.end()])
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
})

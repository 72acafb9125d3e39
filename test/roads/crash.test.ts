import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ObservabilityPlugin } from '../../plugin.ts'
import { silentLogger } from '../../src/log.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { randomFrom } from '../support/random-from.ts'
import type { LedgerLine } from '../support/recording-child.ts'
import { startRecordingChild } from '../support/start-recording-child.ts'

const KILLS = 20
// What may be lost: hooks that returned less than this before the process was killed.
const MAY_BE_LOST_MS = 50

it('loses nothing, and has nothing twice, when the application is killed at 20 random moments', {
  timeout: 240_000,
}, async () => {
  const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32))
  console.log(`CRASH_SEED=${seed}`)
  const random = randomFrom(seed)
  const database = await createTestDatabase()
  const folder = await mkdtemp(path.join(tmpdir(), 'crash-test-'))
  const plugin = { database: { connectionString: database.url }, journalDir: path.join(folder, 'journal') }

  for (let kill = 0; kill < KILLS; kill++) {
    const child = startRecordingChild({
      plugin,
      invocations: Number.MAX_SAFE_INTEGER,
      concurrency: 4,
      failOneIn: 50,
      ledger: path.join(folder, `ledger-${kill}`),
    })
    await child.started
    await sleep(20 + random() * 500)
    child.process.kill('SIGKILL')
    await child.exited
  }

  const next = new ObservabilityPlugin(plugin, { logger: silentLogger })
  await next.initialize()
  await eventually(() => expect(next.getStatus().journal?.replayed).toBeGreaterThan(0))
  await eventually(() => expect(next.getStatus()).toMatchObject({ bufferedRows: 0, journal: { bytes: 0 } }))
  expect(next.getStatus().journal).toMatchObject({ errors: 0, state: 'open' })
  await next.shutdown()

  // What the killed processes were at is lost, and none of it is taken for running work any more.
  const marked = await database.pool.query(`SELECT * FROM ${SCHEMA}.mark_lost('0 seconds')`)
  for (const lost of Object.values(marked.rows[0])) expect(Number(lost)).toBeGreaterThan(0)
  const running = ['invocations', 'event_executions', 'job_executions'].map(
    table => `SELECT status FROM ${SCHEMA}.${table} WHERE status IN ('running', 'detecting', 'handling')`,
  )
  expect((await database.pool.query(running.join(' UNION ALL '))).rows).toEqual([])

  const found = await readRecorded(database)
  let due = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const lines = await readLedger(path.join(folder, `ledger-${kill}`))
    // The process's own last words: when it was killed it may have stood still for a while.
    const last = lines.at(-1)?.[0] ?? 0
    const missing = lines
      .filter(([at, what]) => what !== 'tick' && at < last - MAY_BE_LOST_MS)
      .filter(([, ...fact]) => {
        due++
        return !found.has(fact.join(' '))
      })
    expect(
      missing.slice(0, 8),
      `seed ${seed}, kill ${kill}, last word ${last}, first missing of ${missing.length}`,
    ).toEqual([])
  }
  expect(due).toBeGreaterThan(KILLS * 20)
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Every fact that the database holds, as the ledger words it. Throws when one is there twice. */
async function readRecorded({ pool }: TestDatabase): Promise<Set<string>> {
  const { rows } = await pool.query<{ fact: string; times: number }>(
    `WITH invocations AS (SELECT id, source_event_id AS payload, status FROM obs.invocations),
       jobs AS (SELECT j.*, payload FROM obs.job_executions j JOIN invocations i ON i.id = j.invocation_id),
       facts AS (
         SELECT format('invocation %s ', payload) AS fact FROM invocations
         UNION ALL SELECT format('ended %s ', payload) FROM invocations WHERE status <> 'running'
         UNION ALL SELECT format('asked %s %s', payload, event_name) FROM obs.event_executions e
           JOIN invocations i ON i.id = e.invocation_id WHERE e.status <> 'detecting'
         UNION ALL SELECT format('job %s %s', payload, job_name) FROM jobs
         UNION ALL SELECT format('job ended %s %s', payload, job_name) FROM jobs WHERE status <> 'running'
         UNION ALL SELECT format('output %s', log_message) FROM obs.events WHERE event_type = 'log'
         UNION ALL SELECT format('row change %s', id) FROM obs.events WHERE event_type = 'cdc'
       )
     SELECT fact, count(*)::int AS times FROM facts GROUP BY fact`.replaceAll('obs.', `${SCHEMA}.`),
  )
  expect(rows.filter(row => row.times > 1)).toEqual([])
  return new Set(rows.map(row => row.fact))
}

async function readLedger(file: string): Promise<LedgerLine[]> {
  const text = await readFile(file, 'utf8')
  // The last line may be half, and the process may have been killed before its first.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPool } from '../../src/db/pool.ts'
import { toTimestamp } from '../../src/record/clock.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { cuttingProxy } from './support/cutting-proxy.ts'
import { observedStore } from './support/observed-store.ts'
import { recorderTo } from './support/recorder-to.ts'
import { ended, invocation, job, logLine } from './support/records.ts'

describe('nothing is lost and nothing is there twice', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())
  const stored = async (table: string): Promise<Record<string, string>[]> =>
    (await database.pool.query(`SELECT * FROM ${SCHEMA}.${table} ORDER BY id`)).rows

  it('when every connection is terminated again and again under load', async () => {
    const { store, pool, log, close } = observedStore(database.url)
    await pool.query('SELECT 1')
    const expected: string[] = []
    const invoked: string[] = []
    const { invoke } = recorderTo(work => store.add(work))
    const until = Date.now() + 4_000
    const load = (async () => {
      while (Date.now() < until) {
        for (let n = 0; n < 20; n++) {
          const work = job()
          expected.push(work.row.id)
          store.add(work)
          store.add(logLine({ id: `${work.row.id}:000001` }))
          setTimeout(() => store.add(ended(work)), Math.random() * 300)
        }
        // What has ended already goes another way: as the bytes of its rows.
        for (let n = 0; n < 10; n++) invoked.push(invoke({ jobs: [{ name: 'a' }, { name: 'b' }] }).id)
        await sleep(10)
      }
    })()
    let killed = 0
    while (Date.now() < until) {
      await sleep(250)
      const { rows } = await database.pool.query(
        `SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
      )
      killed += rows[0].n
    }
    await load
    await sleep(350)
    await eventually(() => expect(store.status.bufferedRows + Number(store.status.state !== 'idle')).toBe(0))
    expect(killed).toBeGreaterThan(5)
    const jobs = await stored('job_executions')
    const isOfInvocation = new Set(invoked)
    expect(jobs.filter(row => !isOfInvocation.has(row.invocation_id ?? '')).map(row => row.id)).toEqual(expected.sort())
    expect(jobs).toHaveLength(expected.length + 2 * invoked.length)
    expect((await stored('invocations')).map(row => row.id)).toEqual(invoked.sort())
    expect(await stored('event_executions')).toHaveLength(invoked.length)
    expect(jobs.filter(row => row.status !== 'completed')).toEqual([])
    const events = await stored('events')
    expect(events.filter(row => row.event_type === 'log').map(row => row.id)).toEqual(
      expected.map(id => `${id}:000001`),
    )
    expect(events).toHaveLength(expected.length + invoked.length)
    expect(store.status).toMatchObject({ quarantined: 0, dropped: { bufferFull: 0, refused: 0 } })
    expect(log.filter(line => line.level === 'error')).toEqual([])
    await close()
  })

  it('when one row in a hundred is poison', async () => {
    const { store, pool, close } = observedStore(database.url)
    let statements = 0
    pool.on('acquire', () => statements++)
    const records = Array.from({ length: 2_000 }, (_, n) =>
      n % 100 === 37 ? invocation({ status: 'nonsense' as never }) : n % 2 ? invocation() : job(),
    )
    for (const record of records) store.add(record)
    await store.flush(20_000)
    expect(store.status).toMatchObject({ written: 1_980, quarantined: 20, dropped: { bufferFull: 0, refused: 0 } })
    expect((await stored('invocations')).length + (await stored('job_executions')).length).toBe(1_980)
    expect((await stored('quarantined_rows')).map(row => row.row_id).sort()).toEqual(
      records.flatMap(({ row }) => (row.status === ('nonsense' as never) ? [row.id] : [])).sort(),
    )
    // 2 log2(n) + 1 for each, and one to put it away.
    expect(statements).toBeLessThanOrEqual(20 * (2 * Math.log2(2_000) + 2))
    await close()
  })

  it.each([
    ['COPY', false],
    ['an upsert', true],
  ])('when %s is committed but the connection is cut before the answer', async (_, written) => {
    const proxy = await cuttingProxy(database.url)
    const { store, pool, log, close } = observedStore(proxy.url)
    const works = Array.from({ length: 20 }, () => job())
    if (written) {
      for (const work of works) store.add(work)
      await store.flush(5_000)
    }
    await pool.query('SELECT 1')
    proxy.cutNextCommit()
    for (const work of works) {
      store.add(ended(work))
      store.add(logLine({ id: `${work.row.id}:000001` }))
    }
    await store.flush(5_000)
    await eventually(() => expect(store.status).toMatchObject({ bufferedRows: 0, lastError: null }))
    expect(proxy.cuts).toBe(1)
    expect(store.status.retried).toBe(40)
    const jobs = await stored('job_executions')
    expect(jobs.map(row => row.id)).toEqual(works.map(work => work.row.id).sort())
    expect(jobs.every(row => row.status === 'completed')).toBe(true)
    expect(await stored('events')).toHaveLength(20)
    expect(log.map(line => line.level)).toEqual(['warn', 'info'])
    await close()
    await proxy.close()
  })

  it('when two processes write what the same payload set off, at once', async () => {
    const pools = [0, 1].map(() => createPool({ connectionString: database.url, max: 1 }))
    const writers = pools.map(pool => createWriteBatch(() => pool, SCHEMA))
    // Hasura delivered twice: the invocations carry the id that the caller chose, everything below is each one's own.
    for (let round = 0; round < 30; round++) {
      const id = `0f8fad5b-d9cb-469f-a165-${String(round).padStart(12, '0')}`
      // A caller may also make ids of version 7, which look new.
      const modern = invocation()
      const results = await Promise.all(
        writers.map(write => write([invocation({ id }), ended(modern), ended(job({ invocation_id: id }))])),
      )
      expect(results).toEqual([[], []])
      await Promise.all(writers.map(write => write([ended(invocation({ id }))])))
    }
    const invocations = await stored('invocations')
    expect(new Set(invocations.map(row => row.id)).size).toBe(60)
    expect(invocations.filter(row => row.status !== 'completed')).toEqual([])
    expect(await stored('job_executions')).toHaveLength(60)
    expect(await stored('quarantined_rows')).toEqual([])
    await Promise.all(pools.map(pool => pool.end()))
  })

  it('when the clock is set back while work runs', async () => {
    const write = createWriteBatch(() => database.pool, SCHEMA)
    const noon = Date.parse('2026-01-02T12:00:00Z')
    const start = job({ created_at: toTimestamp(noon), updated_at: toTimestamp(noon) })
    const end = ended(start, toTimestamp(noon - 3_600_000))
    await write([start])
    await write([end])
    expect(await stored('job_executions')).toMatchObject([{ id: start.row.id, status: 'completed' }])
    // A repeated write of the start, which is later by the clock, does not make it run again.
    await write([start])
    expect(await stored('job_executions')).toMatchObject([{ id: start.row.id, status: 'completed' }])
  })
})

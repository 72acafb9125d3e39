import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Emitted } from '../../src/record/work.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { cuttingProxy } from './support/cutting-proxy.ts'
import { observedStore } from './support/observed-store.ts'
import { recorderTo } from './support/recorder-to.ts'

describe('work that has ended, kept as the bytes that go to the database', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())
  const stored = async (table: string): Promise<Record<string, unknown>[]> =>
    (await database.pool.query(`SELECT to_jsonb(t) AS row FROM ${SCHEMA}.${table} t ORDER BY id`)).rows.map(
      ({ row }) => row,
    )
  const counts = async (): Promise<number[]> =>
    Promise.all(
      ['invocations', 'event_executions', 'job_executions', 'events'].map(async table => (await stored(table)).length),
    )

  it('is stored as its rows say, whatever they hold', async () => {
    const { store, pool, close } = observedStore(database.url)
    const works = new Map<string, Emitted>()
    const { recorder, invoke } = recorderTo(work => {
      if (work.table !== 'events') works.set(work.id, work)
      store.add(work)
    })
    invoke({ jobs: [{ name: 'ü – 漢字 😀', result: { note: 'ß', at: null }, options: { deep: { list: [1, 2] } } }] })
    invoke({
      jobs: [{ name: 'x'.repeat(300), error: new Error('\0 no \ud800') }, { name: '' }],
      eventName: 'é'.repeat(60),
    })
    invoke({
      jobs: [
        { name: 'large', result: 'y'.repeat(60_000) },
        { name: 'larger', result: 'z'.repeat(60_000) },
      ],
    })
    // All of its bytes are characters.
    invoke({ jobs: [], note: { quote: '"', list: [null, -1.5e-7], none: null } })
    // An event whose detail no pack can hold.
    invoke({ jobs: [], during: payload => recorder.error(new Error('broke'), 'event_handler', payload) })
    const { source_event_id: delivery } = invoke({ jobs: [] }).row
    await store.flush(5_000)
    expect(store.status).toMatchObject({
      written: works.size,
      recorded: expect.any(Number),
      retried: 0,
      bufferedRows: 0,
    })
    const tables = ['invocations', 'event_executions', 'job_executions'] as const
    const before = await Promise.all(tables.map(stored))
    expect(before.flat()).toHaveLength(works.size)
    const changes = await stored('events')
    expect(changes).toHaveLength(6)
    expect(changes.map(row => row.id)).toContain(`hasura:${delivery}`)
    // Postgres reads the same from the text of the rows: writing them over what is there changes nothing.
    const write = createWriteBatch(() => pool, SCHEMA)
    const records = [...works.values()].map(({ table, row }) => ({ table, row, again: true }) as never)
    expect(await write(records)).toEqual([])
    expect(await Promise.all(tables.map(stored))).toEqual(before)
    // So are the row changes.
    await database.pool.query(`DELETE FROM ${SCHEMA}.events`)
    expect(await createWriteBatch(() => pool, SCHEMA)(records)).toEqual([])
    expect(await stored('events')).toEqual(changes)
    await close()
  })

  it('is stored also when the operation has the name of what every object inherits', async () => {
    const { store, close } = observedStore(database.url)
    const { recorder } = recorderTo(work => store.add(work))
    for (const op of ['constructor', 'toString', '__proto__', 'DELETE']) {
      const payload = { id: randomUUID(), table: { name: 'orders' }, event: { op, data: { old: { id: 1 } } } }
      recorder.startInvocation(payload, {})
      recorder.endInvocation(payload, {}, 1)
    }
    // Packed when the event loop turns, where an error would end the application.
    await new Promise(resolve => setImmediate(resolve))
    await store.flush(5_000)
    expect((await stored('invocations')).map(row => row.source_operation)).toEqual([
      'constructor',
      'toString',
      '__proto__',
      'DELETE',
    ])
    expect((await stored('events')).map(row => row.event_name)).toEqual(['orders.delete'])
    await close()
  })

  it('may be refused: the row is quarantined and the others are stored', async () => {
    await database.pool.query(`ALTER TABLE ${SCHEMA}.job_executions ADD CHECK (job_name <> 'poison')`)
    const { store, close } = observedStore(database.url)
    const { invoke } = recorderTo(work => store.add(work))
    for (let n = 0; n < 30; n++) invoke({ jobs: [{ name: n === 17 ? 'poison' : 'fine' }] })
    await store.flush(5_000)
    expect(store.status).toMatchObject({ written: 89, quarantined: 1, bufferedRows: 0 })
    expect(await counts()).toEqual([30, 30, 29, 30])
    expect(await stored('quarantined_rows')).toMatchObject([
      { table_name: 'job_executions', row: { job_name: 'poison', status: 'completed' } },
    ])
    await close()
  })

  it('is there once when the connection is cut after the commit', async () => {
    const proxy = await cuttingProxy(database.url)
    const { store, pool, close } = observedStore(proxy.url)
    const { invoke } = recorderTo(work => store.add(work))
    await pool.query('SELECT 1')
    proxy.cutNextCommit()
    const ids = Array.from({ length: 20 }, () => invoke({ jobs: [{ name: 'a' }, { name: 'b' }] }).id)
    await store.flush(5_000)
    await eventually(() => expect(store.status).toMatchObject({ bufferedRows: 0, lastError: null }))
    expect([proxy.cuts, store.status.retried]).toEqual([1, 80])
    expect((await stored('invocations')).map(row => row.id)).toEqual(ids.sort())
    expect(await counts()).toEqual([20, 20, 40, 20])
    await close()
    await proxy.close()
  })

  it('may change once more, before or after it is stored', async () => {
    const { store, close } = observedStore(database.url)
    const { recorder, invoke } = recorderTo(work => store.add(work))
    const early = invoke({ jobs: [{ name: 'a' }] })
    recorder.endInvocation(early.payload, { timedOut: true }, 7)
    const late = invoke({ jobs: [{ name: 'a' }] })
    await store.flush(5_000)
    recorder.endInvocation(late.payload, { timedOut: true }, 7)
    await store.flush(5_000)
    expect((await stored('invocations')).map(row => row.status)).toEqual(['timeout', 'timeout'])
    expect(await counts()).toEqual([2, 2, 2, 2])
    await close()
  })

  it('is seen while it runs, and its end replaces that', async () => {
    const { store, close } = observedStore(database.url)
    const { recorder, start } = recorderTo(work => store.add(work))
    const options = {}
    const { payload } = start()
    recorder.startJob('slow', options, 'event', payload)
    await store.flush(5_000)
    const statuses = async () =>
      (await Promise.all(['invocations', 'event_executions', 'job_executions'].map(stored)))
        .flat()
        .map(row => row.status)
    expect(await statuses()).toEqual(['running', 'handling', 'running'])
    recorder.endJob('slow', { completed: true }, 'event', payload, 5, options)
    recorder.endHandler('event', payload, 6)
    recorder.endInvocation(payload, {}, 7)
    await store.flush(5_000)
    expect(await statuses()).toEqual(['completed', 'completed', 'completed'])
    expect(store.status).toMatchObject({ retried: 0, bufferedRows: 0, lag: 0 })
    await close()
  })

  it('is given up, the oldest first, and counted, when memory is full', async () => {
    const { store, close } = observedStore('postgresql://nobody@127.0.0.1:1/none', { maxRows: 300 })
    const { invoke } = recorderTo(work => store.add(work))
    for (let n = 0; n < 200; n++) invoke({ jobs: [{ name: 'a' }] })
    const { bufferedRows, dropped } = store.status
    // What has just come may be above the limit, by a sixteenth, and a pack that is not full by another.
    expect(bufferedRows).toBeLessThanOrEqual(345)
    // Nothing goes uncounted. Of work that was given up while it ran, its end comes as another row.
    expect(bufferedRows + dropped.bufferFull).toBeGreaterThanOrEqual(600)
    expect(bufferedRows + dropped.bufferFull).toBeLessThan(600 + 200)
    await close()
  })
})

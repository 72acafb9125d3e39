import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { uuidv7 } from '../../src/correlation/uuid.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { type Logger, silentLogger } from '../../src/log.ts'
import type { InvocationRow, JobRow, Recorded } from '../../src/record/records.ts'
import type { Pack } from '../../src/store/pack.ts'
import { decodePack, encodePack } from '../../src/store/pack-codec.ts'
import { Packer } from '../../src/store/packer.ts'
import { recordCodec } from '../../src/store/record-codec.ts'
import { RecordingStore, type StoreOptions } from '../../src/store/recording-store.ts'
import { StoredChanges } from '../../src/store/stored-changes.ts'
import { COLUMNS } from '../../src/store/tables.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { deadOwner } from '../buffer/journal/support.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { recorderTo } from './support/recorder-to.ts'

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e'
const nulls = (columns: object): object => Object.fromEntries(Object.keys(columns).map(column => [column, null]))

function invocation(changes: Partial<InvocationRow> = {}): Recorded & { table: 'invocations' } {
  return {
    table: 'invocations',
    row: {
      ...(nulls(COLUMNS.invocations) as InvocationRow),
      id: uuidv7(),
      created_at: '2026-01-02T03:04:05.678901Z',
      updated_at: '2026-01-02T03:04:05.678901Z',
      correlation_id: CORRELATION,
      correlation_source: 'generated',
      trace_id: '1'.padStart(32, '0'),
      span_id: '1'.padStart(16, '0'),
      source_function: 'orders',
      source_system: 'hasura',
      source_event_payload: '{"big": 12345678901234567890, "text": "ä\\n漢\\"字"}',
      events_detected_count: 0,
      total_jobs_run: 0,
      total_jobs_succeeded: 0,
      total_jobs_failed: 0,
      auto_load_modules: true,
      status: 'running',
      ...changes,
    },
  }
}

describe('the store with a journal', () => {
  let database: TestDatabase
  let pool: Pool
  let directory: string
  const stores: RecordingStore[] = []
  const messages: string[] = []
  const logger: Logger = {
    ...silentLogger,
    warn: (_, message) => messages.push(message),
    info: (_, message) => messages.push(message),
  }

  beforeEach(async () => {
    database = await createTestDatabase()
    pool = createPool({ connectionString: database.url, max: 2 })
    directory = await mkdtemp(path.join(tmpdir(), 'journal-store-test-'))
    messages.length = 0
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map(store => store.stop()))
    await pool.end()
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  })

  const createStore = (
    options: Partial<StoreOptions> = {},
    write: ConstructorParameters<typeof RecordingStore>[0] = createWriteBatch(() => pool, SCHEMA),
  ): RecordingStore => {
    const store = new RecordingStore(write, logger, {
      batchSize: 100,
      flushIntervalMs: 50,
      retryAttempts: 1,
      retryDelayMs: 50,
      maxRows: 1_000,
      maxBytes: 10_000_000,
      journal: { directory, maxBytes: 50_000_000, fsync: false },
      ...options,
    })
    store.start()
    stores.push(store)
    return store
  }
  const away = async (): Promise<never> => {
    throw new Error('connect ECONNREFUSED')
  }
  const onDisk = async (): Promise<number> => {
    const [store] = stores
    return store?.status.journal?.bytes ?? 0
  }
  const leaveAsDead = async (): Promise<void> => {
    await Promise.all(stores.splice(0).map(store => store.stop()))
    for (const name of await readdir(directory)) {
      await rename(path.join(directory, name), path.join(directory, deadOwner(name)))
    }
  }
  const stored = async (): Promise<{ id: string; status: string }[]> =>
    (await database.pool.query(`SELECT id, status FROM ${SCHEMA}.invocations ORDER BY id`)).rows

  it('writes after the next start what a killed process could not, each value as it was', async () => {
    const dead = createStore({}, away)
    const record = invocation()
    dead.add(record)
    await eventually(async () => expect(await onDisk()).toBeGreaterThan(0))
    dead.add({ ...record, row: { ...record.row, status: 'completed', updated_at: '2026-01-02T03:04:06Z' } })
    dead.add(invocation())
    await leaveAsDead()

    const store = createStore()
    await eventually(async () => expect((await stored()).length).toBe(2))
    expect((await stored())[0]).toEqual({ id: record.row.id, status: 'completed' })
    const { rows } = await database.pool.query(
      `SELECT source_event_payload->>'big' AS big, source_event_payload->>'text' AS text FROM ${SCHEMA}.invocations WHERE id = $1`,
      [record.row.id],
    )
    expect(rows).toEqual([{ big: '12345678901234567890', text: 'ä\n漢"字' }])
    await eventually(() => expect(store.status.journal).toMatchObject({ replayed: 2, skipped: 0, bytes: 0 }))
  })

  it('writes the end of work after the next start also when the clock was set back while it ran', async () => {
    const dead = createPackingStore(() => true)
    const record = invocation({ updated_at: '2026-01-02T03:04:06Z' })
    const end = { status: 'completed', updated_at: '2026-01-02T03:04:05Z', ended_at: '2026-01-02T03:04:05Z' } as const
    dead.add(record)
    expect(await dead.journaled()).toBe(true)
    dead.add({ ...record, row: { ...record.row, ...end } })
    await leaveAsDead()
    createStore()
    await eventually(async () => expect(await stored()).toEqual([{ id: record.row.id, status: 'completed' }]))
  })

  it('changes nothing when rows are replayed that had been committed', async () => {
    const records = Array.from({ length: 20 }, () => invocation())
    const committed = createWriteBatch(() => pool, SCHEMA)
    // Killed between the commit and its answer.
    const dead = createStore({}, async batch => {
      await committed(batch)
      throw new Error('connection lost')
    })
    for (const record of records) dead.add(record)
    await eventually(async () => expect((await stored()).length).toBe(20))
    await leaveAsDead()
    const store = createStore()
    await eventually(() => expect(store.status.journal).toMatchObject({ replayed: 20, bytes: 0 }))
    expect((await stored()).map(row => row.id)).toEqual(records.map(record => record.row.id))
  })

  it('keeps on disk what memory has no room for, and brings it to the database when that is back', async () => {
    const beganMs = Date.now()
    let down = true
    const write = createWriteBatch(() => pool, SCHEMA)
    const store = createStore({ maxRows: 200 }, batch => (down ? away() : write(batch)))
    const records = Array.from({ length: 5_000 }, () => invocation())
    for (const [index, record] of records.entries()) {
      store.add(record)
      if (index % 500 === 499) await new Promise(resolve => setTimeout(resolve, 20))
    }
    await eventually(() => expect(store.status.journal?.waitingSegments).toBeGreaterThan(2))
    expect(store.status).toMatchObject({ recorded: 5_000, written: 0, bufferedRows: 200, dropped: { bufferFull: 0 } })
    // Memory holds the newest rows; the oldest is on disk.
    const { lag } = store.status
    expect(lag).toBeGreaterThan(150)
    expect(lag).toBeLessThanOrEqual(Date.now() - beganMs)
    down = false
    await eventually(async () => expect((await stored()).length, JSON.stringify(store.status)).toBe(5_000))
    expect((await stored()).map(row => row.id)).toEqual(records.map(record => record.row.id).sort())
    await eventually(() => expect(store.status.journal).toMatchObject({ bytes: 0, waitingSegments: 0 }))
    // Each was written once.
    expect(store.status).toMatchObject({
      lag: 0,
      written: 5_000,
      dropped: { bufferFull: 0, journalRows: 0, journalFailed: 0 },
    })
  })

  const createPackingStore = (isAway: () => boolean, options: Partial<StoreOptions> = {}): RecordingStore => {
    const changes = new StoredChanges()
    const write = createWriteBatch(() => pool, SCHEMA, { changes })
    return createStore({ ...options, packer: new Packer(changes) }, (records, how) =>
      isAway() ? away() : write(records, how),
    )
  }
  const counts = async (): Promise<string> =>
    (
      await database.pool.query<{ counts: string }>(
        `SELECT concat_ws(' ', (SELECT count(*) FROM ${SCHEMA}.invocations), (SELECT count(*) FROM ${SCHEMA}.event_executions),
           (SELECT count(*) FROM ${SCHEMA}.job_executions), (SELECT count(*) FROM ${SCHEMA}.events)) AS counts`,
      )
    ).rows[0]?.counts as string

  it('writes after the next start what had ended, with its row change, and what still ran', async () => {
    const dead = createPackingStore(() => true)
    const { recorder, start, invoke } = recorderTo(work => dead.add(work))
    const long = start()
    recorder.startJob('slow', {}, 'event', long.payload)
    const jobs = [
      { name: 'ü – 漢字 😀', result: { note: 'line\nbreak' } },
      { name: 'b', error: new Error('no') },
    ]
    for (let n = 0; n < 50; n++) invoke({ jobs })
    // In the journal it is a row first, and then in the block of what has ended.
    const other = start()
    expect(await dead.journaled()).toBe(true)
    recorder.endHandler('event', other.payload, 1)
    recorder.endInvocation(other.payload, {}, 2)
    await leaveAsDead()

    const store = createPackingStore(() => false)
    await eventually(async () => expect(await counts()).toBe('52 52 101 52'))
    await eventually(() => expect(store.status.journal).toMatchObject({ replayed: 205, skipped: 0, bytes: 0 }))
    const { rows } = await database.pool.query(
      `SELECT job_name, status, result->>'note' AS note, count(*)::int AS n FROM ${SCHEMA}.job_executions GROUP BY 1, 2, 3 ORDER BY n, 2`,
    )
    expect(rows).toEqual([
      { job_name: 'slow', status: 'running', note: null, n: 1 },
      { job_name: 'ü – 漢字 😀', status: 'completed', note: 'line\nbreak', n: 50 },
      { job_name: 'b', status: 'failed', note: null, n: 50 },
    ])
    expect((await stored()).filter(row => row.status === 'running')).toEqual([{ id: long.id, status: 'running' }])
  })

  it('keeps ended work on disk that memory has no room for, and brings it to the database later', async () => {
    let down = true
    const store = createPackingStore(() => down, { maxRows: 400 })
    const { invoke } = recorderTo(work => store.add(work))
    for (let n = 0; n < 500; n++) {
      invoke({ jobs: [{ name: 'a' }, { name: 'b' }] })
      if (n % 50 === 49) await new Promise(resolve => setTimeout(resolve, 5))
      // An application that leaves no time to others: hooks write then.
      for (const until = performance.now() + 30; n % 70 === 69 && performance.now() < until; );
    }
    await eventually(() => expect(store.status.journal?.waitingSegments).toBeGreaterThan(0))
    expect(store.status.bufferedRows).toBeLessThanOrEqual(400)
    down = false
    await eventually(async () => expect(await counts(), JSON.stringify(store.status)).toBe('500 500 1000 500'))
    await eventually(() => expect(store.status.journal).toMatchObject({ bytes: 0, waitingSegments: 0 }))
    expect(store.status.dropped).toMatchObject({ bufferFull: 0, journalRows: 0, journalFailed: 0 })
  })

  it('records without its journal when that cannot be written, and says so once', async () => {
    const store = createStore({ journal: { directory: '/dev/null/journal', maxBytes: 1_000_000, fsync: false } })
    for (let i = 0; i < 10; i++) store.add(invocation())
    await eventually(async () => expect((await stored()).length).toBe(10))
    await eventually(() => expect(store.status.journal?.errors).toBeGreaterThan(1))
    expect(messages).toEqual([
      'the journal cannot be used; recording goes on in memory, and the journal is tried again',
    ])
  })

  it('counts rows that neither memory nor journal had room for', async () => {
    const store = createStore(
      { maxRows: 100, journal: { directory: '/dev/null/journal', maxBytes: 1_000_000, fsync: false } },
      away,
    )
    await eventually(() => expect(store.status.journal?.state).toBe('failing'))
    for (let i = 0; i < 150; i++) store.add(invocation())
    expect(store.status).toMatchObject({ bufferedRows: 100, dropped: { bufferFull: 50 } })
  })

  it('does not keep a row in the journal that Postgres refused and quarantined', async () => {
    const store = createStore()
    store.add(invocation({ status: 'nonsense' as never }))
    store.add(invocation())
    await eventually(() => expect(store.status).toMatchObject({ written: 1, quarantined: 1 }))
    await eventually(() => expect(store.status.journal?.bytes).toBe(0))
  })

  it('knows what of a row is detail', () => {
    const start = invocation({ context_data: '{}', error_stack: 'at x' })
    const job: Recorded = {
      table: 'job_executions',
      row: { ...(nulls(COLUMNS.job_executions) as JobRow), id: uuidv7(), job_options: '{"a":1}', result: '{}' },
    }
    expect(recordCodec.withoutDetail(start, 'rows')).toBe(start)
    expect(recordCodec.withoutDetail(start, 'fields')?.row).toEqual({
      ...start.row,
      source_event_payload: null,
      context_data: null,
    })
    expect(recordCodec.withoutDetail(job, 'fields')?.row).toEqual({ ...job.row, job_options: null, result: null })
    const line = { table: 'events', row: { id: 'a', log_message: 'x' } } as Recorded
    expect(recordCodec.withoutDetail(line, 'rows')).toBeNull()
  })

  it('reads blocks of another version, whose columns are others or of other types', () => {
    const packer = new Packer(new StoredChanges())
    const { invoke } = recorderTo(() => {})
    const invocation = invoke({ jobs: [] })
    packer.add(invocation)
    const { head, bytes } = encodePack(packer.seal() as Pack)
    const decode = (changed: string) => decodePack(changed, Buffer.concat(bytes))?.[0]?.row as Partial<InvocationRow>
    const { id, correlation_id, source_function, auto_load_modules } = invocation.row
    const same = { id, correlation_id, auto_load_modules, status: 'completed', error_stack: null }
    expect(decode(head)).toMatchObject({ ...same, source_function })
    expect(decode(head.replace('"source_function","text"', '"of_tomorrow","text"'))).toMatchObject({
      ...same,
      source_function: null,
      of_tomorrow: source_function,
    })
    expect(decode(head.replace('"source_function","text"', '"source_function","citext"'))).toMatchObject({
      ...same,
      source_function: null,
    })
    for (const wrong of ['', '{}', '[["users",[["id","uuid"]],20]]'])
      expect(decodePack(wrong, Buffer.alloc(22))).toBeNull()
  })

  it('takes from disk only what is a row', () => {
    const record = invocation()
    expect(recordCodec.decode(recordCodec.encode(record) as string)).toMatchObject({ key: record.row.id, row: record })
    for (const text of [
      '',
      'null',
      '[]',
      '{"table":"invocations"}',
      '{"table":"users","row":{"id":"1"}}',
      '{"table":"events","row":{"id":"1"}}',
    ])
      expect(recordCodec.decode(text), text).toBeNull()
  })
})

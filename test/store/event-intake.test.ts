import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPool, type Pool } from '../../src/db/pool.ts'
import type { EventRow } from '../../src/event/event-row.ts'
import { silentLogger } from '../../src/log.ts'
import { EventIntake } from '../../src/store/event-intake.ts'
import { RecordingStore } from '../../src/store/recording-store.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createWriteEvents } from '../../src/store/write-events.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

const row = (id: string, changes: Partial<EventRow> = {}): EventRow => ({
  id,
  event_type: 'log',
  event_name: 'app.log',
  ns: 'shop',
  timestamp: '2026-11-21T10:00:00.000000Z',
  ...changes,
})

describe('the intake of events', () => {
  let database: TestDatabase
  let pool: Pool
  let directory: string
  let store: RecordingStore
  beforeEach(async () => {
    database = await createTestDatabase()
    directory = await mkdtemp(path.join(tmpdir(), 'intake-'))
    pool = createPool({ connectionString: database.url, max: 2 })
  })
  afterEach(async () => {
    await store.stop()
    await pool.end()
    await database.drop()
    await rm(directory, { recursive: true })
  })

  function intake({ journal = true, maxBytes = 1e8 } = {}): EventIntake {
    store = new RecordingStore(
      createWriteBatch(() => pool, SCHEMA),
      silentLogger,
      {
        batchSize: 100,
        flushIntervalMs: 100,
        retryAttempts: 0,
        retryDelayMs: 50,
        maxRows: 1e6,
        maxBytes: 1e8,
        journal: journal ? { directory, maxBytes: 1e8, fsync: false } : null,
      },
    )
    store.start()
    const write = createWriteEvents(() => pool, SCHEMA, { writeBatch: createWriteBatch(() => pool, SCHEMA) })
    return new EventIntake({ write, store, maxBytes, logger: silentLogger })
  }

  const accept = (events: EventIntake, ...rows: EventRow[]) => events.accept(rows.map(each => events.encodeRow(each)))

  const stored = async (): Promise<string[]> =>
    (await database.pool.query(`SELECT id FROM ${SCHEMA}.events ORDER BY id`)).rows.map(each => each.id)
  const rename = (from: string, to: string) => database.pool.query(`ALTER TABLE ${SCHEMA}.${from} RENAME TO ${to}`)

  it('answers when rows are committed', async () => {
    const events = intake()
    expect(await Promise.all([accept(events, row('a'), row('b')), accept(events, row('c'))])).toEqual([[], []])
    expect(await stored()).toEqual(['a', 'b', 'c'])
    expect(events.status).toMatchObject({ accepted: 3, committed: 3, journaled: 0, waitingBytes: 0 })
  })

  it('says which row Postgres refused, and stores the others', async () => {
    const events = intake()
    const refused = await accept(events, row('a'), row('b', { log_level_num: 99_999 }), row('c'))
    expect(refused.map(({ index }) => index)).toEqual([1])
    expect(await stored()).toEqual(['a', 'c'])
  })

  it('journals what comes while the database is away, and stores it when it is back', async () => {
    const events = intake()
    await rename('events', 'gone')
    expect(await accept(events, row('a'), row('b'))).toEqual([])
    expect(await accept(events, row('c'))).toEqual([])
    expect(events.status).toMatchObject({ committed: 0, journaled: 3 })
    await rename('gone', 'events')
    await eventually(async () => expect(await stored()).toEqual(['a', 'b', 'c']))
    await eventually(async () => {
      await accept(events, row('d'))
      expect(events.status.committed).toBe(1)
    })
  })

  it('promises nothing where neither database nor journal takes it', async () => {
    const events = intake({ journal: false })
    await rename('events', 'gone')
    await expect(accept(events, row('a'))).rejects.toMatchObject({ code: 'INGEST_UNAVAILABLE' })
    await rename('gone', 'events')
    expect(await accept(events, row('a'))).toEqual([])
    expect(await stored()).toEqual(['a'])
  })

  it('refuses more than may wait', async () => {
    const events = intake({ maxBytes: 10_000 })
    const waiting = Array.from({ length: 30 }, (_, n) => accept(events, row(`r-${n}`)))
    const outcomes = await Promise.allSettled(waiting)
    const busy = outcomes.filter(outcome => outcome.status === 'rejected')
    expect(busy.length).toBeGreaterThan(0)
    for (const { reason } of busy) expect(reason).toMatchObject({ code: 'INGEST_BUSY' })
    expect(await stored()).toHaveLength(30 - busy.length)
    expect(events.status.waitingBytes).toBe(0)
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPool } from '../../src/db/pool.ts'
import { silentLogger } from '../../src/log.ts'
import { RecordingStore } from '../../src/store/recording-store.ts'
import { COLUMNS, WRITE_ORDER } from '../../src/store/tables.ts'
import { upsertSql } from '../../src/store/upsert.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { observedStore } from './support/observed-store.ts'
import { ended, invocation, job, logLine } from './support/records.ts'

describe('the store', () => {
  let database: TestDatabase
  const idsOf = async (): Promise<string[]> =>
    (await database.pool.query(`SELECT id FROM ${SCHEMA}.invocations ORDER BY id`)).rows.map(row => row.id)

  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())

  it('lists exactly the columns that the database has, with their types', async () => {
    for (const table of WRITE_ORDER) {
      const { rows } = await database.pool.query(
        `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
        [`${SCHEMA}.${table}`],
      )
      const actual = Object.fromEntries(
        rows.map(row => [row.name, row.type.replace('timestamp with time zone', 'timestamptz')]),
      )
      // Of the 175 columns of the event table, recorded output needs some.
      if (table === 'events') expect(actual).toMatchObject(COLUMNS.events)
      else expect(actual).toEqual(COLUMNS[table])
    }
  })

  it('upserts with one statement per table, with an array for each column', () => {
    // Of the 175 columns of an event only those that a row of the batch uses.
    expect(upsertSql('obs', 'events', ['timestamp', 'id', 'log_level_num'])).toBe(
      'INSERT INTO "obs"."events" AS stored ("id", "timestamp", "log_level_num") ' +
        'SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::smallint[]) ON CONFLICT DO NOTHING',
    )
    expect(upsertSql('o"b', 'job_executions')).toContain('INSERT INTO "o""b"."job_executions"')
    expect(upsertSql('obs', 'job_executions')).toMatch(
      /WHERE \(stored\.ended_at IS NOT NULL, stored\.updated_at\) <= \(excluded\.ended_at IS NOT NULL, excluded\.updated_at\)$/,
    )
  })

  it('tells how old the oldest row is that is not stored, also of one that has changed since', async () => {
    const { store, pool, close } = observedStore(database.url)
    expect(store.status.lag).toBe(0)
    // Nothing can be written while somebody holds the table.
    const holder = await database.pool.connect()
    await holder.query(`BEGIN; LOCK ${SCHEMA}.invocations`)
    const first = invocation()
    store.add(first)
    await sleep(300)
    store.add(invocation())
    store.add(ended(first))
    expect(store.status.lag).toBeGreaterThanOrEqual(300)
    await sleep(200)
    expect(store.status.lag).toBeGreaterThanOrEqual(500)
    await holder.query('COMMIT')
    holder.release()
    await eventually(() => expect(store.status).toMatchObject({ lag: 0, bufferedRows: 0, state: 'idle' }))
    expect((await pool.query(`SELECT FROM ${SCHEMA}.invocations`)).rowCount).toBe(2)
    await close()
  })

  it('stores every value as it was given', async () => {
    const record = invocation({ error_message: `it's "quoted" {a,b} \\ NULL` })
    await createWriteBatch(() => database.pool, SCHEMA)([record])
    const { rows } = await database.pool.query(
      `SELECT source_event_payload->>'big' AS big, source_event_payload->>'q' AS q, error_message, to_json(created_at) AS at,
              success_rate::float AS rate, source_table FROM ${SCHEMA}.invocations`,
    )
    expect(rows).toEqual([
      {
        big: '12345678901234567890',
        q: 'a"b\\c',
        error_message: `it's "quoted" {a,b} \\ NULL`,
        at: '2026-01-02T03:04:05.678901+00:00',
        rate: 100,
        source_table: null,
      },
    ])
  })

  it('changes nothing when a batch is written twice, and never lets an older version win', async () => {
    const write = createWriteBatch(() => database.pool, SCHEMA)
    const start = invocation()
    const end = ended(start)
    for (const batch of [[start], [end], [end], [start]]) expect(await write(batch)).toEqual([])
    const { rows } = await database.pool.query(`SELECT id, status FROM ${SCHEMA}.invocations`)
    expect(rows).toEqual([{ id: start.row.id, status: 'completed' }])
  })

  it('finds the rows that Postgres refuses and stores all others', async () => {
    const batch = Array.from({ length: 50 }, (_, i) =>
      invocation(i === 7 ? { status: 'nonsense' as never } : i === 31 ? { source_event_payload: '{broken' } : {}),
    )
    const refused = await createWriteBatch(() => database.pool, SCHEMA)(batch)
    expect(refused.map(item => item.record)).toEqual([batch[7], batch[31]])
    expect((await idsOf()).length).toBe(48)
  })

  it('stores all of a batch or nothing when the connection goes', async () => {
    const pool = createPool({ connectionString: database.url, max: 1 })
    const { rows } = await pool.query('SELECT pg_backend_pid() AS pid')
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
    const write = createWriteBatch(() => pool, SCHEMA)
    const record = invocation()
    // Whether the pool has noticed yet or not: the write either fails whole or works whole.
    await write([record]).catch(error => expect(String(error)).toMatch(/terminat|connection/i))
    await write([record])
    expect(await idsOf()).toEqual([record.row.id])
    await pool.end()
  })

  it('keeps recording while the database refuses connections, and loses nothing', async () => {
    const url = new URL(database.url)
    const name = url.pathname.slice(1)
    const admin = createPool({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href, max: 1 })
    const pool = createPool({ connectionString: database.url, max: 1 })
    const warnings: string[] = []
    const store = new RecordingStore(
      createWriteBatch(() => pool, SCHEMA),
      { ...silentLogger, warn: (_, message) => warnings.push(message), info: (_, message) => warnings.push(message) },
      { batchSize: 10, flushIntervalMs: 50, retryAttempts: 1, retryDelayMs: 50, maxRows: 1_000, maxBytes: 10_000_000 },
    )
    const records = Array.from({ length: 30 }, () => invocation())
    for (const record of records.slice(0, 10)) store.add(record)
    await store.flush(5_000)
    expect(store.status).toMatchObject({
      recorded: 10,
      written: 10,
      bufferedRows: 0,
      quarantined: 0,
      dropped: { bufferFull: 0, refused: 0 },
    })

    await admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`)
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
    for (const record of records.slice(10)) store.add(record)
    await store.flush(5_000)
    expect(store.status.bufferedRows).toBe(20)
    expect(store.status.lastError).not.toBeNull()
    await admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`)
    await eventually(() => expect(store.status).toMatchObject({ written: 30, bufferedRows: 0, lastError: null }))
    expect((await idsOf()).sort()).toEqual(records.map(record => record.row.id).sort())
    expect(warnings).toEqual([
      'cannot write to the observability database; rows are kept in memory and tried again',
      'the observability database is back; recording goes on',
    ])
    store.stop()
    await pool.end()
    await admin.end()
  })

  it('writes a job and its output, of which a resend adds nothing', async () => {
    const sent = job({ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), status: 'completed' })
    const line = logLine({ trace_id: sent.row.trace_id, span_id: sent.row.span_id })
    const write = createWriteBatch(() => database.pool, SCHEMA)
    await write([line, sent])
    await write([line, sent])
    const { rows } = await database.pool.query(
      `SELECT job_name, log_message FROM ${SCHEMA}.job_executions JOIN ${SCHEMA}.events USING (trace_id, span_id)`,
    )
    expect(rows).toEqual([{ job_name: 'sendReceipt', log_message: 'sent' }])
  })
})

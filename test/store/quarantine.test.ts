import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WRITE_ORDER } from '../../src/store/tables.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { observedStore } from './support/observed-store.ts'
import { ended, invocation, job, logLine } from './support/records.ts'

describe('a row that Postgres refuses', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())
  beforeEach(() =>
    database.pool.query(
      `TRUNCATE ${[...WRITE_ORDER, 'quarantined_rows'].map(table => `${SCHEMA}.${table}`).join(', ')}`,
    ),
  )
  const quarantined = async (): Promise<Record<string, unknown>[]> =>
    (await database.pool.query(`SELECT * FROM ${SCHEMA}.quarantined_rows ORDER BY row_id`)).rows

  it('is quarantined as it was, with its error', async () => {
    const poison = job({ status: 'nonsense' as never, result: '{"paid":true}', job_name: 'capturePayment' })
    const [refused] = await createWriteBatch(() => database.pool, SCHEMA, { instance: 'web-1:42' })([poison, job()])
    expect(refused).toMatchObject({ record: poison, quarantined: true, error: { code: '23514' } })
    expect(await quarantined()).toEqual([
      {
        id: expect.any(String),
        created_at: expect.any(Date),
        table_name: 'job_executions',
        row_id: poison.row.id,
        row: poison.row,
        error_code: '23514',
        error_message: expect.stringContaining('job_executions_status_check'),
        instance: 'web-1:42',
      },
    ])
  })

  it.each([
    ['a NUL character', { error_message: 'a\0b' }, '22021'],
    ['a NUL in JSON', { context_data: '"\\u0000"' }, '22P05'],
    ['half a surrogate pair in JSON', { context_data: '"\\ud800"' }, '22P02'],
    ['broken JSON', { context_data: '{' }, '22P02'],
    ['a number beyond numeric', { context_data: '1e400000' }, '22003'],
    ['a time beyond time', { source_event_time: '+300000-01-01T00:00:00Z' }, '22009'],
    ['an id that is none', { source_job_id: 'none' }, '22P02'],
    ['nothing where something must be', { source_function: null as never }, '23502'],
    ['a number that is too large', { total_duration_ms: 3e9 }, '22003'],
    ['a value that has no text', { error_message: Object.create(null) }, null],
  ])('may hold %s', async (_, changes, code) => {
    const poison = invocation(changes as never)
    const good = invocation()
    const refused = await createWriteBatch(() => database.pool, SCHEMA)([poison, good])
    expect(refused.map(({ record, quarantined }) => [record, quarantined])).toEqual([[poison, true]])
    expect(await quarantined()).toMatchObject([{ row_id: poison.row.id, error_code: code }])
    const { rows } = await database.pool.query(`SELECT id FROM ${SCHEMA}.invocations`)
    expect(rows).toEqual([{ id: good.row.id }])
  })

  it('may be refused by a trigger of yours', async () => {
    await database.pool.query(`
      CREATE FUNCTION ${SCHEMA}.picky() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.source_table = 'secret' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER picky BEFORE INSERT ON ${SCHEMA}.invocations FOR EACH ROW EXECUTE FUNCTION ${SCHEMA}.picky()`)
    const poison = invocation({ source_table: 'secret' })
    await createWriteBatch(() => database.pool, SCHEMA)([invocation(), poison, invocation()])
    expect(await quarantined()).toMatchObject([
      { row_id: poison.row.id, error_code: 'P0001', error_message: 'not this one' },
    ])
  })

  it('is there once, as it was last, when it is refused again', async () => {
    const poison = job({ status: 'nonsense' as never })
    const write = createWriteBatch(() => database.pool, SCHEMA)
    await write([poison])
    await write([{ ...poison, row: { ...poison.row, job_name: 'renamed' } }])
    expect(await quarantined()).toMatchObject([{ row: { job_name: 'renamed' } }])
  })

  it('is counted and logged; written counts the others', async () => {
    const { store, log, close } = observedStore(database.url)
    const poison = invocation({ status: 'nonsense' as never })
    for (const record of [invocation(), poison, invocation()]) store.add(record)
    await store.flush(5_000)
    expect(store.status).toMatchObject({
      recorded: 3,
      written: 2,
      quarantined: 1,
      dropped: { bufferFull: 0, refused: 0 },
    })
    expect(log).toMatchObject([{ level: 'error', message: 'Postgres refused a row; it is in quarantined_rows' }])
    await close()
  })

  it('is given up and counted when it cannot even be quarantined', async () => {
    const { store, log, close } = observedStore(database.url)
    // No index takes a value of this size; random, so that it cannot be compressed.
    const id = Array.from({ length: 2_000 }, () => Math.random().toString(36)).join('')
    for (const record of [logLine({ id }), logLine()]) store.add(record)
    await store.flush(5_000)
    expect(store.status).toMatchObject({ written: 1, quarantined: 0, dropped: { bufferFull: 0, refused: 1 } })
    expect(log).toMatchObject([{ level: 'error', message: expect.stringContaining('given up and counted') }])
    await close()
  })

  it('waits with its batch when there is no quarantine, and nothing is lost', async () => {
    await database.pool.query(`ALTER TABLE ${SCHEMA}.quarantined_rows RENAME TO elsewhere`)
    const write = createWriteBatch(() => database.pool, SCHEMA)
    const start = invocation()
    const batch = [invocation({ status: 'nonsense' as never }), ended(start)]
    await expect(write(batch)).rejects.toMatchObject({ code: 'DATABASE_WRITE_FAILED' })
    await database.pool.query(`ALTER TABLE ${SCHEMA}.elsewhere RENAME TO quarantined_rows`)
    expect(await write(batch)).toHaveLength(1)
    const { rows } = await database.pool.query(`SELECT id, status FROM ${SCHEMA}.invocations`)
    expect(rows).toEqual([{ id: start.row.id, status: 'completed' }])
  })
})

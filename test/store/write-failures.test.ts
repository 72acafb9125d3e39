import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startEmbeddedPostgres } from '../../src/db/embedded.ts'
import { migrateUp } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { withClient } from '../../src/db/with-client.ts'
import { silentLogger } from '../../src/log.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { writeFailure } from '../../src/store/write-failures.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { observedStore } from './support/observed-store.ts'
import { recorderTo } from './support/recorder-to.ts'
import { ended, invocation } from './support/records.ts'

const LOST = 'cannot write to the observability database; rows are kept in memory and tried again'
const BACK = 'the observability database is back; recording goes on'

describe('when the database misbehaves', () => {
  let database: TestDatabase
  let writer: string
  let writerUrl: string
  const sql = (text: string) => database.pool.query(text)
  const ids = async (): Promise<string[]> =>
    (await sql(`SELECT id FROM ${SCHEMA}.invocations ORDER BY id`)).rows.map(row => row.id)

  beforeAll(async () => {
    database = await createTestDatabase()
    const url = new URL(database.url)
    const name = url.pathname.slice(1)
    writer = `writer_${name}`
    // Not a superuser: those are let in always.
    await sql(`CREATE ROLE ${writer} LOGIN PASSWORD 'right'; GRANT USAGE ON SCHEMA ${SCHEMA} TO ${writer};
      GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${writer}`)
    writerUrl = Object.assign(url, { username: writer, password: 'right' }).href
  })
  afterAll(async () => {
    await sql(`DROP OWNED BY ${writer}; DROP ROLE ${writer}`)
    await database.drop()
  })
  const raise = (state: string) => `
    CREATE FUNCTION ${SCHEMA}.fail() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'made by the test' USING ERRCODE = '${state}'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON ${SCHEMA}.invocations FOR EACH ROW EXECUTE FUNCTION ${SCHEMA}.fail()`
  const calm = `DROP FUNCTION ${SCHEMA}.fail() CASCADE`
  const named = (text: string) => text.replace('DATABASE', `DATABASE ${new URL(database.url).pathname.slice(1)}`)

  it.each([
    {
      what: 'is a read-only standby',
      harm: 'ALTER DATABASE SET default_transaction_read_only = on',
      mend: 'ALTER DATABASE RESET default_transaction_read_only',
      says: /^the database is read-only.*cannot execute/,
    },
    { what: 'has a full disk', harm: raise('53100'), mend: calm, says: /^the disk of the database is full/ },
    { what: 'fails in a way nobody foresaw', harm: raise('XX000'), mend: calm, says: /unexpected/ },
    {
      what: 'has no connection left',
      harm: 'ALTER ROLE writer CONNECTION LIMIT 0',
      mend: 'ALTER ROLE writer CONNECTION LIMIT -1',
      says: /no connection left.*too many connections/,
    },
    {
      what: 'takes no connections',
      harm: 'ALTER DATABASE ALLOW_CONNECTIONS false',
      mend: 'ALTER DATABASE ALLOW_CONNECTIONS true',
      says: /takes no connections now/,
    },
    {
      what: 'no longer knows the password',
      harm: `ALTER ROLE writer PASSWORD 'changed'`,
      mend: `ALTER ROLE writer PASSWORD 'right'`,
      says: /correct user and password.*password authentication failed/,
    },
    {
      what: 'takes the right to write away',
      harm: `REVOKE INSERT ON ${SCHEMA}.invocations FROM writer`,
      mend: `GRANT INSERT ON ${SCHEMA}.invocations TO writer`,
      says: /correct user and password, or its rights.*permission denied/,
    },
    {
      what: 'has lost a table',
      harm: `ALTER TABLE ${SCHEMA}.invocations RENAME TO elsewhere`,
      mend: `ALTER TABLE ${SCHEMA}.elsewhere RENAME TO invocations`,
      says: /migrate up.*relation .* does not exist/,
    },
    {
      what: 'has no such schema',
      harm: `ALTER SCHEMA ${SCHEMA} RENAME TO elsewhere`,
      mend: `ALTER SCHEMA elsewhere RENAME TO ${SCHEMA}`,
      says: /migrate up.*relation .* does not exist/,
    },
    {
      what: 'has an older or newer schema, without a column',
      harm: `ALTER TABLE ${SCHEMA}.invocations RENAME span_id TO span`,
      mend: `ALTER TABLE ${SCHEMA}.invocations RENAME span TO span_id`,
      says: /migrate up.*column .* does not exist/,
    },
  ])('and $what: keeps the rows, says so once, and writes them when it is well again', async ({ harm, mend, says }) => {
    const { store, log, close } = observedStore(writerUrl)
    const records = Array.from({ length: 5 }, () => invocation())
    store.add(records[0] as never)
    await store.flush(5_000)
    const admin = createPool({
      connectionString: Object.assign(new URL(database.url), { pathname: '/postgres' }).href,
      max: 1,
    })
    const run = (text: string) =>
      (/^ALTER (?:DATABASE|ROLE)/.test(text) ? admin : database.pool).query(named(text.replace('writer', writer)))
    await run(harm)
    onTestFinished(async () => {
      if (store.status.bufferedRows > 0) await run(mend) // The next test is not to suffer from this one.
      await close()
      await admin.end()
    })
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [writer])
    for (const record of records.slice(1)) store.add(record)
    const { invoke } = recorderTo(work => store.add(work))
    const packed = invoke({ jobs: [{ name: 'a' }] })
    await store.flush(5_000)
    // The first try may have met the end of its connection; what is wrong shows when it connects again.
    await eventually(() => expect(store.status.lastError).toMatch(says))
    expect(store.status).toMatchObject({ bufferedRows: 7, quarantined: 0, dropped: { bufferFull: 0, refused: 0 } })
    await run(mend)
    await eventually(() => expect(store.status).toMatchObject({ written: 8, bufferedRows: 0, lastError: null }))
    expect(log.map(line => line.message)).toEqual([LOST, BACK])
    expect(await ids()).toEqual(expect.arrayContaining([packed.id, ...records.map(record => record.row.id)]))
  })

  it('and has a newer schema, with columns and types that are not known yet: stores the rows', async () => {
    await sql(`ALTER TABLE ${SCHEMA}.invocations ADD COLUMN later text NOT NULL DEFAULT 'x';
      ALTER TABLE ${SCHEMA}.job_executions ALTER COLUMN duration_ms TYPE bigint`)
    const { store, log, close } = observedStore(writerUrl)
    const record = invocation()
    store.add(record)
    const packed = recorderTo(work => store.add(work)).invoke({ jobs: [{ name: 'a' }] })
    await store.flush(5_000)
    expect(store.status).toMatchObject({ written: 4, bufferedRows: 0, quarantined: 0, lastError: null })
    expect(await ids()).toEqual(expect.arrayContaining([packed.id, record.row.id]))
    expect(log).toEqual([])
    await close()
    await sql(`ALTER TABLE ${SCHEMA}.invocations DROP COLUMN later;
      ALTER TABLE ${SCHEMA}.job_executions ALTER COLUMN duration_ms TYPE integer`)
  })

  it('and takes longer than the statement timeout: keeps the rows and writes them later', async () => {
    const { store, close } = observedStore(writerUrl, { statementTimeoutMs: 50 })
    const record = invocation()
    await withClient(database.pool, async client => {
      await client.query(`BEGIN; LOCK TABLE ${SCHEMA}.invocations`)
      store.add(record)
      await store.flush(5_000)
      expect(store.status).toMatchObject({
        bufferedRows: 1,
        lastError: expect.stringMatching(/^the database took longer/),
      })
      await client.query('ROLLBACK')
    })
    await eventually(() => expect(store.status).toMatchObject({ written: 1, bufferedRows: 0 }))
    await close()
  })

  it('and cannot serialize: repeats at once, and leaves a lasting quarrel to a later try', async () => {
    await sql(`CREATE SEQUENCE ${SCHEMA}.tries; GRANT USAGE ON SEQUENCE ${SCHEMA}.tries TO ${writer};
      ${raise('40001').replace('BEGIN RAISE', `BEGIN IF nextval('${SCHEMA}.tries') > 2 THEN RETURN NEW; END IF; RAISE`)}`)
    const pool = createPool({ connectionString: writerUrl, max: 1 })
    const write = createWriteBatch(() => pool, SCHEMA)
    const record = invocation()
    expect(await write([record])).toEqual([])
    expect(await ids()).toContain(record.row.id)

    await sql(`${calm}; ${raise('40001')}`)
    await expect(write([invocation()])).rejects.toMatchObject({
      code: 'DATABASE_WRITE_FAILED',
      message: expect.stringContaining('another transaction was in the way'),
      cause: { code: '40001' },
    })
    await sql(`${calm}; DROP SEQUENCE ${SCHEMA}.tries`)
    await pool.end()
  })

  it('and finds a deadlock: repeats at once', async () => {
    const pool = createPool({ connectionString: database.url, max: 1 })
    // Whoever looks for a deadlock is its victim, and looks once: after the other one waits, too.
    await pool.query(`SET deadlock_timeout = '500ms'`)
    const write = createWriteBatch(() => pool, SCHEMA)
    const [a, b] = [invocation(), invocation()]
    await write([a, b])
    await withClient(database.pool, async other => {
      const touch = (id: string) =>
        other.query(`UPDATE ${SCHEMA}.invocations SET source_table = 'x' WHERE id = $1`, [id])
      await other.query(`SET deadlock_timeout = '60s'`)
      await other.query('BEGIN')
      await touch(b.row.id)
      // Takes a, waits for b.
      const writing = write([ended(a), ended(b)])
      await eventually(
        async () => {
          const { rows } = await sql(`SELECT 1 FROM pg_locks WHERE NOT granted`)
          expect(rows).toHaveLength(1)
        },
        15_000,
        1,
      )
      await touch(a.row.id)
      await other.query('COMMIT')
      expect(await writing).toEqual([])
    })
    const { rows } = await sql(
      `SELECT DISTINCT status FROM ${SCHEMA}.invocations WHERE id IN ('${a.row.id}', '${b.row.id}')`,
    )
    expect(rows).toEqual([{ status: 'completed' }])
    await pool.end()
  })

  it('and restarts under load: loses nothing', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'restart-test-'))
    const start = () => startEmbeddedPostgres({ dataDir, logger: silentLogger, settings: { fsync: 'off' } })
    let postgres = await start()
    const url = postgres.connectionString('postgres')
    const admin = createPool({ connectionString: url, max: 1 })
    await migrateUp({ pool: admin, directory: 'model/migrations', schema: SCHEMA })
    const { store, close } = observedStore(url)
    const added: string[] = []
    const load = setInterval(() => {
      const record = invocation()
      added.push(record.row.id)
      store.add(record)
      setTimeout(() => store.add(ended(record)), 100)
    }, 5)
    await eventually(() => expect(store.status.written).toBeGreaterThan(20))
    await postgres.stop()
    await eventually(() => expect(store.status.lastError).not.toBeNull())
    postgres = await start()
    await eventually(() => expect(store.status.lastError).toBeNull())
    clearInterval(load)
    const stored = `SELECT id FROM ${SCHEMA}.invocations WHERE status = 'completed' ORDER BY id`
    await eventually(async () => expect((await admin.query(stored)).rows.map(row => row.id)).toEqual(added.sort()))
    expect(store.status).toMatchObject({ quarantined: 0, dropped: { bufferFull: 0, refused: 0 } })
    await Promise.all([close(), admin.end()])
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
})

describe('the table of failures', () => {
  it('keeps the rows of whatever is in no class', () => {
    for (const thrown of [new Error('?'), 'text', null, Object.assign(new Error('?'), { code: 'ZZ123' })])
      expect(writeFailure(thrown).reaction).toBe('wait')
  })

  it('is explained in docs/operations.md, advice by advice', () => {
    const manual = readFileSync('docs/operations.md', 'utf8')
    const source = readFileSync('src/store/write-failures.ts', 'utf8')
    const waits = [...source.matchAll(/wait\(\s*'([^']+)'/g)].map(match => match[1] as string)
    expect(waits.length).toBeGreaterThan(8)
    for (const advice of waits) expect(manual).toContain(advice.split(/[;:,]/)[0])
  })
})

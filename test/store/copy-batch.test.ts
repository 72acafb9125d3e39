import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listen } from '../../src/db/listen.ts'
import { EVENTS_CHANNEL } from '../../src/event/announcement.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { observedStore } from './support/observed-store.ts'
import { recorderTo } from './support/recorder-to.ts'

const TABLES = ['invocations', 'event_executions', 'job_executions', 'events']
// More rows than a batch of one transaction has.
const MANY = 1_500

describe('a batch with many rows', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())

  /** Invocations of which each has a row change, one of them with a note that a table may refuse. */
  function record(store: ReturnType<typeof observedStore>['store'], invocations = MANY): void {
    const { invoke } = recorderTo(work => store.add(work))
    for (let n = 0; n < invocations; n++) {
      const note = n === 123 ? 'bad' : 'good'
      invoke({ jobs: [{ name: 'job', result: { note } }], note })
    }
  }

  const counts = (): Promise<number[]> =>
    Promise.all(
      TABLES.map(async table => {
        const { rows } = await database.pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.${table}`)
        return rows[0].n
      }),
    )

  /** Transactions that wrote what is there now: invocations and what was asked, jobs and row changes, all of it. */
  async function transactions(): Promise<number[]> {
    const of = (tables: string[]): string =>
      `(SELECT count(DISTINCT xmin::text)::int FROM (${tables.map(table => `SELECT xmin FROM ${SCHEMA}.${table}`).join(' UNION ALL ')}) rows)`
    const { rows } = await database.pool.query(
      `SELECT ${of(['invocations', 'event_executions'])} AS a, ${of(['job_executions', 'events'])} AS b, ${of(TABLES)} AS c`,
    )
    return [rows[0].a, rows[0].b, rows[0].c]
  }

  it('is stored over two connections, the jobs and row changes in a transaction of their own', async () => {
    const { store, close } = observedStore(database.url)
    record(store)
    await store.flush(10_000)
    expect(await counts()).toEqual([MANY, MANY, MANY, MANY])
    expect(await transactions()).toEqual([1, 1, 2])
    expect(store.status).toMatchObject({ retried: 0, quarantined: 0, bufferedRows: 0 })
    await close()
  })

  it('tells the live stream of its events when those are stored', async () => {
    const heard: string[] = []
    const listener = await listen({
      connectionString: database.url,
      channel: EVENTS_CHANNEL,
      onNotify: payload => void heard.push(payload),
    })
    const { store, close } = observedStore(database.url)
    record(store)
    await store.flush(10_000)
    await expect.poll(() => heard.length).toBeGreaterThan(0)
    const { rows } = await database.pool.query(`SELECT DISTINCT xmin::text AS xid FROM ${SCHEMA}.events`)
    expect(heard.map(text => JSON.parse(text).xid)).toEqual(rows.map(({ xid }) => xid))
    await listener.close()
    await close()
  })

  it('is one transaction where it is small, or only one connection is allowed', async () => {
    const few = observedStore(database.url)
    record(few.store, 100)
    await few.store.flush(10_000)
    expect(await transactions()).toEqual([1, 1, 1])
    await few.close()
    const single = observedStore(database.url, { maxConnections: 1 })
    record(single.store)
    await single.store.flush(10_000)
    expect(await counts()).toEqual(TABLES.map(() => MANY + 100))
    expect(await transactions()).toEqual([2, 2, 2])
    await single.close()
  })

  it('is one transaction where the server lets no second connection in', async () => {
    await database.pool.query(`CREATE ROLE lonely LOGIN PASSWORD 'right' CONNECTION LIMIT 1;
      GRANT ALL ON SCHEMA ${SCHEMA} TO lonely; GRANT ALL ON ALL TABLES IN SCHEMA ${SCHEMA} TO lonely`)
    const url = new URL(database.url)
    url.username = 'lonely'
    url.password = 'right'
    const { store, close } = observedStore(url.href)
    record(store)
    await store.flush(10_000)
    expect(await counts()).toEqual([MANY, MANY, MANY, MANY])
    expect(await transactions()).toEqual([1, 1, 1])
    await close()
    await database.pool.query('DROP OWNED BY lonely; DROP ROLE lonely')
  })

  it.each([
    ['events', `db_after->>'note' <> 'bad'`, [MANY, MANY, MANY, MANY - 1]],
    ['invocations', `source_event_payload #>> '{event,data,new,note}' <> 'bad'`, [MANY - 1, MANY, MANY, MANY]],
    ['job_executions', `result ->> 'note' <> 'bad'`, [MANY, MANY, MANY - 1, MANY]],
  ])('loses none of the others when %s refuse a row', async (table, condition, expected) => {
    await database.pool.query(`ALTER TABLE ${SCHEMA}.${table} ADD CONSTRAINT no_bad CHECK (${condition})`)
    const { store, close } = observedStore(database.url)
    record(store)
    await store.flush(20_000)
    expect(await counts()).toEqual(expected)
    const { rows } = await database.pool.query(`SELECT table_name FROM ${SCHEMA}.quarantined_rows`)
    expect(rows.map(row => row.table_name)).toEqual([table])
    await close()
  })

  /** A session that lets nobody write invocations. */
  async function holdInvocations() {
    const session = await database.pool.connect()
    await session.query(`BEGIN; LOCK TABLE ${SCHEMA}.invocations IN SHARE MODE`)
    return session
  }
  const idleInTransaction = async (): Promise<number> => {
    const { rows } = await database.pool.query(`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE '%COPY%'`)
    return rows[0].n
  }

  it('shows no job before its invocation', async () => {
    const session = await holdInvocations()
    const { store, close } = observedStore(database.url)
    record(store)
    const flushed = store.flush(20_000)
    // The jobs are ready.
    await expect.poll(idleInTransaction, { timeout: 10_000 }).toBe(1)
    expect(await counts()).toEqual([0, 0, 0, 0])
    await session.query('COMMIT')
    session.release()
    await flushed
    expect(await counts()).toEqual([MANY, MANY, MANY, MANY])
    expect(await transactions()).toEqual([1, 1, 2])
    await close()
  })

  it('gives way to a session that holds its first tables and waits for its second', async () => {
    const session = await holdInvocations()
    const { store, log, close } = observedStore(database.url)
    record(store)
    const flushed = store.flush(40_000)
    await expect.poll(idleInTransaction, { timeout: 10_000 }).toBe(1)
    await session.query(`LOCK TABLE ${SCHEMA}.job_executions IN ACCESS EXCLUSIVE MODE`)
    await session.query('COMMIT')
    session.release()
    await flushed
    await expect.poll(counts, { timeout: 20_000 }).toEqual([MANY, MANY, MANY, MANY])
    expect(log.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(store.status).toMatchObject({ quarantined: 0, bufferedRows: 0 })
    await close()
  })

  it('is stored once, although the second connection is lost and what went over the first is committed', async () => {
    await database.pool.query(`
      CREATE FUNCTION ${SCHEMA}.cut() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END $$;
      CREATE TRIGGER cut BEFORE INSERT ON ${SCHEMA}.events FOR EACH ROW EXECUTE FUNCTION ${SCHEMA}.cut()`)
    const { store, log, close } = observedStore(database.url)
    record(store)
    const flushed = store.flush(30_000)
    await expect.poll(() => store.status.lastError, { timeout: 20_000 }).not.toBeNull()
    expect(await counts()).toEqual([MANY, MANY, 0, 0])
    await database.pool.query(`DROP TRIGGER cut ON ${SCHEMA}.events`)
    await flushed
    await expect.poll(counts, { timeout: 20_000 }).toEqual([MANY, MANY, MANY, MANY])
    expect(log.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(store.status).toMatchObject({ quarantined: 0, bufferedRows: 0 })
    await close()
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { copyFrom } from '../../src/db/copy-from.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { withClient } from '../../src/db/with-client.ts'
import { copySource } from '../../src/store/copy.ts'
import { ALWAYS_WRITTEN, COLUMNS, WRITE_ORDER } from '../../src/store/tables.ts'
import { upsertParameters, upsertSql } from '../../src/store/upsert.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { ended, invocation, job, logLine } from './support/records.ts'

/** A pool that notes what is sent through it. */
function listenIn(pool: Pool, heard: string[]): Pool {
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return Reflect.get(target, name)
      return async () => {
        const client = await target.connect()
        const { query, release } = client
        client.query = ((statement: unknown, ...rest: never[]) => {
          heard.push(typeof statement === 'string' ? (statement.split(/[ ;]/)[0] as string) : 'COPY')
          return (query as (...args: unknown[]) => unknown).call(client, statement, ...rest)
        }) as typeof query
        client.release = error => {
          client.query = query
          client.release = release
          release.call(client, error)
        }
        return client
      }
    },
  })
}

describe('COPY', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())
  beforeEach(() => database.pool.query(`TRUNCATE ${WRITE_ORDER.map(table => `${SCHEMA}.${table}`).join(', ')}`))
  const copy = (...sources: Parameters<typeof copyFrom>[1]) =>
    withClient(database.pool, client => copyFrom(client, sources))
  const count = async (): Promise<number> =>
    (await database.pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.invocations`)).rows[0].n

  it('names only the columns that one of the rows uses', () => {
    const { sql, chunks } = copySource('o"b', 'events', [logLine({ id: 'a', log_message: null as never }).row])
    expect(sql).toBe(
      'COPY "o""b"."events" ("id", "event_type", "event_name", "ns", "trace_id", "span_id", "correlation_id", ' +
        '"timestamp", "service_name", "log_level", "log_level_num", "log_logger", "event_source") ' +
        'FROM STDIN (FORMAT binary)',
    )
    expect(Buffer.concat([...chunks]).toString('latin1')).toMatch(/^PGCOPY\n.*log.*job\.console.*orders.*console/s)
  })

  it('always names the columns that the database would fill by itself', async () => {
    const { rows } = await database.pool.query(
      `SELECT DISTINCT attname AS name FROM pg_attribute WHERE atthasdef AND attgenerated = '' AND attrelid = ANY ($1::regclass[])`,
      [WRITE_ORDER.map(table => `${SCHEMA}.${table}`)],
    )
    expect([...ALWAYS_WRITTEN].sort()).toEqual(rows.map(row => row.name).sort())
  })

  it('stores the same as the upsert, whatever the values hold', async () => {
    const values = [
      '',
      '\\',
      '\\N',
      '\\.',
      'a\tb',
      'line\r\nnext\n',
      '"quoted"',
      '{a,NULL}',
      'ö 漢 😀',
      ' ',
      '\b\f\v',
      'x'.repeat(1e5),
    ]
    const records = values.map(text =>
      invocation({ error_message: text, source_table: text, context_data: JSON.stringify({ [text]: text }) }),
    )
    const rows = records.map(record => record.row)
    const stored = () =>
      database.pool
        .query(`SELECT to_jsonb(i) AS row FROM ${SCHEMA}.invocations i ORDER BY id`)
        .then(result => result.rows)
    await copy(copySource(SCHEMA, 'invocations', rows))
    const copied = await stored()
    await database.pool.query(`TRUNCATE ${SCHEMA}.invocations`)
    await database.pool.query(
      upsertSql(SCHEMA, 'invocations'),
      upsertParameters(Object.keys(COLUMNS.invocations), rows as never),
    )
    expect(copied).toEqual(await stored())
    expect(copied.map(({ row }) => row.error_message)).toEqual(values)
    expect(Object.keys(COLUMNS.invocations).every(column => column in copied[0].row)).toBe(true)
  })

  it('sends more than a socket holds', async () => {
    const records = Array.from({ length: 300 }, () => invocation({ error_stack: 'x'.repeat(100_000) }))
    await copy(
      copySource(
        SCHEMA,
        'invocations',
        records.map(record => record.row),
      ),
    )
    expect(await count()).toBe(300)
  })

  it('stores all tables or none, and the connection goes on', async () => {
    const good = copySource(SCHEMA, 'invocations', [invocation().row])
    const broken = copySource(SCHEMA, 'job_executions', [job({ status: 'nonsense' as never }).row])
    await withClient(database.pool, async client => {
      await expect(copyFrom(client, [good, broken])).rejects.toMatchObject({ code: '23514' })
      expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    })
    expect(await count()).toBe(0)
  })

  it('tells the server when a row cannot be made into text, and rejects with the reason', async () => {
    const unwritable = invocation({ error_message: Object.create(null) })
    const source = () => copySource(SCHEMA, 'invocations', [invocation().row, unwritable.row])
    await withClient(database.pool, async client => {
      await expect(copyFrom(client, [source()])).rejects.toThrow(TypeError)
      expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    })
    expect(await count()).toBe(0)
  })

  it('upserts what has no binary form, and what a column of another type does not take', async () => {
    const heard: string[] = []
    const write = createWriteBatch(() => listenIn(database.pool, heard), SCHEMA)
    const odd = job({ created_at: '2026-01-02 03:04:05+01', duration_ms: '12' as never })
    expect(await write([job({ duration_ms: 11 }), odd])).toEqual([])
    expect(heard.splice(0)).toEqual(['COPY', 'BEGIN', 'INSERT', 'COMMIT'])
    const table = `${SCHEMA}.job_executions`
    await database.pool.query(`ALTER TABLE ${table} ALTER duration_ms TYPE bigint, ALTER job_options TYPE json`)
    expect(await write([job({ duration_ms: 13 })])).toEqual([])
    expect(await write([job({ job_options: '{"a":1}' })])).toEqual([])
    await database.pool.query(`ALTER TABLE ${table} ALTER duration_ms TYPE integer, ALTER job_options TYPE jsonb`)
    const { rows } = await database.pool.query(
      `SELECT duration_ms AS ms, job_options AS options FROM ${table} ORDER BY duration_ms`,
    )
    expect(rows).toEqual([
      { ms: 11, options: null },
      { ms: 12, options: null },
      { ms: 13, options: null },
      { ms: null, options: { a: 1 } },
    ])
  })

  it('rejects when the connection goes while it sends', async () => {
    await database.pool.query('CREATE TABLE public.lines (line text)')
    const pool = createPool({ connectionString: database.url, max: 1 })
    async function lose(): Promise<void> {
      await withClient(pool, async client => {
        const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
        const gone = database.pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
        // Whole rows: Postgres looks up from its work after each.
        function* endless(): Generator<Uint8Array> {
          for (;;) yield Buffer.from(`${'x'.repeat(10_000)}\n`)
        }
        await copyFrom(client, [{ sql: 'COPY public.lines FROM STDIN', chunks: endless() }])
        await gone
      })
    }
    await expect(lose()).rejects.toThrow(/terminat|connection|ECONNRESET|EPIPE/i)
    await pool.end()
  })

  it('is the way of rows that are new; those that were written while they ran are upserted', async () => {
    const heard: string[] = []
    const write = createWriteBatch(() => listenIn(database.pool, heard), SCHEMA)
    const [first, second, third] = [invocation(), invocation(), invocation()]
    await write([first, ended(second)])
    expect(heard.splice(0)).toEqual(['COPY'])
    await write([ended(first), ended(third)])
    expect(heard.splice(0)).toEqual(['BEGIN', 'COPY', 'INSERT', 'COMMIT'])
    // A row with an end is not expected again; when it comes all the same, COPY reports it and the batch is upserted.
    await write([ended(second, '2026-01-02T03:04:07Z'), invocation()])
    expect(heard.splice(0)).toEqual(['COPY', 'BEGIN', 'INSERT', 'COMMIT'])
    // A caller may hand in an id of its own, twice.
    await write([invocation({ id: '0f8fad5b-d9cb-469f-a165-70867728950e' })])
    expect(heard.splice(0)).toEqual(['BEGIN', 'INSERT', 'COMMIT'])
    const { rows } = await database.pool.query(
      `SELECT status, count(*)::int AS n FROM ${SCHEMA}.invocations GROUP BY 1 ORDER BY 1`,
    )
    expect(rows).toEqual([
      { status: 'completed', n: 3 },
      { status: 'running', n: 2 },
    ])
  })
})

import { readdirSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forSchema, migrateDown, migrateUp, migrationStatus } from '../../src/db/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

// Whatever migrations there are: numbered without a gap.
const NAMES = readdirSync('model/migrations')
  .filter(file => !file.endsWith('.down.sql'))
  .map(file => file.slice(0, -'.sql'.length))
  .sort()
const LAST = NAMES.at(-1) as string

describe('migrations', () => {
  it('are numbered without a gap', () => {
    expect(NAMES.map(name => Number(name.slice(0, 4)))).toEqual(NAMES.map((_, index) => index + 1))
  })
  let database: TestDatabase
  let directory: string

  beforeEach(async () => {
    database = await createTestDatabase({ migrated: false })
    directory = await mkdtemp(path.join(tmpdir(), 'migrations-'))
    await cp('model/migrations', directory, { recursive: true })
  })
  afterEach(async () => {
    await database.drop()
    await rm(directory, { recursive: true })
  })
  const options = () => ({ pool: database.pool, directory, schema: 'obs' })

  it('applies everything once, and nothing the second time', async () => {
    expect(await migrateUp(options())).toEqual(NAMES)
    expect(await migrateUp(options())).toEqual([])
    expect((await migrationStatus(options())).map(status => status.appliedAt)).toEqual(
      NAMES.map(() => expect.any(Date)),
    )
  })

  it('goes down to an empty schema and up again', async () => {
    await migrateUp(options())
    expect(await migrateDown(options(), NAMES.length)).toEqual([...NAMES].reverse())
    const { rows } = await database.pool.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'obs'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
       UNION SELECT proname FROM pg_proc WHERE pronamespace = 'obs'::regnamespace`,
    )
    expect(rows).toEqual([{ relname: 'schema_migrations' }])
    expect(await migrateUp(options())).toEqual(NAMES)
  })

  it('lets two processes start at once: one applies, the other finds it done', async () => {
    const results = await Promise.all([migrateUp(options()), migrateUp(options()), migrateUp(options())])
    expect(results.flat().sort()).toEqual(NAMES)
  })

  it('refuses a migration that was edited after it had been applied', async () => {
    await migrateUp(options())
    const file = path.join(directory, '0002-events.sql')
    await writeFile(file, `${await readFile(file, 'utf8')}\n-- changed`)
    await expect(migrateUp(options())).rejects.toMatchObject({
      code: 'MIGRATION_EDITED',
      message: expect.stringContaining('0002-events'),
    })
  })

  it('refuses a database that is newer than the program', async () => {
    await migrateUp(options())
    await rm(path.join(directory, `${LAST}.sql`))
    await expect(migrateUp(options())).rejects.toMatchObject({ code: 'MIGRATION_UNKNOWN' })
  })

  it('rolls a failing migration back and keeps the ones before it', async () => {
    await writeFile(path.join(directory, '0002-events.sql'), 'CREATE TABLE :"schema".half (); SELECT 1/0;')
    await expect(migrateUp(options())).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('division by zero'),
    })
    const { rows } = await database.pool.query(
      `SELECT to_regclass('obs.half') AS half, to_regclass('obs.invocations') AS kept`,
    )
    expect(rows).toEqual([{ half: null, kept: 'obs.invocations' }])
  })

  it('needs a down file for every migration', async () => {
    await rm(path.join(directory, `${LAST}.down.sql`))
    await expect(migrateUp(options())).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining(`${LAST}.down.sql`),
    })
  })

  it('quotes whatever name the schema has', () => {
    expect(forSchema(`CREATE SCHEMA :"schema" -- :'schema'`, `o"b's`)).toBe(`CREATE SCHEMA "o""b's" -- 'o"b''s'`)
  })
})

describe('partitions', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('puts a row into the day of its id, and rows of a day without partition move when it is made', async () => {
    const { pool } = database
    const insert = `INSERT INTO event_detector_observability.invocations (id, correlation_id, source_function)
      VALUES ($1, gen_random_uuid(), 'f') RETURNING tableoid::regclass::text AS partition`
    const idAt = async (at: string): Promise<string> => {
      const { rows } = await pool.query('SELECT event_detector_observability.uuid_v7_at($1)::text AS id', [at])
      return rows[0].id.replace(/.{12}$/, '000000000001')
    }
    const today = new Date().toISOString().slice(0, 10)
    const { rows: now } = await pool.query(insert, [await idAt(`${today}T12:00:00Z`)])
    expect(now[0].partition).toBe(`event_detector_observability.invocations_${today.replaceAll('-', '')}`)

    const old = await idAt('2020-02-03T23:59:59.999Z')
    const { rows: before } = await pool.query(insert, [old])
    expect(before[0].partition).toBe('event_detector_observability.invocations_default')
    const make = `SELECT event_detector_observability.ensure_partitions('2020-02-03', '2020-02-04') AS made`
    expect((await pool.query(make)).rows).toEqual([{ made: 8 }])
    expect((await pool.query(make)).rows).toEqual([{ made: 0 }])
    const { rows: after } = await pool.query(
      'SELECT tableoid::regclass::text AS partition FROM event_detector_observability.invocations WHERE id = $1',
      [old],
    )
    expect(after).toEqual([{ partition: 'event_detector_observability.invocations_20200203' }])
  })
})

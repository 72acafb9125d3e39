import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSchemaText } from '../../src/db/schema-text.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

describe('the database that the migrations make', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('is the one in model/schema.sql (after a new migration: npm run db:dump)', async () => {
    expect(await readSchemaText(database.pool, SCHEMA)).toBe(readFileSync('model/schema.sql', 'utf8'))
  })

  it('has the 175 columns of the unified event table, in the order and of the types of the list', async () => {
    const { rows } = await database.pool.query(
      `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      [`${SCHEMA}.events`],
    )
    const listed = readFileSync('model/unified-event.columns.csv', 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map(line => {
        // position,name,group,ts_type,suggested_postgres_type,…: only ts_type may be quoted.
        const [, name, , , type] = line.replace(/"[^"]*"/g, 'quoted').split(',')
        return { name, type: type === 'timestamptz' ? 'timestamp with time zone' : type }
      })
    expect(listed).toHaveLength(175)
    expect(rows).toEqual(listed)
  })
})

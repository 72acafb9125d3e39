import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BinaryType, copyBinary, NotBinaryError } from '../../src/db/copy-binary.ts'
import { copyFrom } from '../../src/db/copy-from.ts'
import type { Pool } from '../../src/db/pool.ts'
import { withClient } from '../../src/db/with-client.ts'
import { copyText } from '../support/copy-text.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const MANY = Array.from({ length: 300 }, (_, n) => n)
const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e'

const VALUES: Record<BinaryType, unknown[]> = {
  uuid: [
    UUID,
    UUID,
    UUID.toUpperCase(),
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '00000000-0000-0000-0000-000000000000',
  ],
  text: [
    '',
    'a\tb\\\n\r',
    '\\N',
    'ö 漢 😀',
    'short enough for the loop, but not ascii: é',
    'é'.repeat(48),
    'x'.repeat(47),
    'x'.repeat(48),
    'x'.repeat(49),
    '漢'.repeat(100_000),
    12.5,
    true,
    10n,
  ],
  timestamptz: [
    '2026-11-21T10:20:30.123456Z',
    '2026-11-21T10:20:30.123457Z',
    '2026-11-21T10:20:30.999999Z',
    '2026-11-21T10:20:31.000000Z',
    '1999-12-31T23:59:59.999999Z',
    '2000-01-01T00:00:00.000000Z',
    '1969-12-31T23:59:59.000001Z',
    '2200-12-31T23:59:59.999999Z',
    '2024-02-29T00:00:00Z',
    '2026-11-21T10:20:30.1Z',
    '2026-11-21T10:20:30.12345Z',
  ],
  date: ['2026-11-21', '2000-01-01', '1999-12-31', '2024-02-29', '0001-01-01', '9999-12-31'],
  jsonb: ['null', '{}', '[1, 2.50, "a\\nb", {"ö": null}]', `{"long": "${'y'.repeat(70_000)}"}`, '"\\ud83d\\ude00"'],
  bigint: [0, -1, Number.MAX_SAFE_INTEGER, '9223372036854775807', '-9223372036854775808', 12n, '007'],
  integer: [0, 1, -1, 255, 256, 2_147_483_647, -2_147_483_648],
  smallint: [0, -1, 128, 32_767, -32_768],
  'double precision': [0, -1.5, -1e-300, 1.7976931348623157e308, 0.1 + 0.2, Number.NaN, Number.POSITIVE_INFINITY],
  boolean: [true, false],
}

const NOT_BINARY: Partial<Record<BinaryType, unknown[]>> = {
  uuid: [
    '',
    'x',
    `{${UUID}}`,
    UUID.replaceAll('-', ''),
    UUID.replace('-', '0'),
    UUID.replace('f', 'g'),
    `ö${UUID.slice(1)}`,
    7,
  ],
  timestamptz: [
    'now',
    'infinity',
    '0001-01-01T00:00:00.000000Z',
    '9999-12-31T23:59:59.999999Z',
    '2026-02-30T10:20:30.000000Z',
    '2026-11-21T10:20:30.123456+02:00',
    '2026-11-21T10:20:30.12345xZ',
    '2026-11-21 10:20:30.123456Z',
    '2026-11-21T10:20:60.000000Z',
    '2026-11-21T10:20:30.1234567Z',
    new Date(),
  ],
  date: ['2026-02-30', '2026-1-1', 'today', 5],
  bigint: [1.5, 2 ** 53, '9223372036854775808', '1e3', ''],
  integer: [1.5, 2_147_483_648, Number.NaN, '1'],
  smallint: [32_768, -32_769],
  'double precision': ['1.5'],
  boolean: ['true', 1],
}

describe('the binary format of COPY', () => {
  let database: TestDatabase
  let pool: Pool
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false })
    pool = database.pool
  })
  afterAll(() => database.drop())

  async function stored(type: string, copy: { sql: string; chunks: Iterable<Uint8Array> }): Promise<unknown[]> {
    await pool.query(`DROP TABLE IF EXISTS copied; CREATE TABLE copied (n integer, value ${type})`)
    await withClient(pool, client => copyFrom(client, [copy]))
    // As text, so that nothing is rounded on the way back.
    return (await pool.query('SELECT n, value::text AS value FROM copied ORDER BY n')).rows
  }

  it.each(Object.entries(VALUES) as [BinaryType, unknown[]][])(
    '%s: stores what the text format stores',
    async (type, values) => {
      const rows = [...values, null, undefined].map((value, n) => ({ n, value }))
      const columns = [
        { name: 'n', type: 'integer' },
        { name: 'value', type },
      ] as const
      const binary = await stored(type, {
        sql: 'COPY copied (n, value) FROM STDIN (FORMAT binary)',
        chunks: copyBinary(columns, rows),
      })
      const text = await stored(type, {
        sql: 'COPY copied (n, value) FROM STDIN',
        chunks: [copyText(['n', 'value'], rows)],
      })
      expect(binary).toEqual(text)
      expect(binary).toHaveLength(rows.length)
    },
  )

  it.each(Object.entries(NOT_BINARY) as [BinaryType, unknown[]][])('%s: refuses what is none', (type, values) => {
    for (const value of values) {
      const encode = () => [...copyBinary([{ name: 'value', type }], [{ value }])]
      expect(encode, String(value)).toThrow(NotBinaryError)
      expect(encode).toThrow(`in column value is no ${type}`)
    }
  })

  it('is taken in many pieces, values of earlier rows among them', async () => {
    const rows = MANY.map(n => ({
      n,
      value: n % 3 === 0 ? UUID : `${UUID.slice(0, -3)}${100 + n}`,
      text: 'z'.repeat(n * 13),
    }))
    const columns = [
      { name: 'n', type: 'integer' },
      { name: 'value', type: 'uuid' },
      { name: 'text', type: 'text' },
    ] as const
    const chunks = [...copyBinary(columns, rows)]
    expect(chunks.length).toBeGreaterThan(5)
    await pool.query('DROP TABLE IF EXISTS copied; CREATE TABLE copied (n integer, value uuid, text text)')
    const sql = 'COPY copied (n, value, text) FROM STDIN (FORMAT binary)'
    await withClient(pool, client => copyFrom(client, [{ sql, chunks }]))
    expect((await pool.query('SELECT * FROM copied ORDER BY n')).rows).toEqual(rows)
  })

  it('leaves NUL to Postgres, which refuses it, and makes lone surrogates what they are in UTF-8: U+FFFD', async () => {
    const copy = (value: string) => ({
      sql: 'COPY copied (value) FROM STDIN (FORMAT binary)',
      chunks: copyBinary([{ name: 'value', type: 'text' }], [{ value }]),
    })
    await expect(stored('text', copy('a\0b'))).rejects.toMatchObject({ code: '22021' })
    expect(await stored('text', copy('a\ud800b'))).toEqual([{ n: null, value: 'a\uFFFDb' }])
    expect(await stored('text', copy(`${'long '.repeat(20)}\udc00`))).toEqual([
      { n: null, value: `${'long '.repeat(20)}\uFFFD` },
    ])
  })

  it('has no rows', async () => {
    const nothing = copyBinary([{ name: 'value', type: 'text' }], [])
    expect(await stored('text', { sql: 'COPY copied (value) FROM STDIN (FORMAT binary)', chunks: nothing })).toEqual([])
  })
})

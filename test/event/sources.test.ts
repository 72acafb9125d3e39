import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOtlpRequest } from '../../src/event/otlp/protobuf.ts'
import { itemsOf, SIGNALS } from '../../src/event/otlp/request.ts'
import { sources } from '../../src/event/registry.ts'
import { EVENT_COLUMNS, type UnifiedEvent } from '../../src/event/unified-event.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import { otlpBytes } from './otlp-bytes.ts'
import { RECEIVED_AT, readable, readFixtures, transform } from './support.ts'

const names = [...sources.keys()]

describe('the registry', () => {
  it('knows every source there is, and there is a fixture for each', () => {
    const files = (folder: string, end: string): string[] =>
      readdirSync(folder)
        .map(file => file.slice(0, -end.length))
        .sort()
    expect(files('src/event/sources', '.ts')).toEqual([...names].sort())
    expect(files('test/fixtures/events', '.json')).toEqual([...names].sort())
  })
})

describe.each(names)('%s', name => {
  it.each(readFixtures(name).map(fixture => [fixture.name, fixture] as const))('reads %s', (_, fixture) => {
    const { rows, refused } = transform(name, [fixture.input], fixture.context)
    expect(refused).toEqual([])
    expect(rows.map(readable)).toEqual(fixture.expected)
  })

  it('makes the same events of the same item, whenever it comes, and does not touch it', () => {
    for (const { input, context } of readFixtures(name)) {
      const before = structuredClone(input)
      const once = transform(name, [input], context).rows
      const later = transform(name, [structuredClone(input)], {
        ...context,
        receivedAt: '2026-11-23T00:00:00.000000Z',
      }).rows
      expect(later.map(row => [row.id, row.timestamp])).toEqual(once.map(row => [row.id, row.timestamp]))
      expect(input).toEqual(before)
    }
  })

  it('makes rows that the journal can hold', () => {
    for (const { input, context } of readFixtures(name)) {
      for (const row of transform(name, [input], context).rows) expect(JSON.parse(JSON.stringify(row))).toEqual(row)
    }
  })

  it('refuses what is nothing of its kind, and keeps the others', () => {
    const [fixture] = readFixtures(name)
    const good = fixture?.input
    const wrong = [null, 7, 'text', [], {}]
    const { rows, refused } = transform(name, [good, ...wrong, good], fixture?.context)
    expect(refused.map(item => item.index)).toEqual([1, 2, 3, 4, 5])
    for (const { code, message } of refused) {
      expect(code).toBe('EVENT_INVALID')
      expect(message).toMatch(/ (?:is|are|has|no) /)
    }
    expect(rows.length).toBeGreaterThanOrEqual(2)
  })
})

describe('row changes', () => {
  it('are refused when their operation has the name of what every object inherits', () => {
    const at = '2026-11-21T10:00:00.1'
    const items = ['constructor', 'toString'].flatMap(op => [
      { id: 'a3f1b2c4-0000-4000-8000-000000000001', created_at: at, table: { name: 't' }, event: { op, data: {} } },
      { op, source: { table: 't' }, ts_ms: 1e12 },
      { change: [{ kind: op, table: 't' }] },
    ])
    expect(transform('cdc', items).refused.map(({ index, code }) => [index, code])).toEqual(
      items.map((_, index) => [index, 'EVENT_INVALID']),
    )
  })
})

describe('items that have no key of their own', () => {
  const log = { resource: {}, scope: {}, item: { timeUnixNano: '1795252800000000000', body: { stringValue: 'tick' } } }

  it('are as many events as they are items, and the same ones when they come again', () => {
    const ids = transform('otlp-log', [log, log, log]).rows.map(row => row.id)
    expect(new Set(ids).size).toBe(3)
    expect(transform('otlp-log', [log, log, log]).rows.map(row => row.id)).toEqual(ids)
  })
})

describe('OTLP in protobuf', () => {
  it.each(Object.entries(SIGNALS))('gives the same rows as in JSON: %s', (signal, { source }) => {
    for (const { input, context, expected } of readFixtures(source)) {
      const bytes = otlpBytes(signal as keyof typeof SIGNALS, input as never)
      const items =
        itemsOf(signal as keyof typeof SIGNALS, readOtlpRequest(signal as keyof typeof SIGNALS, bytes)) ?? []
      const { rows, refused } = transform(source, items, context)
      expect(refused).toEqual([])
      expect(rows.map(readable)).toEqual(expected)
    }
  })
})

describe('stored', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('every event has in the table what it had, and is there once when it is written twice', async () => {
    const write = createWriteBatch(() => database.pool, SCHEMA)
    // Fixtures share ids, so that they are easy to read.
    const rows = names.flatMap(name =>
      readFixtures(name).flatMap(({ input, context }, index) =>
        transform(name, [input], context).rows.map(row => ({ ...row, id: `${row.id}/${index}` })),
      ),
    )
    const records = rows.map(row => ({ table: 'events' as const, row }))
    expect(await write(records)).toEqual([])
    expect(await write(records)).toEqual([])
    const stored =
      await database.pool.query(`SELECT to_jsonb(e) - ARRAY['day','hour','ingested_at','schema_version'] AS row,
      ingested_at, timestamp_ns::text, db_version::text, metric_count::text FROM ${SCHEMA}.events e`)
    expect(stored.rows).toHaveLength(rows.length)
    const byId = new Map(stored.rows.map(each => [each.row.id, each]))
    for (const row of rows) {
      const found = byId.get(row.id)
      expect(comparable({ ...found.row, ...exactNumbers(found) })).toEqual(comparable(readable(row)))
      expect(found.ingested_at).toEqual(new Date(RECEIVED_AT))
    }
  })
})

/** A row without empty columns, its times as milliseconds and its whole numbers as text. */
function comparable(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).filter(([, value]) => value !== null)
  return Object.fromEntries(
    entries.map(([column, value]) => {
      const type = EVENT_COLUMNS[column as keyof UnifiedEvent]
      if (type === 'timestamptz')
        return [
          column,
          String(value)
            .replace(/(?:\+00:00|Z)$/, '')
            .replace(/(\.\d*?)0+$/, '$1')
            .replace(/\.$/, ''),
        ]
      return [column, type === 'bigint' ? String(value) : value]
    }),
  )
}

// JSON on the way from Postgres to here has no room for these.
function exactNumbers({ timestamp_ns, db_version, metric_count }: Record<string, unknown>): Record<string, unknown> {
  return { timestamp_ns, db_version, metric_count }
}

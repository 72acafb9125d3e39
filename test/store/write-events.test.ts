import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EventRow } from '../../src/event/event-row.ts'
import { sources } from '../../src/event/registry.ts'
import { eventJson } from '../../src/event-query/event-json.ts'
import { exactNumbers } from '../../src/event-query/exact-numbers.ts'
import { EventEncoder } from '../../src/store/encoded-events.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createWriteEvents, type WriteEvents } from '../../src/store/write-events.ts'
import { readFixtures, transform } from '../event/support.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

const plain: EventRow = {
  id: 'plain',
  event_type: 'log',
  event_name: 'app.log',
  ns: 'shop',
  timestamp: '2026-11-21T10:20:30.000000Z',
}
const odd: EventRow = {
  ...plain,
  id: 'odd',
  event_name: 'odd "name"\n\u2028 é 😀',
  started_at: '2026-11-21T10:20:30.120000Z',
  ended_at: '1999-12-31T23:59:59.999999Z',
  timestamp_ns: '1795252830120000001',
  http_response_size: 9_007_199_254_740_991,
  duration_ms: 1e-7,
  metric_value: Number.NaN,
  metric_max: Number.POSITIVE_INFINITY,
  metric_sum: -1.5e300,
  is_root: false,
  depth: -1,
  log_level_num: -3,
  day: '2026-11-21',
  data: '{"a":null,"b":"9007199254740993","c":[1,2.5]}',
  log_message: '',
}

describe('writing events', () => {
  let database: TestDatabase
  let write: WriteEvents
  const encoder = new EventEncoder()
  const encode = (rows: readonly EventRow[]) => rows.map(row => encoder.encodeRow(row))

  beforeAll(async () => {
    database = await createTestDatabase()
    write = createWriteEvents(() => database.pool, SCHEMA, {
      writeBatch: createWriteBatch(() => database.pool, SCHEMA),
    })
  })
  afterAll(() => database.drop())
  beforeEach(() => database.pool.query(`TRUNCATE ${SCHEMA}.events, ${SCHEMA}.quarantined_rows`))

  const stored = async (): Promise<Map<string, unknown>> => {
    const json = await eventJson(database.pool, SCHEMA)
    const { rows } = await database.pool.query<{ id: string; json: string }>(
      `SELECT e.id, ${json} AS json FROM ${SCHEMA}.events e ORDER BY e.id`,
    )
    return new Map(rows.map(row => [row.id, JSON.parse(exactNumbers(row.json))]))
  }

  it('of every kind in one batch stores what their rows say, and what the live stream sends', async () => {
    const rows = [plain, odd]
    for (const name of sources.keys()) {
      for (const { input, context } of readFixtures(name)) rows.push(...transform(name, [input], context).rows)
    }
    // Some longer than all that is sent in one piece, most with columns that others lack.
    for (const length of [60_000, 70_000, 200_000]) {
      rows.push({ ...odd, id: `long-${length}`, db_after: `{"text":"${'é'.repeat(length)}"}` })
    }
    const byId = new Map(rows.map(row => [row.id, row]))
    const events = encode([...byId.values()])
    expect(await write(events)).toEqual([])
    const read = await stored()
    expect(read.size).toBe(byId.size)
    for (const event of events) {
      expect(JSON.parse(event.json)).toEqual(read.get(event.id))
      // What the journal or another try to write it gets.
      const row = byId.get(event.id) as EventRow
      const entries = Object.entries(row).filter(([, value]) => value !== null && value !== undefined)
      const back = event.toRow() as Record<string, unknown>
      for (const [column, value] of entries) {
        const isWhole = typeof value === 'string' && /^-?\d+$/.test(value)
        expect(isWhole ? String(back[column]) : back[column], column).toEqual(value)
      }
      expect(Object.keys(back)).toHaveLength(entries.length)
    }
  })

  it('that are stored already changes nothing, and stores the others', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => ({ ...plain, id: `e-${n}` }))
    await write(encode(rows.slice(5, 8)))
    const changed = rows.map(row => ({ ...row, event_name: 'changed' }))
    expect(await write(encode(changed))).toEqual([])
    const names = [...(await stored()).values()].map(event => (event as EventRow).event_name)
    expect(names.filter(name => name === 'app.log')).toHaveLength(3)
    expect(names.filter(name => name === 'changed')).toHaveLength(17)
  })

  it('with values that have no binary form leaves the judgement to Postgres, and concerns no others', async () => {
    const events = encode([
      plain,
      { ...plain, id: 'other form', started_at: '2026-11-21 10:20:30+01' },
      { ...plain, id: 'no number', log_level_num: 99_999 },
    ])
    const refused = await write(events)
    expect(refused).toEqual([{ event: events[2], message: expect.stringContaining('smallint') as string }])
    const read = await stored()
    expect([...read.keys()]).toEqual(['other form', 'plain'])
    expect(read.get('other form')).toMatchObject({ started_at: '2026-11-21T09:20:30+00:00' })
    const { rows } = await database.pool.query(`SELECT row_id FROM ${SCHEMA}.quarantined_rows`)
    expect(rows).toEqual([{ row_id: 'no number' }])
  })

  it('that Postgres refuses keeps those in quarantine and stores the others', async () => {
    const rows = Array.from({ length: 9 }, (_, n) => ({ ...plain, id: `e-${n}`, db_after: n === 4 ? '{broken' : '{}' }))
    const refused = await write(encode(rows))
    expect(refused.map(({ event }) => event.id)).toEqual(['e-4'])
    expect([...(await stored()).keys()]).toHaveLength(8)
    const { rows: kept } = await database.pool.query(`SELECT row_id FROM ${SCHEMA}.quarantined_rows`)
    expect(kept).toEqual([{ row_id: 'e-4' }])
  })
})

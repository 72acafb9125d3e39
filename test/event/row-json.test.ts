import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Announcement, announce } from '../../src/event/announcement.ts'
import type { EventRow } from '../../src/event/event-row.ts'
import { OwnBatches } from '../../src/event/own-batches.ts'
import { sources } from '../../src/event/registry.ts'
import { rowEvent, rowJson } from '../../src/event/row-json.ts'
import { eventJson } from '../../src/event-query/event-json.ts'
import { exactNumbers } from '../../src/event-query/exact-numbers.ts'
import { startFeed } from '../../src/live/feed.ts'
import { Hub } from '../../src/live/hub.ts'
import { silentLogger } from '../../src/log.ts'
import { EventEncoder } from '../../src/store/encoded-events.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { createWriteEvents } from '../../src/store/write-events.ts'
import { readFixtures, transform } from '../event/support.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

describe('events that this process stored itself', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  const odd: EventRow = {
    id: 'odd',
    event_type: 'log',
    event_name: 'odd "name"\n\u2028 é 😀',
    ns: 'test',
    timestamp: '2026-11-21T10:20:30.000000Z',
    started_at: '2026-11-21T10:20:30.120000Z',
    ended_at: '2026-11-21T10:20:30Z',
    timestamp_ns: '1795252830120000001',
    http_response_size: 9_007_199_254_740_991,
    duration_ms: 1e-7,
    metric_value: Number.NaN,
    metric_max: Number.POSITIVE_INFINITY,
    metric_sum: 1.5e300,
    is_root: false,
    depth: 0,
    day: '2026-11-21',
    hour: 10,
    data: '{"a":null,"b":"9007199254740993","c":[1,2.5]}',
    log_message: '',
  }

  it('are sent as reading them back would give, of every source', async () => {
    const rows = [odd]
    for (const name of sources.keys()) {
      for (const { input, context } of readFixtures(name)) rows.push(...transform(name, [input], context).rows)
    }
    const byId = new Map(rows.map(row => [row.id, row]))
    const write = createWriteBatch(() => database.pool, SCHEMA)
    expect(await write([...byId.values()].map(row => ({ table: 'events', row })))).toEqual([])
    const json = await eventJson(database.pool, SCHEMA)
    const { rows: read } = await database.pool.query<{ id: string; json: string }>(
      `SELECT e.id, ${json} AS json FROM ${SCHEMA}.events e`,
    )
    expect(read.length).toBe(byId.size)
    for (const { id, json } of read) {
      expect(JSON.parse(rowJson(byId.get(id) as EventRow))).toEqual(JSON.parse(exactNumbers(json)))
    }
  })

  it('reach the hub by their announcement, without a look at the table, and others are read', async () => {
    const hub = new Hub()
    const sent: string[] = []
    const reader = hub.read(
      {
        send: events => {
          sent.push(...events.map(event => event.id))
          return events.length
        },
        lagged: () => {},
        whenDrained: () => {},
      },
      {},
    )
    reader.subscribe([{ topic: 'test', filter: {}, namespaces: null }])
    const ownBatches = new OwnBatches()
    let reads = 0
    const pool = new Proxy(database.pool, {
      get(target, name) {
        if (name === 'query') reads++
        const value = Reflect.get(target, name) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const options = { hub, connectionString: database.url, schema: SCHEMA, logger: silentLogger }
    const feed = await startFeed({ ...options, pool, ownBatches })
    reads = 0
    // One for all: an event is known by its id and its time.
    const timestamp = new Date().toISOString()
    const record = (id: string) => ({ table: 'events' as const, row: { ...odd, id, timestamp } })
    await createWriteBatch(() => database.pool, SCHEMA, { ownBatches })([record('own')])
    await expect.poll(() => sent).toEqual(['own'])
    const write = createWriteEvents(() => database.pool, SCHEMA, {
      writeBatch: createWriteBatch(() => database.pool, SCHEMA),
      ownBatches,
    })
    await write([new EventEncoder().encodeRow(record('own, encoded').row)])
    await expect.poll(() => sent).toEqual(['own', 'own, encoded'])
    expect(reads).toBe(0)
    sent.length = 0
    // One that was stored before: nobody knows without asking which of its rows are new.
    await createWriteBatch(() => database.pool, SCHEMA, { ownBatches })([record('own'), record('again')])
    await expect.poll(() => sent).toEqual(['again'])
    await createWriteBatch(() => database.pool, SCHEMA)([record('of another process')])
    await expect.poll(() => sent).toEqual(['again', 'of another process'])
    expect(reads).toBe(2)
    await feed.close()
    hub.close()
  })

  it('are named in an announcement only when one says it all, and forgotten when nobody hears of them', () => {
    const spread = Array.from({ length: 200 }, (_, n) => n * 10_000)
    const named = (times: number[]): (string | undefined)[] =>
      (announce(SCHEMA, times, 'b') as Announcement[]).map(({ batch }) => batch)
    expect(named([1, 2, 3])).toEqual(['b'])
    expect(named(spread)).toEqual([undefined, undefined])
    const batches = new OwnBatches()
    const event = rowEvent(odd)
    const first = batches.add([event])
    for (let n = 0; n < 100; n++) batches.add([event])
    expect(batches.take(first)).toBeUndefined()
    const last = batches.add([event])
    expect(batches.take(last)).toEqual([event])
    expect(batches.take(last)).toBeUndefined()
  })
})

import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPool } from '../../src/db/pool.ts'
import {
  createEventDispatcher,
  type EventDispatcher,
  type EventDispatcherOptions,
} from '../../src/hasura/event-triggers/dispatcher.ts'
import { installEventTriggers } from '../../src/hasura/event-triggers/install.ts'
import type { HasuraMetadata, MetadataEventTrigger } from '../../src/hasura/metadata.ts'
import type { Logger } from '../../src/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts'

const ALL: MetadataEventTrigger['definition'] = {
  enable_manual: false,
  insert: { columns: '*' },
  update: { columns: '*' },
  delete: { columns: '*' },
}

let database: TestDatabase
let receiver: WebhookReceiver
let dispatchers: EventDispatcher[]

beforeEach(async () => {
  dispatchers = []
  database = await createTestDatabase({ migrated: false })
  receiver = await startWebhookReceiver()
  await database.pool.query(`
    CREATE TABLE public.things (id int PRIMARY KEY, name text, note json, amount numeric, big bigint);
    CREATE TABLE public."odd ""Table" ("the Id" int PRIMARY KEY, "it's" text);
    CREATE SCHEMA other; CREATE TABLE other.things (id int PRIMARY KEY);`)
})
afterEach(async () => {
  await Promise.all(dispatchers.map(dispatcher => dispatcher.stop()))
  await receiver.close()
  await database.drop()
})

function metadataWith(...triggers: (Partial<MetadataEventTrigger> & { table?: { schema: string; name: string } })[]) {
  const tables = triggers.map(({ table = { schema: 'public', name: 'things' }, ...trigger }) => ({
    table,
    event_triggers: [{ name: 'things_all', definition: ALL, webhook: receiver.url, ...trigger }],
  }))
  return { sources: [{ name: 'shop', kind: 'postgres', tables }] } as unknown as HasuraMetadata
}

const install = (metadata: HasuraMetadata) =>
  installEventTriggers({ pool: database.pool, metadata, sourceName: 'shop' })

async function dispatch(metadata: HasuraMetadata, options: Partial<EventDispatcherOptions> = {}) {
  const dispatcher = createEventDispatcher({
    pool: database.pool,
    connectionString: database.url,
    metadata,
    sourceName: 'shop',
    ...options,
  })
  dispatchers.push(dispatcher)
  await dispatcher.start()
  return dispatcher
}

/** Installs and delivers; the usual start of a test. */
async function deliver(...triggers: Parameters<typeof metadataWith>): Promise<EventDispatcher> {
  const metadata = metadataWith(...triggers)
  await install(metadata)
  return dispatch(metadata)
}

const sql = (text: string, values?: unknown[]) => database.pool.query(text, values)
const datas = () => receiver.deliveries.map(({ body }) => body.event.data)
const row = { name: null, note: null, amount: null, big: null }

describe('what is delivered', () => {
  it('delivers an insert, an update and a delete as Hasura does', async () => {
    const dispatcher = await deliver({})
    await sql(`INSERT INTO things (id, name) VALUES (1, 'one')`)
    await receiver.waitFor(1)
    await sql(`UPDATE things SET name = 'two' WHERE id = 1`)
    await receiver.waitFor(2)
    await sql('DELETE FROM things')
    await receiver.waitFor(3)
    await dispatcher.idle()
    expect(receiver.deliveries.map(({ body }) => body)).toEqual(
      [
        { op: 'INSERT', data: { old: null, new: { ...row, id: 1, name: 'one' } } },
        { op: 'UPDATE', data: { old: { ...row, id: 1, name: 'one' }, new: { ...row, id: 1, name: 'two' } } },
        { op: 'DELETE', data: { old: { ...row, id: 1, name: 'two' }, new: null } },
      ].map(event => ({
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
        delivery_info: { current_retry: 0, max_retries: 0 },
        event: { ...event, session_variables: null, trace_context: null },
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        table: { schema: 'public', name: 'things' },
        trigger: { name: 'things_all' },
      })),
    )
    const [first] = receiver.deliveries
    expect(Math.abs(Date.parse(`${first?.body.created_at}Z`) - Date.now())).toBeLessThan(60_000)
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^hasura-graphql-engine\//),
    })
    expect(first?.headers.traceparent).toBeUndefined()
  })

  it('delivers at once, not at the next poll', async () => {
    const metadata = metadataWith({})
    await install(metadata)
    await dispatch(metadata, { pollIntervalMs: 60_000 })
    const started = Date.now()
    await sql('INSERT INTO things (id) VALUES (1)')
    await receiver.waitFor(1)
    expect(Date.now() - started).toBeLessThan(30_000)
  })

  it('delivers only the operations and payload columns that the trigger names', async () => {
    const definition = {
      enable_manual: false,
      insert: { columns: '*' as const, payload: ['id', 'name'] },
      delete: { columns: '*' as const, payload: ['name'] },
    }
    const dispatcher = await deliver({ definition })
    await sql(`INSERT INTO things (id, name, big) VALUES (1, 'one', 7)`)
    await receiver.waitFor(1)
    await sql('UPDATE things SET big = 8')
    await sql('DELETE FROM things')
    await receiver.waitFor(2)
    await dispatcher.idle()
    expect(datas()).toEqual([
      { old: null, new: { id: 1, name: 'one' } },
      { old: { name: 'one' }, new: null },
    ])
  })

  it('delivers an update only when a listed column changed, with all columns', async () => {
    const dispatcher = await deliver({ definition: { enable_manual: false, update: { columns: ['name', 'note'] } } })
    await sql(`INSERT INTO things (id, name, big) VALUES (1, 'one', 7)`)
    await sql('UPDATE things SET big = 8')
    await sql(`UPDATE things SET name = 'two'`)
    await dispatcher.idle()
    expect(datas()).toEqual([
      { old: { ...row, id: 1, name: 'one', big: 8 }, new: { ...row, id: 1, name: 'two', big: 8 } },
    ])
  })

  it('delivers no update that changes nothing, also where a column is json', async () => {
    const dispatcher = await deliver({})
    await sql(`INSERT INTO things (id, name, note) VALUES (1, 'one', '{"a": 1}')`)
    await receiver.waitFor(1)
    await sql(`UPDATE things SET name = 'one', note = '{"a": 1}'`)
    await dispatcher.idle()
    expect(receiver.deliveries).toHaveLength(1)
    await sql(`UPDATE things SET note = '{"a": 2}'`)
    await receiver.waitFor(2)
    await sql('UPDATE things SET note = NULL')
    await receiver.waitFor(3)
    await dispatcher.idle()
    expect(datas().map(data => data.new.note)).toEqual([{ a: 1 }, { a: 2 }, null])
  })

  it('keeps every digit of bigint and numeric', async () => {
    await deliver({})
    await sql('INSERT INTO things (id, big, amount) VALUES (1, 9007199254740993, 0.1000000000000000000001)')
    await receiver.waitFor(1)
    expect(receiver.deliveries[0]?.text).toContain('"big":9007199254740993')
    expect(receiver.deliveries[0]?.text).toContain('"amount":0.1000000000000000000001')
  })

  it('passes on session variables and trace context of the transaction, and only of it', async () => {
    await deliver({})
    const client = await database.pool.connect()
    const user = { 'x-hasura-role': 'user', 'x-hasura-user-id': '7' }
    const trace = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331', sampling_state: '1' }
    await client.query('BEGIN')
    await client.query(`SELECT set_config('hasura.user', $1, true), set_config('hasura.tracecontext', $2, true)`, [
      JSON.stringify(user),
      JSON.stringify(trace),
    ])
    await client.query('INSERT INTO things (id) VALUES (1)')
    await client.query('COMMIT')
    await receiver.waitFor(1)
    await client.query('INSERT INTO things (id) VALUES (2)')
    await receiver.waitFor(2)
    await client.query(`BEGIN; SET LOCAL hasura."user" = 'not json'; SET LOCAL hasura.tracecontext = '[1]'`)
    await client.query('INSERT INTO things (id) VALUES (3); COMMIT')
    client.release()
    await receiver.waitFor(3)
    expect(receiver.deliveries.map(({ body }) => body.event)).toMatchObject([
      { session_variables: user, trace_context: trace },
      { session_variables: null, trace_context: null },
      { session_variables: null, trace_context: null },
    ])
    expect(receiver.deliveries.map(({ headers }) => headers.traceparent)).toEqual([
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      undefined,
      undefined,
    ])
  })

  it('delivers nothing of a transaction that was rolled back', async () => {
    const dispatcher = await deliver({})
    const client = await database.pool.connect()
    await client.query('BEGIN; INSERT INTO things (id) VALUES (1); ROLLBACK')
    await client.query('INSERT INTO things (id) VALUES (2)')
    client.release()
    await receiver.waitFor(1)
    await dispatcher.idle()
    expect(datas().map(data => data.new.id)).toEqual([2])
  })

  it('serves odd names, equal table names in two schemas, and partitioned tables', async () => {
    await sql(`CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
      CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`)
    const name = `${'ä'.repeat(60)}$body$'"`
    const dispatcher = await deliver(
      { name: `${name}1`, table: { schema: 'public', name: 'odd "Table' } },
      { name: `${name}2`, table: { schema: 'other', name: 'things' } },
      { name: 'parted', table: { schema: 'public', name: 'parted' } },
    )
    await sql(`INSERT INTO "odd ""Table" VALUES (1, 'yes')`)
    await sql('INSERT INTO other.things VALUES (2)')
    await sql(`INSERT INTO parted VALUES (3, '2024-05-05')`)
    await sql('INSERT INTO things (id) VALUES (4)')
    await receiver.waitFor(3)
    await dispatcher.idle()
    const seen = receiver.deliveries.map(({ body }) => [body.trigger.name, body.table.name, body.event.data.new])
    expect(seen.sort()).toEqual(
      [
        [`${name}1`, 'odd "Table', { 'the Id': 1, "it's": 'yes' }],
        [`${name}2`, 'things', { id: 2 }],
        ['parted', 'parted', { id: 3, day: '2024-05-05' }],
      ].sort(),
    )
  })

  it('records the changes of a role that has no rights on our schema', async () => {
    await deliver({})
    await sql(`DO $$ BEGIN CREATE ROLE things_writer; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT INSERT ON things TO things_writer`)
    const client = await database.pool.connect()
    await client.query('SET ROLE things_writer; INSERT INTO things (id) VALUES (1); RESET ROLE')
    client.release()
    await receiver.waitFor(1)
    await sql('DROP OWNED BY things_writer')
  })

  it('sends configured headers and resolves webhooks from the environment', async () => {
    const metadata = metadataWith(
      {
        name: 'from_env',
        webhook_from_env: 'HOOK',
        headers: [
          { name: 'X-Fixed', value: 'a' },
          { name: 'X-From-Env', value_from_env: 'SECRET' },
        ],
      },
      { name: 'template', table: { schema: 'other', name: 'things' }, webhook: '{{HOOK}}/sub' },
    )
    await install(metadata)
    await dispatch(metadata, { environment: { HOOK: receiver.url, SECRET: 'b' } })
    await sql('INSERT INTO things (id) VALUES (1); INSERT INTO other.things VALUES (2)')
    await receiver.waitFor(2)
    const fromEnv = receiver.deliveries.find(({ body }) => body.trigger.name === 'from_env')
    expect(fromEnv?.headers).toMatchObject({ 'x-fixed': 'a', 'x-from-env': 'b' })
    const broken = createEventDispatcher({
      pool: database.pool,
      connectionString: database.url,
      metadata,
      sourceName: 'shop',
    })
    await expect(broken.start()).rejects.toMatchObject({
      code: 'METADATA_INVALID',
      message: expect.stringMatching(/from_env.*HOOK.*from_env.*SECRET.*template.*HOOK/s),
    })
  })
})

describe('installing', () => {
  it('changes nothing the second time, and removes what left the metadata', async () => {
    const metadata = metadataWith({}, { name: 'other', table: { schema: 'other', name: 'things' } })
    expect(await install(metadata)).toEqual({ installed: 6, unchanged: 0, removed: 0 })
    expect(await install(metadata)).toEqual({ installed: 0, unchanged: 6, removed: 0 })
    await sql('INSERT INTO other.things VALUES (1)')
    const smaller = metadataWith({ definition: { enable_manual: false, insert: { columns: '*', payload: ['id'] } } })
    expect(await install(smaller)).toEqual({ installed: 1, unchanged: 0, removed: 5 })
    const { rows } = await sql(`SELECT count(*)::int AS triggers FROM pg_trigger WHERE NOT tgisinternal
      AND tgname NOT LIKE 'RI_%'`)
    expect(rows).toEqual([{ triggers: 1 }])
    const dispatcher = await dispatch(smaller)
    await sql(`INSERT INTO other.things VALUES (2); INSERT INTO things (id, name) VALUES (3, 'x')`)
    await receiver.waitFor(1)
    await dispatcher.idle()
    expect(datas()).toEqual([{ old: null, new: { id: 3 } }])
  })

  it('can be done by several processes at once', async () => {
    const metadata = metadataWith({})
    const results = await Promise.all([install(metadata), install(metadata), install(metadata)])
    expect(results.map(({ installed }) => installed).sort()).toEqual([0, 0, 3])
  })

  it('leaves the triggers of another source in the same database alone', async () => {
    await install(metadataWith({}))
    const metadata = metadataWith({ table: { schema: 'other', name: 'things' } })
    const renamed = { sources: [{ ...metadata.sources[0], name: 'second' }] } as HasuraMetadata
    await installEventTriggers({ pool: database.pool, metadata: renamed, sourceName: 'second' })
    expect(await install(metadataWith({}))).toEqual({ installed: 0, unchanged: 3, removed: 0 })
  })

  it('survives that a watched table was dropped and made again', async () => {
    await install(metadataWith({}))
    await sql('DROP TABLE things; CREATE TABLE things (id int PRIMARY KEY)')
    expect(await install(metadataWith({}))).toEqual({ installed: 3, unchanged: 0, removed: 0 })
    await dispatch(metadataWith({}))
    await sql('INSERT INTO things VALUES (1)')
    await receiver.waitFor(1)
  })

  it('refuses a database whose changes a Hasura delivers', async () => {
    await sql('CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.event_log ()')
    await expect(install(metadataWith({}))).rejects.toMatchObject({
      code: 'EVENT_TRIGGERS_UNSUPPORTED',
      message: expect.stringContaining('hdb_catalog.event_log'),
    })
    expect((await sql(`SELECT to_regnamespace('hasura_event_delivery') AS made`)).rows).toEqual([{ made: null }])
  })

  it('names every table and column that is not there', async () => {
    await sql('CREATE VIEW seen AS SELECT 1 AS id')
    const metadata = metadataWith(
      { name: 'a', table: { schema: 'public', name: 'nothing' } },
      { name: 'b', definition: { enable_manual: false, update: { columns: ['nope'], payload: ['neither'] } } },
      { name: 'c', table: { schema: 'public', name: 'seen' } },
    )
    await expect(install(metadata)).rejects.toMatchObject({
      code: 'METADATA_INVALID',
      message: expect.stringMatching(/public\.nothing.*nope.*neither.*public\.seen/s),
    })
  })
})

describe('retries', () => {
  const attempts = async () =>
    (await sql('SELECT retry, status, error, response FROM hasura_event_delivery.invocation_log ORDER BY retry')).rows

  it('tries again after a failure, with the same id and the number of the retry', async () => {
    receiver.reply = ({ body }) => (body.delivery_info.current_retry === 0 ? { status: 500, body: 'no\0t yet' } : {})
    const dispatcher = await deliver({ retry_conf: { num_retries: 3, interval_sec: 1, timeout_sec: 5 } })
    await sql('INSERT INTO things (id) VALUES (1)')
    await receiver.waitFor(2)
    await dispatcher.idle()
    const [first, second] = receiver.deliveries
    expect(second?.body.id).toBe(first?.body.id)
    expect(second?.body.created_at).toBe(first?.body.created_at)
    expect(second?.body.delivery_info).toEqual({ current_retry: 1, max_retries: 3 })
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990)
    expect(await attempts()).toEqual([
      { retry: 0, status: 500, error: null, response: 'not yet' },
      { retry: 1, status: 200, error: null, response: '' },
    ])
    const { rows } = await sql(`SELECT tries, delivered_at IS NOT NULL AS delivered, given_up_at, due_at, leased_by
      FROM hasura_event_delivery.event_log`)
    expect(rows).toEqual([{ tries: 2, delivered: true, given_up_at: null, due_at: null, leased_by: null }])
  })

  it('gives up when the retries are used up', async () => {
    receiver.reply = () => ({ status: 404 })
    const dispatcher = await deliver({ retry_conf: { num_retries: 2, interval_sec: 0, timeout_sec: 5 } })
    await sql('INSERT INTO things (id) VALUES (1)')
    await dispatcher.idle()
    expect(receiver.deliveries.map(({ body }) => body.delivery_info.current_retry)).toEqual([0, 1, 2])
    const { rows } = await sql(`SELECT tries, delivered_at, given_up_at IS NOT NULL AS given_up
      FROM hasura_event_delivery.event_log`)
    expect(rows).toEqual([{ tries: 3, delivered_at: null, given_up: true }])
  })

  it('does not retry without retry_conf, and takes every 2xx for success', async () => {
    receiver.reply = ({ body }) => ({ status: body.event.data.new.id === 1 ? 204 : 302 })
    const dispatcher = await deliver({})
    await sql('INSERT INTO things (id) VALUES (1), (2)')
    await dispatcher.idle()
    expect(receiver.deliveries).toHaveLength(2)
    const { rows } = await sql(`SELECT delivered_at IS NOT NULL AS delivered, given_up_at IS NOT NULL AS given_up
      FROM hasura_event_delivery.event_log ORDER BY position`)
    expect(rows).toEqual([
      { delivered: true, given_up: false },
      { delivered: false, given_up: true },
    ])
  })

  it('takes no answer within the timeout for a failure', async () => {
    receiver.reply = ({ body }) => (body.delivery_info.current_retry === 0 ? { afterMs: 3_000 } : {})
    const dispatcher = await deliver({ retry_conf: { num_retries: 1, interval_sec: 0, timeout_sec: 1 } })
    await sql('INSERT INTO things (id) VALUES (1)')
    await receiver.waitFor(2)
    await dispatcher.idle()
    expect(await attempts()).toEqual([
      { retry: 0, status: null, error: 'no answer within 1 s', response: null },
      { retry: 1, status: 200, error: null, response: '' },
    ])
  })

  it('waits as long as Retry-After says, even when no retries are left', async () => {
    receiver.reply = ({ body }) =>
      body.delivery_info.current_retry === 0 ? { status: 429, headers: { 'retry-after': '1' } } : {}
    const dispatcher = await deliver({ retry_conf: { num_retries: 0, interval_sec: 60, timeout_sec: 5 } })
    await sql('INSERT INTO things (id) VALUES (1)')
    await receiver.waitFor(2)
    await dispatcher.idle()
    const [first, second] = receiver.deliveries
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990)
    expect(second?.body.delivery_info).toEqual({ current_retry: 1, max_retries: 0 })
  })

  it('says why nobody could be reached', async () => {
    const dispatcher = await deliver({ webhook: 'http://127.0.0.1:1/hook' })
    await sql('INSERT INTO things (id) VALUES (1)')
    await dispatcher.idle()
    expect(await attempts()).toMatchObject([{ status: null, error: expect.stringContaining('ECONNREFUSED') }])
  })
})

describe('several dispatchers, restarts, outages', () => {
  it('delivers at once what a killed dispatcher had taken', async () => {
    const metadata = metadataWith({})
    await install(metadata)
    await sql('INSERT INTO things (id) VALUES (1)')
    await sql(`UPDATE hasura_event_delivery.event_log
      SET leased_by = gen_random_uuid(), due_at = now() + interval '1 hour'`)
    const dispatcher = await dispatch(metadata)
    await receiver.waitFor(1)
    await dispatcher.idle()
    expect(receiver.deliveries.map(({ body }) => body.delivery_info.current_retry)).toEqual([0])
  })

  it('leaves a living dispatcher its events until their lease ends', async () => {
    const metadata = metadataWith({ retry_conf: { num_retries: 0, interval_sec: 10, timeout_sec: 0.2 } })
    await install(metadata)
    await sql('INSERT INTO things (id) VALUES (1)')
    const other = randomUUID()
    const living = createPool({ connectionString: database.url, max: 1, applicationName: `event dispatcher ${other}` })
    await living.query('SELECT 1')
    await sql(`UPDATE hasura_event_delivery.event_log
      SET leased_by = '${other}', due_at = now() + interval '1500 ms'`)
    const dispatcher = await dispatch(metadata, { pollIntervalMs: 50 })
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(receiver.deliveries).toHaveLength(0)
    await receiver.waitFor(1)
    await dispatcher.idle()
    await living.end()
  })

  it('hands back on stop what it cannot finish, and the next dispatcher delivers it at once', async () => {
    let answers: (() => void) | undefined
    receiver.reply = () =>
      answers
        ? {}
        : new Promise(resolve => {
            answers = () => resolve({})
          })
    const metadata = metadataWith({})
    await install(metadata)
    const first = await dispatch(metadata, { stopTimeoutMs: 100 })
    await sql('INSERT INTO things (id) VALUES (1)')
    await receiver.waitFor(1)
    await first.stop()
    const second = await dispatch(metadata)
    await receiver.waitFor(2)
    await second.idle()
    answers?.()
    expect(receiver.deliveries[1]?.body.id).toBe(receiver.deliveries[0]?.body.id)
  })

  it('waits on stop for a delivery in flight', async () => {
    receiver.reply = () => ({ afterMs: 300 })
    const dispatcher = await deliver({})
    await sql('INSERT INTO things (id) VALUES (1)')
    await receiver.waitFor(1)
    await dispatcher.stop()
    const { rows } = await sql('SELECT delivered_at IS NOT NULL AS delivered FROM hasura_event_delivery.event_log')
    expect(rows).toEqual([{ delivered: true }])
  })

  it('delivers each event once when two dispatchers work', async () => {
    const metadata = metadataWith({})
    await install(metadata)
    const both = await Promise.all([dispatch(metadata), dispatch(metadata)])
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        sql('INSERT INTO things (id) SELECT n FROM generate_series($1::int, $2::int) n', [i * 30, i * 30 + 29]),
      ),
    )
    await receiver.waitFor(300)
    await Promise.all(both.map(dispatcher => dispatcher.idle()))
    expect(receiver.deliveries).toHaveLength(300)
    expect(new Set(receiver.deliveries.map(({ body }) => body.id)).size).toBe(300)
  })

  it('keeps no more deliveries in flight than allowed', async () => {
    let open = 0
    let most = 0
    receiver.reply = async () => {
      most = Math.max(most, ++open)
      await new Promise(resolve => setTimeout(resolve, 20))
      open--
      return {}
    }
    const metadata = metadataWith({})
    await install(metadata)
    const dispatcher = await dispatch(metadata, { maxInFlight: 5 })
    await sql('INSERT INTO things (id) SELECT n FROM generate_series(1, 40) n')
    await dispatcher.idle()
    expect(receiver.deliveries).toHaveLength(40)
    expect(most).toBe(5)
  })

  it('keeps quiet while the database is away, and marks afterwards what it delivered meanwhile', async () => {
    const lines: string[] = []
    const line = (_: object, message: string): void => void lines.push(message)
    const logger: Logger = { debug() {}, info: line, warn: line, error: line }
    let answer: (() => void) | undefined
    receiver.reply = () =>
      new Promise(resolve => {
        answer = () => resolve({})
      })
    const metadata = metadataWith({ retry_conf: { num_retries: 0, interval_sec: 1, timeout_sec: 20 } })
    await install(metadata)
    // The database "goes away" for this pool only: every statement fails as if the server were shutting down.
    let away = false
    const query = (...parameters: unknown[]) =>
      away
        ? Promise.reject(Object.assign(new Error('the database system is shutting down'), { code: '57P03' }))
        : (database.pool.query as (...all: unknown[]) => unknown)(...parameters)
    const pool = new Proxy(database.pool, {
      get: (target, key) => (key === 'query' ? query : Reflect.get(target, key, target)),
    })
    const dispatcher = await dispatch(metadata, { pool, logger, pollIntervalMs: 50 })
    await sql('INSERT INTO things (id) VALUES (1)')
    await receiver.waitFor(1)
    away = true
    answer?.()
    await new Promise(resolve => setTimeout(resolve, 400))
    // Longer than the lease: another look at the log would find the event due.
    await sql(`UPDATE hasura_event_delivery.event_log SET due_at = now() - interval '1 s'`)
    away = false
    await dispatcher.idle()
    await sql('INSERT INTO things (id) VALUES (2)')
    await receiver.waitFor(2)
    answer?.()
    await dispatcher.idle()
    expect(datas().map(data => data.new.id)).toEqual([1, 2])
    expect(lines).toEqual([expect.stringContaining('away'), expect.stringContaining('back')])
  })
})

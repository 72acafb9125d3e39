import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ObservabilityPlugin } from '../../plugin.ts'
import { job, listenTo, type NamedEventModule, PluginManager, run } from '../../src/detector/detector.ts'
import { jsonMember } from '../../src/store/json-member.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

describe('jsonMember', () => {
  it('cuts a member out of JSON text, digit by digit', () => {
    const value = {
      a: ['}', { b: 1 }],
      event: { x: null, 'q"\\': 2, data: { old: null, new: { id: 7, t: 'a"}\\', n: [1, { z: 0 }] }, last: 3 } },
    }
    const text = JSON.stringify(value).replace('"id":7', '"id":12345678901234567890')
    expect(jsonMember(text, 'event', 'data', 'new')).toBe('{"id":12345678901234567890,"t":"a\\"}\\\\","n":[1,{"z":0}]}')
    expect(jsonMember(text, 'event', 'data', 'old')).toBe('null')
    expect(jsonMember(text, 'event', 'data', 'last')).toBe('3')
    expect(jsonMember(text, 'event', 'q"\\')).toBe('2')
    expect(jsonMember(text, 'event', 'none')).toBeNull()
    expect(jsonMember(text, 'a', '0')).toBeNull()
    expect(jsonMember('"[Cut]"', 'event')).toBeNull()
    expect(jsonMember('{}', 'event')).toBeNull()
  })
})

describe('the row change behind an invocation', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())
  beforeEach(() => database.pool.query(`TRUNCATE ${SCHEMA}.events, ${SCHEMA}.invocations`))

  const modules: NamedEventModule[] = [
    { name: 'orders.paid', detector: () => true, handler: (event, hasura) => run(event, hasura, [job(async () => 1)]) },
  ]
  const JOB = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
  const payload = () => ({
    id: '11111111-2222-4333-8444-555555555555',
    created_at: '2026-11-20T03:04:05.678901',
    table: { schema: 'public', name: 'orders' },
    trigger: { name: 'orders' },
    event: {
      op: 'UPDATE',
      data: {
        old: { id: 7, status: 'new', password: 'hunter2', updated_by: null },
        new: {
          id: 7,
          status: 'paid',
          password: 'hunter3',
          updated_by: `shop|0f8fad5b-d9cb-469f-a165-70867728950e|${JOB}`,
        },
      },
      session_variables: { 'x-hasura-role': 'user' },
      trace_context: null,
    },
  })

  async function record(options: object, deliveries = 1): Promise<void> {
    const plugin = new ObservabilityPlugin({ database: { connectionString: database.url }, ...options })
    const pluginManager = new PluginManager().register(plugin)
    await pluginManager.initialize()
    for (let n = 0; n < deliveries; n++) await listenTo(payload(), { pluginManager, eventModules: modules })
    await pluginManager.shutdown()
    expect(plugin.getStatus()).toMatchObject({ bufferedRows: 0, quarantined: 0, dropped: { refused: 0 } })
  }

  const stored = async () =>
    (await database.pool.query(`SELECT * FROM ${SCHEMA}.events WHERE event_type = 'cdc' ORDER BY id`)).rows

  it('is a cdc event with both rows, tied to the invocation and to the job that wrote it', async () => {
    await record({})
    const [event, ...others] = await stored()
    expect(others).toEqual([])
    const { rows } = await database.pool.query(`SELECT * FROM ${SCHEMA}.invocations`)
    expect(event).toMatchObject({
      id: 'hasura:11111111-2222-4333-8444-555555555555',
      event_name: 'orders.update',
      ns: 'orders',
      db_table: 'public.orders',
      db_operation: 'update',
      db_row_id: '7',
      db_before: { id: 7, status: 'new', password: '[Redacted]', updated_by: null },
      db_after: { id: 7, status: 'paid', password: '[Redacted]' },
      data: { invocation_id: rows[0].id, source_job_id: JOB, changed_columns: ['status', 'password', 'updated_by'] },
      trace_id: rows[0].trace_id,
      span_id: rows[0].span_id,
      parent_id: '944be07fc1f90ae7',
      correlation_id: '0f8fad5b-d9cb-469f-a165-70867728950e',
    })
    expect(event.timestamp.toISOString()).toBe('2026-11-20T03:04:05.678Z')
  })

  it('is there once, however often it is delivered, by one process or by several', async () => {
    await record({}, 3)
    await record({})
    expect(await stored()).toHaveLength(1)
    expect((await database.pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.invocations`)).rows).toEqual([{ n: 4 }])
  })

  it('has no rows where payloads are not captured', async () => {
    await record({ captureHasuraPayload: false })
    expect(await stored()).toMatchObject([{ db_before: null, db_after: null, event_name: 'orders.update' }])
  })
})

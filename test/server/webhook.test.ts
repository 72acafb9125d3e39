import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { SCHEMA } from '../support/postgres.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

interface Fixture {
  test: string
  // biome-ignore lint/suspicious/noExplicitAny: real payloads of many shapes.
  body: any
}

const fixtures: Fixture[] = JSON.parse(readFileSync('test/fixtures/hasura/event-payloads.json', 'utf8'))

describe('POST /webhooks/hasura', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.stop())

  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${server.url}/webhooks/hasura`, { method: 'POST', body, headers })
  const recorded = async () =>
    (await server.observability.pool.query(`SELECT count(*)::int AS n FROM ${SCHEMA}.invocations`)).rows[0].n

  it('records each of the 44 real payloads of Hasura', async () => {
    expect(fixtures).toHaveLength(44)
    for (const { body } of fixtures) {
      const response = await post(JSON.stringify(body))
      expect(response.status, JSON.stringify(body)).toBe(200)
      expect(await response.json()).toMatchObject({ detected: [], asked: expect.any(Number) })
    }
    await eventually(async () => expect(await recorded()).toBe(44))
    const { rows } = await server.observability.pool.query(
      `SELECT source_event_id, source_table, source_operation, source_function, source_user_role, status, trace_id,
              source_event_payload AS payload FROM ${SCHEMA}.invocations`,
    )
    const byId = new Map(rows.map(row => [row.source_event_id, row]))
    for (const { body } of fixtures) {
      expect(byId.get(body.id), body.id).toMatchObject({
        source_table: `${body.table.schema}.${body.table.name}`,
        source_operation: body.event.op,
        source_function: body.trigger.name,
        source_user_role: body.event.session_variables?.['x-hasura-role'] ?? null,
        status: 'completed',
        payload: body,
      })
    }
  })

  it('refuses what is no payload with 400 and what is wrong, and records nothing for it', async () => {
    const before = await recorded()
    const good = fixtures[0]?.body
    const cases: [unknown, RegExp][] = [
      [{}, /id is missing, not a text; created_at is missing.*table is not.*trigger is not.*event is missing/],
      [[], /the body is a list, not a JSON object/],
      [null, /the body is null|body/i],
      [
        { ...good, event: { ...good.event, op: 'UPSERT' } },
        /event\.op is "UPSERT", not one of INSERT, UPDATE, DELETE, MANUAL/,
      ],
      [{ ...good, event: { ...good.event, data: 'x' } }, /event\.data is a string, not an object/],
      [
        { ...good, event: { ...good.event, data: { old: null, new: [1] } } },
        /event\.data\.new is a list, not an object or null/,
      ],
      [{ ...good, table: { name: 't' } }, /table is not \{"schema": text, "name": text\}/],
      [{ ...good, event: { ...good.event, session_variables: 'x' } }, /session_variables is not an object or null/],
      [{ payload: good }, /event is missing, not an object/],
    ]
    for (const [body, message] of cases) {
      const response = await post(JSON.stringify(body))
      expect(response.status, JSON.stringify(body)).toBe(400)
      expect(((await response.json()) as { error: string }).error).toMatch(message)
    }
    const broken = await post('{"id": ')
    expect(broken.status).toBe(400)
    expect(((await broken.json()) as { error: string }).error).toMatch(/JSON/i)
    expect((await post('')).status).toBe(400)
    expect((await post('id=1', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    expect((await post(`"${'x'.repeat(11 * 1_024 * 1_024)}"`)).status).toBe(413)
    await new Promise(resolve => setTimeout(resolve, 400))
    expect(await recorded()).toBe(before)
  })
})

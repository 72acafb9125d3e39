import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../src/config.ts'
import { placeOrder, settled } from '../support/dashboard.ts'
import { SCHEMA } from '../support/postgres.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const VIEWER = 'viewers may look'
const OPERATOR = 'operators see all'
const { login } = readServerConfig({ OBSERVABILITY_VIEWER_PASSWORD: VIEWER, OBSERVABILITY_OPERATOR_PASSWORD: OPERATOR })

interface Stored {
  id: string
  correlation_id: string
  // biome-ignore lint/suspicious/noExplicitAny: a payload, whose parts are changed.
  payload: any
}

describe('POST /api/invocations/:id/replay', () => {
  let server: TestServer
  let placed: Stored
  let operator: string

  beforeAll(async () => {
    server = await startTestServer({ login })
    operator = await logIn(OPERATOR)
    await placeOrder(server, {})
    await settled(server)
    const { rows } = await sql(
      `SELECT id, correlation_id, source_event_payload AS payload FROM ${SCHEMA}.invocations
       WHERE source_table = 'public.orders' AND source_operation = 'INSERT'`,
    )
    placed = rows[0] as Stored
  })
  afterAll(() => server.stop())

  const sql = (statement: string, values: unknown[] = []) => server.observability.pool.query(statement, values)
  const rowCounts = async () =>
    (
      await sql(`SELECT (SELECT count(*)::int FROM ${SCHEMA}.invocations) AS invocations,
        (SELECT count(*)::int FROM ${SCHEMA}.event_executions) AS modules,
        (SELECT count(*)::int FROM ${SCHEMA}.job_executions) AS jobs, (SELECT count(*)::int FROM ${SCHEMA}.events) AS events`)
    ).rows[0]
  const logIn = async (password: string): Promise<string> => {
    const response = await fetch(`${server.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
    })
    return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  }
  const post = async (body: string, headers: Record<string, string>, id = placed.id, url = server.url) => {
    const response = await fetch(`${url}/api/invocations/${id}/replay`, { method: 'POST', body, headers })
    // biome-ignore lint/suspicious/noExplicitAny: what is answered is what is tested.
    return { status: response.status, body: (await response.json()) as any }
  }
  const replay = (body: object, headers: Record<string, string> = {}, id?: string, url?: string) =>
    post(JSON.stringify(body), { 'content-type': 'application/json', cookie: operator, ...headers }, id, url)

  it('is for operators only, and for pages of this server', async () => {
    const before = await rowCounts()
    for (const dryRun of [true, false]) {
      expect(await replay({ dryRun }, { cookie: await logIn(VIEWER) })).toEqual({
        status: 403,
        body: {
          code: 'REPLAY_FORBIDDEN',
          error: expect.stringMatching(/observability_viewer .* log in as an operator/),
        },
      })
      expect(await replay({ dryRun }, { cookie: '' })).toMatchObject({
        status: 401,
        body: { code: 'REPLAY_FORBIDDEN' },
      })
      // An operator who looks as the viewer is one.
      expect(await replay({ dryRun }, { 'x-hasura-role': 'observability_viewer' })).toMatchObject({ status: 403 })
      expect(await replay({ dryRun }, { origin: 'https://evil.example.com' })).toMatchObject({ status: 403 })
      expect(await post(JSON.stringify({ dryRun }), { 'content-type': 'text/plain', cookie: operator })).toMatchObject({
        status: 415,
        body: { code: 'PAYLOAD_INVALID' },
      })
    }
    expect(await rowCounts()).toEqual(before)
    expect(server.warnings).toEqual([])
  })

  it('says what is wrong with a request, and does nothing', async () => {
    const before = await rowCounts()
    const cases: [unknown, number, string, RegExp, string?][] = [
      [{}, 400, 'PAYLOAD_INVALID', /"dryRun" must be true or false/],
      [[], 400, 'PAYLOAD_INVALID', /expected \{ "dryRun"/],
      [{ dryRun: true, dryrun: 1 }, 400, 'PAYLOAD_INVALID', /"dryrun" is not known/],
      [{ dryRun: true, payload: { id: 'x' } }, 400, 'PAYLOAD_INVALID', /created_at is missing.*event is missing/],
      [
        { dryRun: false, payload: { ...placed.payload, event: { op: 'UPSERT', data: {} } } },
        400,
        'PAYLOAD_INVALID',
        /event\.op is "UPSERT", not one of/,
      ],
      [{ dryRun: true }, 400, 'PAYLOAD_INVALID', /"nobody" is not the id/, 'nobody'],
      [{ dryRun: true }, 404, 'REPLAY_NOT_FOUND', /no invocation has the id/, '0f8fad5b-d9cb-469f-a165-70867728950e'],
      [{ dryRun: true, payload: 'x'.repeat(5_000_000) }, 413, 'PAYLOAD_INVALID', /too large/],
    ]
    for (const [body, status, code, message, id] of cases) {
      const answer = await replay(body as object, {}, id)
      expect(answer, JSON.stringify(body).slice(0, 100)).toMatchObject({ status, body: { code } })
      expect(answer.body.error).toMatch(message)
    }
    expect(await post('{"dryRun": tru', { 'content-type': 'application/json', cookie: operator })).toMatchObject({
      status: 400,
      body: { code: 'PAYLOAD_INVALID' },
    })
    expect(await rowCounts()).toEqual(before)
  })

  it('asks the detectors again and writes nothing: the same payload gets the same verdicts', async () => {
    const before = await rowCounts()
    const { rows } = await sql(
      `SELECT event_name AS name, detected, not_detected_reason AS reason FROM ${SCHEMA}.event_executions
       WHERE invocation_id = $1 ORDER BY event_name`,
      [placed.id],
    )
    const { status, body } = await replay({ dryRun: true })
    expect(status).toBe(200)
    expect(
      body.verdicts.map(({ name, change, now }: Compared) => ({
        name,
        change,
        detected: now.detected,
        reason: now.reason,
      })),
    ).toEqual(rows.map(row => ({ ...row, change: 'same' })))
    expect(rows.some(row => row.detected) && rows.some(row => row.reason)).toBe(true)
    expect(await rowCounts()).toEqual(before)
  })

  it('shows which verdicts an edited payload changes', async () => {
    const before = await rowCounts()
    const payload = structuredClone(placed.payload)
    payload.event.op = 'UPDATE'
    payload.event.data.old = { ...payload.event.data.new, status: 'paid' }
    payload.event.data.new.status = 'cancelled'
    const { body } = await replay({ dryRun: true, payload })
    const changed = body.verdicts.filter((verdict: Compared) => verdict.change !== 'same')
    expect(changed).toMatchObject([
      { name: 'orders.cancelled', change: 'now_detected', recorded: { detected: false }, now: { detected: true } },
      { name: 'orders.placed', change: 'no_longer_detected', recorded: { detected: true }, now: { detected: false } },
    ])
    expect(body.verdicts.slice(0, changed.length)).toEqual(changed)
    expect(await rowCounts()).toEqual(before)
  })

  it('runs it for real as a chain of its own, linked to the first', async () => {
    const { status, body } = await replay({ dryRun: false })
    expect(status).toBe(200)
    const { rows } = await sql(`SELECT * FROM ${SCHEMA}.invocations WHERE id = $1`, [body.invocationId])
    expect(rows).toMatchObject([
      {
        replay_of: placed.id,
        correlation_source: 'replay',
        correlation_detail: `replay of ${placed.id}`,
        source_job_id: null,
        source_table: 'public.orders',
        source_operation: 'INSERT',
        source_record_id: placed.payload.event.data.new.id,
      },
    ])
    const [row] = rows
    expect(row.correlation_id).not.toBe(placed.correlation_id)
    expect(row.source_event_id).not.toBe(placed.payload.id)
    expect(row.source_event_payload).toEqual({ ...placed.payload, id: row.source_event_id, replay_of: placed.id })
    // No row was changed, so the list of row changes has no new one.
    const changes = await sql(
      `SELECT count(*)::int AS n FROM ${SCHEMA}.events WHERE event_type = 'cdc' AND span_id = $1`,
      [row.span_id],
    )
    expect(changes.rows).toEqual([{ n: 0 }])
    expect(server.warnings.at(-1)).toMatch(/^replay: .*"role":"observability_operator".*"edited":false/)
  })

  it('does not send what was redacted or cut without being told to', async () => {
    const payload = structuredClone(placed.payload)
    payload.event.data.new.card = '[Redacted]'
    payload.event.data.new.note = 'long… [cut: 70000 characters]'
    expect(await replay({ dryRun: false, payload })).toEqual({
      status: 422,
      body: {
        code: 'REPLAY_PAYLOAD_INCOMPLETE',
        error: expect.stringMatching(/event\.data\.new\.card was redacted, event\.data\.new\.note was cut/),
      },
    })
    expect(await replay({ dryRun: false, payload, acceptIncomplete: true })).toMatchObject({ status: 200 })
  })

  it('posts it to a function elsewhere as Hasura would, and finds what that recorded', async () => {
    const seen: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = []
    let answer: 'forward' | 'fail' = 'forward'
    const elsewhere = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks).toString()
      seen.push({ url: request.url, headers: request.headers, body })
      if (answer === 'fail') return response.writeHead(500).end('no such table')
      const headers = { 'content-type': 'application/json' }
      const { status } = await fetch(`${server.url}/webhooks/hasura`, { method: 'POST', body, headers })
      response.writeHead(status).end()
    })
    await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
    const { replay: settings } = readServerConfig({
      REPLAY_WEBHOOK_URL: `${address}/functions/{trigger}`,
      REPLAY_WEBHOOK_HEADERS: 'x-secret=of%20ours',
    })
    const remote = await startTestServer({
      observabilityDbUrl: server.observability.url,
      shop: false,
      shopDbUrl: null,
      replay: settings,
    })
    try {
      expect(await (await fetch(`${remote.url}/config.json`)).json()).toMatchObject({
        replay: { target: 'webhook', dryRun: false, name: new URL(address).host },
      })
      expect(await replay({ dryRun: true }, {}, placed.id, remote.url)).toMatchObject({
        status: 409,
        body: { code: 'REPLAY_UNAVAILABLE' },
      })
      const { status, body } = await replay({ dryRun: false }, {}, placed.id, remote.url)
      expect(status).toBe(200)
      expect(seen).toMatchObject([
        {
          url: `/functions/${placed.payload.trigger.name}`,
          headers: {
            'x-secret': 'of ours',
            'x-observability-replay-of': placed.id,
            'content-type': 'application/json',
          },
        },
      ])
      const sent = JSON.parse(seen[0]?.body ?? '')
      expect(sent).toEqual({ ...placed.payload, id: expect.any(String), replay_of: placed.id })
      const { rows } = await sql(`SELECT replay_of, source_event_id FROM ${SCHEMA}.invocations WHERE id = $1`, [
        body.invocationId,
      ])
      expect(rows).toEqual([{ replay_of: placed.id, source_event_id: sent.id }])
      answer = 'fail'
      expect(await replay({ dryRun: false }, {}, placed.id, remote.url)).toMatchObject({
        status: 502,
        body: { code: 'REPLAY_FAILED', error: 'the function answered 500: no such table' },
      })
      const payload = { ...placed.payload, trigger: { name: '..' } }
      expect(await replay({ dryRun: false, payload }, {}, placed.id, remote.url)).toMatchObject({ status: 502 })
      expect(seen).toHaveLength(2)
    } finally {
      await remote.stop()
      elsewhere.close()
    }
  })
})

interface Compared {
  name: string
  change: string
  now: { detected: boolean; reason: string | null }
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServerConfig } from '../../src/config.ts'
import { silentLogger } from '../../src/log.ts'
import { Attempts } from '../../src/server/attempts.ts'
import { startServer } from '../../src/server/main.ts'
import type { SessionAnswer } from '../../src/server/routes/session.ts'
import { RawClient } from '../graphql/support/endpoint.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const VIEWER = 'viewers may look'
const OPERATOR = 'operators see all'
const config = (env: Record<string, string>) => {
  const { login, endpoint, hasuraAdminSecret } = readServerConfig(env)
  return { login, endpoint, hasuraAdminSecret, shop: false, shopDbUrl: null }
}

describe('logging in', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(
      config({
        OBSERVABILITY_VIEWER_PASSWORD: VIEWER,
        OBSERVABILITY_OPERATOR_PASSWORD: OPERATOR,
        HASURA_GRAPHQL_ADMIN_SECRET: 'hush',
      }),
    )
    await server.observability.pool.query(
      `INSERT INTO event_detector_observability.invocations (id, correlation_id, source_function, source_user_email)
       VALUES (gen_random_uuid(), gen_random_uuid(), 'orders', 'ann@example.com')`,
    )
  })
  afterAll(() => server.stop())

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const cookieOf = (response: Response): string => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const logIn = async (password: string) => cookieOf(await post('/login', { password }))
  const ask = async (query: string, headers: Record<string, string>) =>
    (await post('/v1/graphql', { query }, headers)).json()
  const session = async (cookie: string): Promise<Partial<SessionAnswer>> =>
    (await fetch(`${server.url}/session`, { headers: { cookie } })).json() as Promise<SessionAnswer>

  it('lets roles read of the events what they may select of them', async () => {
    await server.observability.pool.query(
      `INSERT INTO event_detector_observability.events (id, event_type, event_name, ns, "timestamp", actor_id, attributes)
       VALUES ('e1', 'track', 'signup', 'shop', now(), 'ann@example.com', '{"plan": "pro"}')`,
    )
    const events = async (cookie: string) => {
      const response = await post('/api/query/unified', { id: 'e1' }, { cookie })
      return { status: response.status, ...((await response.json()) as { rows?: object[]; error?: string }) }
    }
    expect(await events('')).toMatchObject({ status: 401, error: expect.any(String) })
    const seen = await events(await logIn(OPERATOR))
    expect(seen.rows).toEqual([
      expect.objectContaining({ id: 'e1', actor_id: 'ann@example.com', attributes: { plan: 'pro' } }),
    ])
    const masked = await events(await logIn(VIEWER))
    expect(masked.rows).toEqual([expect.objectContaining({ id: 'e1', event_name: 'signup' })])
    expect(masked.rows?.[0]).not.toHaveProperty('attributes')
    expect((await fetch(`${server.url}/api/stats`)).status).toBe(401)
  })

  it('gives a cookie that no script can read and no other site sends', async () => {
    const response = await post('/login', { password: VIEWER })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      required: true,
      canLogIn: true,
      role: 'observability_viewer',
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(response.headers.get('set-cookie')).toMatch(
      /^observability_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43\d\d\d$/,
    )
    const behindProxy = await post('/login', { password: VIEWER }, { 'x-forwarded-proto': 'https' })
    expect(behindProxy.headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it('lets each role see what it may, over HTTP and WebSocket alike', async () => {
    const [viewer, operator] = [await logIn(VIEWER), await logIn(OPERATOR)]
    const all = '{ invocations { source_function source_user_email } }'
    expect(await ask(all, { cookie: operator })).toEqual({
      data: { invocations: [{ source_function: 'orders', source_user_email: 'ann@example.com' }] },
    })
    expect(await ask(all, { cookie: viewer })).toMatchObject({
      errors: [{ message: "field 'source_user_email' not found in type: 'invocations'" }],
    })
    expect(await ask('{ invocations { source_function } }', { cookie: viewer })).toEqual({
      data: { invocations: [{ source_function: 'orders' }] },
    })
    // More than its own role nobody gets, less the operator may have.
    for (const role of ['admin', 'observability_operator']) {
      expect(await ask(all, { cookie: viewer, 'x-hasura-role': role })).toMatchObject({
        errors: [{ message: 'Your requested role is not in allowed roles', extensions: { code: 'access-denied' } }],
      })
    }
    expect(await ask(all, { cookie: operator, 'x-hasura-role': 'observability_viewer' })).toHaveProperty('errors')

    const socketUrl = `${server.url.replace('http', 'ws')}/v1/graphql`
    const client = await new RawClient(socketUrl, 'graphql-transport-ws', { headers: { cookie: viewer } }).init()
    client.subscribe('1', 'subscription { invocations { source_function } }')
    expect((await client.next()).payload).toEqual({ data: { invocations: [{ source_function: 'orders' }] } })
    client.subscribe('2', `subscription ${all}`)
    expect((await client.next()).type).toBe('error')
    client.close()
  })

  it('is needed: without it there is no data', async () => {
    const denied = { errors: [{ extensions: { path: '$', code: 'access-denied' } }] }
    expect(await ask('{ invocations { id } }', {})).toMatchObject(denied)
    expect(await ask('{ invocations { id } }', { cookie: 'observability_session=forged' })).toMatchObject(denied)
    expect(await ask('{ invocations { id } }', { 'x-hasura-role': 'observability_operator' })).toMatchObject(denied)
    expect(await ask('{ __typename }', { 'x-hasura-admin-secret': 'hush' })).toEqual({
      data: { __typename: 'query_root' },
    })
    const client = await new RawClient(`${server.url.replace('http', 'ws')}/v1/graphql`).open()
    client.send({ type: 'connection_init' })
    expect(await client.closed).toMatchObject({ code: 4403 })
    expect(await session('')).toEqual({ required: true, canLogIn: true, role: null, expiresAt: null })
    // The secret is nowhere in what the browser gets.
    expect(JSON.stringify(await (await fetch(`${server.url}/config.json`)).json())).not.toContain('hush')
  })

  it('is of no use to pages of other origins', async () => {
    const cookie = await logIn(OPERATOR)
    for (const origin of ['https://evil.example', 'http://localhost:1', 'null']) {
      const response = await post('/v1/graphql', { query: '{ invocations { id } }' }, { cookie, origin })
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await post('/logout', {}, { cookie, origin: 'https://evil.example' })).status).toBe(403)
    expect((await session(cookie)).role).toBe('observability_operator')
  })

  it('ends with logging out, everywhere', async () => {
    const cookie = await logIn(VIEWER)
    expect((await session(cookie)).role).toBe('observability_viewer')
    const open = async (of: string): Promise<RawClient> =>
      new RawClient(`${server.url.replace('http', 'ws')}/v1/graphql`, undefined, { headers: { cookie: of } }).init()
    const client = await open(cookie)
    const other = await open(await logIn(VIEWER))
    const response = await post('/logout', {}, { cookie })
    // What is open ends, too, and only what belongs to that login.
    expect(await client.closed).toEqual({ code: 4403, reason: 'logged out' })
    other.subscribe('1', '{ invocations(limit: 1) { __typename } }')
    expect((await other.next()).type).toBe('next')
    other.close()
    expect(await response.json()).toMatchObject({ role: null })
    expect(response.headers.get('set-cookie')).toMatch(/^observability_session=; .*Max-Age=0/)
    expect((await session(cookie)).role).toBeNull()
    expect(await ask('{ invocations { id } }', { cookie })).toHaveProperty('errors')
  })

  it('says what is wrong, and stops those who try passwords', async () => {
    expect((await post('/login', {})).status).toBe(400)
    expect((await post('/login', { password: 7 })).status).toBe(400)
    expect((await post('/login', null)).status).toBe(400)
    expect((await post('/login', { password: 'x'.repeat(20_000) })).status).toBe(413)
    const statuses: number[] = []
    let last = await post('/login', { password: 'wrong' })
    for (let i = 0; i < 12; i++) {
      statuses.push(last.status)
      last = await post('/login', { password: 'wrong' })
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401))
    expect([last.status, await last.json()]).toEqual([
      429,
      { error: expect.stringMatching(/^too many wrong passwords/) },
    ])
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    // The right one has to wait as well: else it could be told from the wrong ones.
    expect((await post('/login', { password: VIEWER })).status).toBe(429)
  })
})

describe('a server without passwords', () => {
  it('needs no login on loopback, and says so', async () => {
    const server = await startTestServer({ shop: false, shopDbUrl: null })
    expect(await (await fetch(`${server.url}/session`)).json()).toEqual({
      required: false,
      canLogIn: false,
      role: 'admin',
      expiresAt: null,
    })
    const login = await fetch(`${server.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"password":"x"}',
    })
    expect([login.status, await login.json()]).toEqual([
      404,
      { error: expect.stringContaining('OBSERVABILITY_VIEWER_PASSWORD') },
    ])
    await server.stop()
  })

  it('does not serve other machines', async () => {
    const start = startServer({ config: readServerConfig({ HOST: '0.0.0.0', PORT: '0' }), logger: silentLogger })
    await expect(start).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/HOST is 0\.0\.0\.0.*OBSERVABILITY_VIEWER_PASSWORD.*HASURA_GRAPHQL_ADMIN_SECRET/),
    })
  })

  it('has passwords that are long enough and different', () => {
    const read = (env: Record<string, string>) => () => readServerConfig(env)
    expect(read({ OBSERVABILITY_VIEWER_PASSWORD: 'short' })).toThrow(
      /OBSERVABILITY_VIEWER_PASSWORD: got string \(not shown\), allowed is at least 8/,
    )
    const same = { OBSERVABILITY_VIEWER_PASSWORD: 'long enough', OBSERVABILITY_OPERATOR_PASSWORD: 'long enough' }
    expect(read(same)).toThrow(/is the viewer’s password too/)
    expect(read({ HASURA_GRAPHQL_JWT_SECRET: '{"type":"HS256","key":"hunter2"}' })).toThrow(
      /at least 32 characters for HS256/,
    )
    expect(read({ HASURA_GRAPHQL_JWT_SECRET: '{"type":"HS256","key":"hunter2"}' })).not.toThrow(/hunter2/)
  })
})

describe('attempts', () => {
  it('are counted for each caller and for all, within a window', () => {
    const attempts = new Attempts({ perCaller: 2, inAll: 5, windowMs: 1_000 }, 0)
    for (let i = 0; i < 2; i++) attempts.failed('a', 100)
    expect([attempts.waitFor('a', 400), attempts.waitFor('b', 400)]).toEqual([600, 0])
    for (const caller of ['b', 'c', 'd']) attempts.failed(caller, 500)
    expect(attempts.waitFor('e', 500)).toBe(500)
    expect(attempts.waitFor('a', 1_000)).toBe(0)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { uuidv7 } from '../../src/correlation/uuid.ts'
import { type Logger, silentLogger } from '../../src/log.ts'
import { createApp } from '../../src/server/app.ts'
import { addLiveEvents } from '../../src/server/live-events.ts'
import { EVERYTHING, type ReadAccess } from '../../src/server/socket/event-connection.ts'
import { announcementSql } from '../../src/store/announce.ts'
import { createWriteBatch } from '../../src/store/write-batch.ts'
import { MIB } from '../../src/units.ts'
import { invocation, logLine } from '../store/support/records.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'

type Message = Record<string, unknown> & { type: string }

/** A client of the live stream that keeps what it hears. */
class Client {
  readonly messages: Message[] = []
  closed: { code: number; reason: string } | null = null
  readonly #socket: WebSocket

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#socket = new WebSocket(url, { headers })
    this.#socket.on('message', data => this.messages.push(JSON.parse(String(data))))
    this.#socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
    })
  }
  static async open(url: string, headers?: Record<string, string>): Promise<Client> {
    const client = new Client(url, headers)
    await new Promise((resolve, reject) => {
      client.#socket.once('open', resolve)
      client.#socket.once('unexpected-response', (_request, response) => {
        let body = ''
        response.on('data', data => {
          body += data
        })
        response.on('end', () => reject(new Error(`${response.statusCode} ${body}`)))
      })
      client.#socket.once('error', reject)
    })
    return client
  }
  say(message: object | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
  ids(): string[] {
    return this.messages.filter(message => message.type === 'event').map(message => String(message.id))
  }
  hears(type: string): Promise<Message> {
    return eventually(() => {
      const found = this.messages.find(message => message.type === type)
      expect(found, `a message ${type} among ${JSON.stringify(this.messages.slice(-5))}`).toBeDefined()
      return found as Message
    })
  }
  pause(): void {
    this.#socket.pause()
  }
  resume(): void {
    this.#socket.resume()
  }
  close(): void {
    this.#socket.terminate()
  }
}

describe('the live stream', () => {
  let database: TestDatabase
  let url: string
  let origin: string
  let access: ReadAccess | Error = EVERYTHING
  const closers: (() => Promise<unknown>)[] = []
  const warnings: string[] = []
  const logger: Logger = { ...silentLogger, warn: (_details, message) => warnings.push(message) }
  const clients: Client[] = []
  const open = async (query: string, headers?: Record<string, string>): Promise<Client> => {
    const client = await Client.open(`${url}${query}`, headers)
    clients.push(client)
    return client
  }
  // Written as by any other process: through Postgres alone.
  const write = (rows: object[]): Promise<unknown> =>
    createWriteBatch(
      () => database.pool,
      SCHEMA,
    )(rows.map(row => logLine({ timestamp: new Date().toISOString(), ...row })))
  const get = async (path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${origin}${path}`, init)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const query = (body: unknown): ReturnType<typeof get> =>
    get('/api/query/unified', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  beforeAll(async () => {
    database = await createTestDatabase()
    const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
    await database.pool.query(`SELECT ${SCHEMA}.ensure_partitions($1::date, $2::date)`, [day(-2), day(2)])
    await write([{ id: 'before-start', log_message: 'stored before the server started' }])
    const callers = { loopbackOnly: true, allowedOrigins: [] }
    const app = createApp({ logger, callers })
    const live = await addLiveEvents(app, {
      pool: database.pool,
      connectionString: database.url,
      schema: SCHEMA,
      callers,
      logger,
      window: { maxBytes: 4 * MIB },
      authorize: async () => {
        if (access instanceof Error) throw access
        return access
      },
    })
    origin = await app.listen({ port: 0, host: '127.0.0.1' })
    url = `${origin.replace('http', 'ws')}/api/events`
    closers.push(
      () => app.close(),
      () => live.close(),
      () => database.drop(),
    )
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })
  afterAll(async () => {
    for (const close of closers) await close()
  })

  it('sends events that another process stored, with every column they have', async () => {
    const client = await open('?topic=*')
    expect(await client.hears('subscribed')).toEqual({ type: 'subscribed', topics: ['*'] })
    const id = uuidv7()
    await write([{ id, log_message: 'Grüße "quoted"\n', service_name: 'api' }])
    const message = await client.hears('event')
    expect(message).toMatchObject({
      id,
      event: { id, event_type: 'log', log_message: 'Grüße "quoted"\n', service_name: 'api', log_level: 'info' },
    })
    const { rows } = await database.pool.query(`SELECT row_to_json(e) AS row FROM ${SCHEMA}.events e WHERE id = $1`, [
      id,
    ])
    const stored = Object.fromEntries(Object.entries(rows[0].row).filter(([, value]) => value !== null))
    expect(message.event).toEqual(stored)
  })

  it('sends events of every length together, and its own messages between them', async () => {
    const client = await open('?topic=lengths')
    await client.hears('subscribed')
    const texts = ['ü', 'x'.repeat(300), 'ß'.repeat(40_000), 'y'.repeat(200_000), '']
    await write(texts.map((text, n) => ({ id: `length-${n}`, ns: 'lengths', log_message: text })))
    client.say({ type: 'ping' })
    await eventually(() => expect(client.ids()).toHaveLength(texts.length))
    await client.hears('pong')
    const heard = client.messages.filter(({ type }) => type === 'event')
    const byId = Object.fromEntries(heard.map(({ id, event }) => [id, (event as Record<string, unknown>).log_message]))
    expect(byId).toEqual(Object.fromEntries(texts.map((text, n) => [`length-${n}`, text])))
  })

  it('sends the row change behind an invocation, too', async () => {
    const client = await open('?topic=cdc')
    await client.hears('subscribed')
    const eventId = uuidv7()
    const at = new Date().toISOString()
    const payload = {
      id: eventId,
      created_at: at,
      table: { schema: 'shop', name: 'orders' },
      trigger: { name: 'orders' },
      event: { op: 'INSERT', data: { old: null, new: { id: 7 } }, session_variables: null },
      delivery_info: { current_retry: 0, max_retries: 0 },
    }
    const row = invocation({
      created_at: at,
      updated_at: at,
      source_event_id: eventId,
      source_event_time: at,
      source_event_payload: JSON.stringify(payload),
      source_table: 'shop.orders',
      source_operation: 'INSERT',
    })
    await createWriteBatch(() => database.pool, SCHEMA)([row])
    expect((await client.hears('event')).event).toMatchObject({ event_type: 'cdc', id: `hasura:${eventId}` })
  })

  it('keeps nulls inside of JSON and integers beyond 2^53 as they are', async () => {
    const client = await open('?topic=cdc')
    await client.hears('subscribed')
    const id = uuidv7()
    const at = new Date()
    const attributes = '{"note": null, "big": 12345678901234567890, "text": "1234567890123456789, {"}'
    const connection = await database.pool.connect()
    await connection.query('BEGIN')
    await connection.query(
      `INSERT INTO ${SCHEMA}.events (id, event_type, event_name, ns, "timestamp", timestamp_ns, attributes)
       VALUES ($1, 'cdc', 'orders.updated', 'shop', $2, 1763720000123456789, $3)`,
      [id, at, attributes],
    )
    for (const sql of announcementSql(SCHEMA, [at.getTime()])) await connection.query(sql)
    await connection.query('COMMIT')
    connection.release()
    const { event } = await client.hears('event')
    expect(event).toMatchObject({
      timestamp_ns: '1763720000123456789',
      attributes: { note: null, big: '12345678901234567890', text: '1234567890123456789, {' },
    })
  })

  it('sends only what a client asked for, and acknowledges what it says', async () => {
    const client = await open('?topic=orders.**&level=error')
    await client.hears('subscribed')
    client.say({ type: 'subscribe', topics: ['trace', 'web.*'], filter: { service: 'shop' }, id: 'a' })
    await eventually(() =>
      expect(client.messages).toContainEqual({ type: 'subscribed', topics: ['trace', 'web.*'], id: 'a' }),
    )
    const ids = Array.from({ length: 6 }, () => uuidv7())
    await write([
      { id: ids[0], event_name: 'orders.created', log_level: 'error' },
      { id: ids[1], event_name: 'orders.created', log_level: 'info' },
      { id: ids[2], event_name: 'x', ns: 'orders', log_level: 'error' },
      { id: ids[3], event_name: 'web.page', service_name: 'shop' },
      { id: ids[4], event_name: 'web.page', service_name: 'api' },
      { id: ids[5], event_name: 'web.page.deep', service_name: 'shop' },
    ])
    await eventually(() => expect(client.ids().sort()).toEqual([ids[0], ids[2], ids[3]].sort()))
    client.say({ type: 'unsubscribe', topics: ['web.*', 'never'], id: 'b' })
    expect(await client.hears('unsubscribed')).toEqual({ type: 'unsubscribed', topics: ['web.*'], id: 'b' })
    const [hidden, shown] = [uuidv7(), uuidv7()]
    await write([{ id: hidden, event_name: 'web.page', service_name: 'shop' }])
    await write([{ id: shown, event_name: 'orders', log_level: 'error' }])
    await eventually(() => expect(client.ids()).toContain(shown))
    expect(client.ids()).not.toContain(hidden)
    client.say({ type: 'ping' })
    expect(await client.hears('pong')).toEqual({ type: 'pong', timestamp: expect.any(Number) })
  })

  it.each([
    ['no JSON', 'MESSAGE_INVALID', /has to be JSON/],
    ['[]', 'MESSAGE_INVALID', /JSON object/],
    [{ type: 'publish' }, 'MESSAGE_INVALID', /subscribe, unsubscribe or ping, not "publish"/],
    [{ type: 'subscribe' }, 'MESSAGE_INVALID', /"topics" has to be a list/],
    [{ type: 'subscribe', topics: ['a*'] }, 'TOPIC_INVALID', /topic "a\*"/],
    [{ type: 'subscribe', topics: [7] }, 'TOPIC_INVALID', /has to be text/],
    [{ type: 'subscribe', topics: ['a'], filter: { colour: 'red' } }, 'MESSAGE_INVALID', /service, level, outcome/],
    [{ type: 'subscribe', topics: ['a'], filter: { level: 7 } }, 'MESSAGE_INVALID', /"filter.level" has to be text/],
    [{ type: 'subscribe', topics: ['a'], fromTimestamp: 'noon' }, 'MESSAGE_INVALID', /"fromTimestamp"/],
    [{ type: 'subscribe', topics: Array.from({ length: 101 }, (_, i) => `t${i}`) }, 'TOO_MANY_TOPICS', /at most 100/],
  ])('answers %j with what is wrong, and goes on', async (message, code, text) => {
    const client = await open('?topic=log')
    await client.hears('subscribed')
    client.say(message)
    const error = await client.hears('error')
    expect(error).toMatchObject({ code, message: expect.stringMatching(text) })
    const id = uuidv7()
    await write([{ id }])
    await eventually(() => expect(client.ids()).toEqual([id]))
  })

  it('replays what a client missed, also what was stored before the server started', async () => {
    const since = Date.now() - 60_000
    const first = await open(`?topic=log&fromTimestamp=${since}`)
    await eventually(() => expect(first.ids()).toContain('before-start'))
    expect(first.messages.some(message => message.type === 'warning')).toBe(false)
    const ids = Array.from({ length: 5 }, () => uuidv7())
    for (const id of ids) await write([{ id }])
    await eventually(() => expect(first.ids()).toEqual(expect.arrayContaining(ids)))
    const second = await open(`?topic=log&lastEventId=${ids[2]}`)
    const next = uuidv7()
    await write([{ id: next }])
    await eventually(() => expect(second.ids()).toEqual([ids[3], ids[4], next]))
    second.say({ type: 'subscribe', topics: ['trace'], lastEventId: ids[0] })
    expect(await second.hears('error')).toMatchObject({ code: 'REPLAY_TOO_LATE' })
    const third = await open('?topic=log&lastEventId=gone')
    expect(await third.hears('warning')).toMatchObject({
      code: 'REPLAY_TRUNCATED',
      completeSince: expect.stringMatching(/^20\d\d-/),
    })
    const fourth = await open('')
    expect(await fourth.hears('connected')).toEqual({ type: 'connected', topics: [] })
    fourth.say({ type: 'subscribe', topics: ['log'], lastEventId: ids[3] })
    await eventually(() => expect(fourth.ids()).toEqual([ids[4], next]))
  })

  it('counts for a client that does not read what it missed, and others wait for nothing', async () => {
    const slow = await open('?topic=slow')
    const fast = await open('?topic=slow')
    await Promise.all([slow.hears('subscribed'), fast.hears('subscribed')])
    slow.pause()
    // More than the window and the system's buffers hold.
    const text = 'x'.repeat(100_000)
    let written = 0
    for (let batch = 0; batch < 20; batch++) {
      await write(Array.from({ length: 15 }, () => ({ id: uuidv7(), ns: 'slow', log_message: text })))
      written += 15
      await eventually(() => expect(fast.ids()).toHaveLength(written))
    }
    expect(fast.messages.some(message => message.type === 'lagged')).toBe(false)
    slow.resume()
    const { skipped } = await slow.hears('lagged')
    expect(skipped).toBeGreaterThan(20)
    await eventually(() => expect(slow.ids().length + Number(skipped)).toBe(written))
    expect(slow.ids().at(-1)).toBe(fast.ids().at(-1))
  })

  it('asks at every subscribe whether the client still may, and shows it what it may see', async () => {
    try {
      access = { namespaces: ['mine'], columns: new Set(['id', 'ns', 'log_message']), expiresAt: null }
      const client = await open('?topic=*')
      await client.hears('subscribed')
      const [mine, theirs] = [uuidv7(), uuidv7()]
      await write([{ id: theirs, ns: 'theirs' }])
      await write([{ id: mine, ns: 'mine', log_message: 'hello', service_name: 'api' }])
      expect((await client.hears('event')).event).toEqual({ id: mine, ns: 'mine', log_message: 'hello' })
      expect(client.ids()).toEqual([mine])
      expect((await query({ id: [mine, theirs] })).body.rows).toEqual([{ id: mine, ns: 'mine', log_message: 'hello' }])
      access = new Error('the key was withdrawn')
      client.say({ type: 'subscribe', topics: ['log'] })
      expect(await client.hears('error')).toMatchObject({ code: 'FORBIDDEN', message: 'the key was withdrawn' })
      await expect(open('?topic=*')).rejects.toThrow('401 {"error":"the key was withdrawn"}')
    } finally {
      access = EVERYTHING
    }
  })

  it('refuses pages of other origins, other paths and unreadable addresses', async () => {
    await expect(open('?topic=*', { origin: 'https://evil.example' })).rejects.toThrow(/^403 .*https:\/\/evil\.example/)
    await expect(open('?topic=*&fromTimestamp=noon')).rejects.toThrow(/^400 .*fromTimestamp/)
    await expect(Client.open(`${url}x`)).rejects.toThrow(/^404 .*no WebSocket is at \/api\/eventsx/)
    const client = await open('?topic=a*')
    expect(await client.hears('error')).toMatchObject({ code: 'TOPIC_INVALID' })
    client.say('x'.repeat(70_000))
    await eventually(() => expect(client.closed?.code).toBe(1009))
  })

  it('goes on after its connection to Postgres was lost, without a gap', async () => {
    const client = await open('?topic=log')
    await client.hears('subscribed')
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'hasura-observability listen%'`,
    )
    const ids = Array.from({ length: 3 }, () => uuidv7())
    for (const id of ids) await write([{ id }])
    await eventually(() => expect(client.ids()).toEqual(expect.arrayContaining(ids)))
    expect(new Set(client.ids()).size).toBe(client.ids().length)
    expect(warnings).toContain('the live stream lost its connection, reconnecting')
  })

  it('tells its figures', async () => {
    const client = await open('?topic=figures&topic=__proto__')
    await client.hears('subscribed')
    const { body } = await get('/api/stats')
    expect(body).toMatchObject({
      activeConnections: expect.any(Number),
      messagesSent: expect.any(Number),
      messagesPerSecond: expect.any(Number),
    })
    expect(body.activeConnections).toBeGreaterThan(0)
    expect(body.topicStats).toMatchObject({ figures: { subscribers: 1 } })
  })

  describe('queries', () => {
    const base = Date.parse('2026-11-20T10:00:00Z')
    const at = (i: number): string => new Date(base + i * 1_000).toISOString().replace('Z', '123Z')

    beforeAll(() =>
      write(
        Array.from({ length: 25 }, (_, i) => ({
          id: `q${String(i).padStart(2, '0')}`,
          ns: 'queries',
          // Some at the same time.
          timestamp: at(i - (i % 3)),
          trace_id: i < 10 ? 'a'.repeat(32) : 'b'.repeat(32),
          service_name: i % 2 === 0 ? 'even' : 'odd',
          log_level: i % 5 === 0 ? 'error' : 'info',
        })),
      ),
    )

    it('find events by column and time, newest first', async () => {
      const { status, body } = await query({ ns: 'queries', service_name: 'even', log_level: ['error', 'fatal'] })
      expect(status).toBe(200)
      expect(body.next_cursor).toBe(null)
      expect((body.rows as { id: string }[]).map(row => row.id)).toEqual(['q20', 'q10', 'q00'])
      const window = await query({ ns: 'queries', from: at(3), to: base + 9_000 })
      const { rows } = await database.pool.query(
        `SELECT id FROM ${SCHEMA}.events WHERE ns = 'queries' AND "timestamp" >= $1 AND "timestamp" < $2
         ORDER BY "timestamp" DESC, id DESC`,
        [at(3), new Date(base + 9_000)],
      )
      expect((window.body.rows as { id: string }[]).map(row => row.id)).toEqual(rows.map(row => row.id))
      expect(rows.length).toBeGreaterThan(3)
    })

    it('go on where a page ended, each event once', async () => {
      const seen: string[] = []
      let cursor: unknown
      do {
        const { body } = await query({ ns: 'queries', limit: 4, ...(cursor ? { cursor } : {}) })
        seen.push(...(body.rows as { id: string }[]).map(row => row.id))
        cursor = body.next_cursor
      } while (cursor !== null)
      expect(seen).toHaveLength(25)
      expect(new Set(seen).size).toBe(25)
    })

    it('give a trace in the order it happened', async () => {
      const { body } = await get(`/api/query/trace?trace_id=${'a'.repeat(32)}`)
      const ids = (body.rows as { id: string }[]).map(row => row.id)
      expect(ids).toEqual(Array.from({ length: 10 }, (_, i) => `q0${i}`))
      expect((await get('/api/query/trace?trace_id=unknown')).body).toEqual({ rows: [], truncated: false })
    })

    it.each([
      [[], /a query is a JSON object/],
      [{ limit: 0 }, /"limit" has to be a whole number from 1 to 1000/],
      [
        { limit: 1e9, event_type: 7, colour: 'red' },
        /"event_type" has to be text.*"limit".*"colour" is unknown; known are id, /,
      ],
      [{ from: 'noon' }, /"from" has to be a date/],
      [{ cursor: 'x' }, /"cursor" has to be the next_cursor/],
      [{ ns: 'a\u0000' }, /"ns" has to be text/],
    ])('refuse %j and say why', async (body, message) => {
      const { status, body: answer } = await query(body)
      expect(status).toBe(400)
      expect(answer.error).toMatch(message)
    })

    it('refuse a trace without id', async () => {
      expect((await get('/api/query/trace')).status).toBe(400)
      expect((await get('/api/query/trace?trace_id=%00')).status).toBe(400)
    })
  })
})

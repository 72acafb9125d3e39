import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ObservabilityPlugin, type PluginOptions } from '../../plugin.ts'
import { uuidv7 } from '../../src/correlation/uuid.ts'
import { job as detectorJob, listenTo, type NamedEventModule, PluginManager, run } from '../../src/detector/detector.ts'
import { parseJwtConfig } from '../../src/graphql/auth/jwt-config.ts'
import type { Logger } from '../../src/log.ts'
import { silentLogger } from '../../src/log.ts'
import { graphqlTransport } from '../../src/store/graphql/graphql-transport.ts'
import type { StoreRecord } from '../../src/store/store-record.ts'
import type { Transport } from '../../src/store/transport.ts'
import { eventually } from '../support/eventually.ts'
import { createTestDatabase, SCHEMA, type TestDatabase } from '../support/postgres.ts'
import {
  ADMIN_SECRET,
  type HasuraEndpoint,
  type HasuraEndpointOptions,
  startHasuraEndpoint,
} from './support/hasura-endpoint.ts'
import { ended, invocation, job, logLine } from './support/records.ts'

const JWT_KEY = 'a key that is long enough for HS256, which wants 32 bytes'
const JWT = parseJwtConfig(JSON.stringify({ type: 'HS256', key: JWT_KEY }))

function transportTo(url: string, changes: Partial<Parameters<typeof graphqlTransport>[0]> = {}): Transport {
  return graphqlTransport(
    {
      url: `${url}/v1/graphql`,
      headers: { 'x-hasura-role': 'observability_writer', 'x-hasura-admin-secret': ADMIN_SECRET },
      token: null,
      timeoutMs: 5_000,
      prefix: '',
      maxRequestRows: 500,
      maxRequestBytes: 1_000_000,
      ...changes,
    },
    'test:1',
  )
}

describe('the GraphQL transport', () => {
  let database: TestDatabase
  let endpoint: HasuraEndpoint
  let log: { level: string; message: string; error?: string }[]
  const hear = (level: string) => (details: { error?: string }, message: string) =>
    void log.push({ level, message, ...(details.error === undefined ? {} : { error: details.error }) })
  const logger: Logger = { ...silentLogger, info: hear('info'), warn: hear('warn'), error: hear('error') }
  const sql = async (text: string): Promise<Record<string, unknown>[]> =>
    (await database.pool.query(text.replaceAll('obs.', `${SCHEMA}.`))).rows
  const graphql = (): NonNullable<PluginOptions['graphql']> => ({ endpoint: endpoint.url, adminSecret: ADMIN_SECRET })
  const options = (): PluginOptions => ({
    transport: 'graphql',
    graphql: graphql(),
    flushInterval: 20,
    retryAttempts: 2,
    retryDelay: 10,
  })

  beforeAll(async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
    database = await createTestDatabase()
    endpoint = await startHasuraEndpoint(database.url, { auth: { jwt: JWT } })
  })
  beforeEach(() => {
    log = []
    endpoint.road = 'open'
    endpoint.requests.length = 0
  })
  afterEach(async () => {
    await sql(
      `TRUNCATE obs.invocations, obs.event_executions, obs.job_executions, obs.events, obs.quarantined_rows, obs.instances`,
    )
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    await endpoint.close()
    await database.drop()
  })

  it('writes what the Postgres transport writes, for 2,000 invocations at concurrency 16 with failing jobs', {
    timeout: 120_000,
  }, async () => {
    const direct = await createTestDatabase()
    const token = () =>
      new SignJWT({
        'https://hasura.io/jwt/claims': {
          'x-hasura-default-role': 'nobody',
          'x-hasura-allowed-roles': ['nobody', 'observability_writer'],
        },
      })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1m')
        .sign(new TextEncoder().encode(JWT_KEY))
    const through = new ObservabilityPlugin(
      { ...options(), graphql: { endpoint: `${endpoint.url}/v1/graphql`, token, maxRequestBytes: 200_000 } },
      { logger },
    )
    const straight = new ObservabilityPlugin({ database: { connectionString: direct.url } }, { logger: silentLogger })
    straight.name = 'Straight'
    const pluginManager = new PluginManager().register(through).register(straight)
    await pluginManager.initialize()
    await load(pluginManager, 2_000, 16)
    for (const plugin of [through, straight]) {
      await eventually(() => expect(plugin.getStatus()).toMatchObject({ bufferedRows: 0, lag: 0 }), 60_000)
    }
    await pluginManager.shutdown()
    expect(through.getStatus()).toMatchObject({ quarantined: 0, dropped: { refused: 0, bufferFull: 0 }, hookErrors: 0 })

    // Ids and what is made of them, and instants, differ: each recorder has its own. What belongs together is found by the payload.
    const own = `- '{id,created_at,updated_at,ended_at,instance_id,correlation_id,trace_id,span_id,parent_span_id}'::text[]`
    const read = async (from: TestDatabase) => {
      const all = async (text: string) => (await from.pool.query(text.replaceAll('obs.', `${SCHEMA}.`))).rows
      return {
        invocations: await all(
          `SELECT to_jsonb(i) ${own} AS row, i.ended_at IS NOT NULL AS ended FROM obs.invocations i ORDER BY source_event_id`,
        ),
        events: await all(
          `SELECT i.source_event_id, to_jsonb(e) ${own} - '{invocation_id,detection_ended_at}'::text[] AS row
           FROM obs.event_executions e JOIN obs.invocations i ON i.id = e.invocation_id ORDER BY 1, e.event_name`,
        ),
        jobs: await all(
          `SELECT i.source_event_id, e.event_name, to_jsonb(j) ${own} - '{invocation_id,event_execution_id}'::text[] AS row
           FROM obs.job_executions j JOIN obs.event_executions e ON e.id = j.event_execution_id
             JOIN obs.invocations i ON i.id = j.invocation_id ORDER BY 1, 2, j.job_name`,
        ),
        lines: await all(
          `SELECT i.source_event_id, j.job_name, jsonb_strip_nulls(to_jsonb(l) ${own} - '{timestamp}'::text[]) AS row
           FROM obs.events l JOIN obs.job_executions j ON j.trace_id = l.trace_id AND j.span_id = l.span_id
             JOIN obs.invocations i ON i.id = j.invocation_id WHERE l.event_type = 'log' ORDER BY 1, 2, l.id`,
        ),
        changes: await all(
          `SELECT c.id, jsonb_strip_nulls(to_jsonb(c) ${own} - '{ingested_at,parent_id,data}'::text[]) AS row,
             i.source_event_id FROM obs.events c JOIN obs.invocations i ON i.id = (c.data->>'invocation_id')::uuid
           WHERE c.event_type = 'cdc' ORDER BY 1`,
        ),
      }
    }
    const [ours, theirs] = [await read(database), await read(direct)]
    expect(ours.invocations).toHaveLength(2_000)
    expect(ours.events).toHaveLength(6_000)
    expect(ours.jobs).toHaveLength(4_000)
    // Those that jobs print, and what the detector says of those that fail.
    expect(ours.lines).toHaveLength(4_040)
    expect(ours.changes).toHaveLength(2_000)
    expect(ours).toEqual(theirs)
    expect(await sql(`SELECT status, count(*)::int AS n FROM obs.job_executions GROUP BY 1 ORDER BY 1`)).toEqual([
      { status: 'completed', n: 3_960 },
      { status: 'failed', n: 40 },
    ])
    expect(await sql('SELECT ended_at IS NOT NULL AS ended FROM obs.instances')).toEqual([{ ended: true }])
    for (const { bytes, headers } of endpoint.requests) {
      expect(bytes).toBeLessThan(210_000)
      expect(headers['x-hasura-admin-secret']).toBeUndefined()
    }
    await direct.drop()
  })

  it('answers the host when rows are committed, in a function that freezes after its answer', async () => {
    const plugin = new ObservabilityPlugin(
      { ...options(), durability: 'invocation', flushInterval: 60_000 },
      { logger },
    )
    const pluginManager = new PluginManager().register(plugin)
    await load(pluginManager, 1, 1)
    expect(await sql(`SELECT count(*)::int AS n FROM obs.invocations WHERE ended_at IS NOT NULL`)).toEqual([{ n: 1 }])
    expect(await sql('SELECT count(*)::int AS n FROM obs.job_executions')).toEqual([{ n: 2 }])
    await pluginManager.shutdown()
  })

  it('keeps rows while the endpoint is away, on disk when memory is full, and writes them when it is back', async () => {
    const journalDir = await mkdtemp(path.join(tmpdir(), 'graphql-journal-'))
    const plugin = new ObservabilityPlugin({ ...options(), journalDir, maxBufferedRows: 50 }, { logger })
    const pluginManager = new PluginManager().register(plugin)
    await pluginManager.initialize()
    await load(pluginManager, 20, 4)
    await eventually(() => expect(plugin.getStatus()).toMatchObject({ bufferedRows: 0, state: 'idle' }))
    await endpoint.stop()
    await load(pluginManager, 80, 4, 20)
    await eventually(() =>
      expect(plugin.getStatus().lastError).toMatch(/^no answer from the GraphQL endpoint \(.*ECONNREFUSED/),
    )
    expect(plugin.getStatus().journal?.waitingSegments).toBeGreaterThan(0)
    await endpoint.start()
    await eventually(() =>
      expect(plugin.getStatus()).toMatchObject({ bufferedRows: 0, lastError: null, journal: { bytes: 0 } }),
    )
    await pluginManager.shutdown()
    expect(plugin.getStatus()).toMatchObject({
      dropped: { bufferFull: 0, refused: 0, journalRows: 0, journalFailed: 0 },
      journal: { errors: 0 },
    })
    expect(
      await sql('SELECT count(*)::int AS n, count(DISTINCT source_event_id)::int AS d FROM obs.invocations'),
    ).toEqual([{ n: 100, d: 100 }])
    expect(await sql(`SELECT count(*)::int AS n FROM obs.job_executions WHERE status <> 'running'`)).toEqual([
      { n: 200 },
    ])
    expect(log).toMatchObject([{ level: 'warn' }, { level: 'info' }])
    await rm(journalDir, { recursive: true, force: true })
  })

  it('has nothing twice when an answer is lost after the commit, or a batch is written again', async () => {
    const { write } = transportTo(endpoint.url)
    const records = [
      ended(invocation({ source_event_id: uuidv7(), source_table: 'public.orders', source_operation: 'INSERT' })),
      ended(job()),
      logLine(),
    ]
    endpoint.road = 'cut the answer'
    await expect(write(records)).rejects.toMatchObject({
      code: 'DATABASE_WRITE_FAILED',
      message: expect.stringMatching(/^no answer from the GraphQL endpoint/),
    })
    expect(endpoint.cuts).toBe(1)
    const all = async () => ({
      invocations: await sql('SELECT * FROM obs.invocations'),
      jobs: await sql('SELECT * FROM obs.job_executions'),
      events: await sql('SELECT * FROM obs.events ORDER BY id'),
    })
    const first = await all()
    expect([first.invocations.length, first.jobs.length, first.events.length]).toEqual([1, 1, 2])
    for (const again of [transportTo(endpoint.url), { write }]) {
      expect(await again.write(records)).toEqual([])
      expect(await all()).toEqual(first)
    }
  })

  it('lets the end win over the start, else the later version, in whatever order they arrive', async () => {
    const start = job()
    const later = { ...start, row: { ...start.row, updated_at: '2026-01-02T03:04:07Z', job_name: 'later' } }
    // The clock was set back while it ran: its end looks older than both.
    const end = ended(start, '2026-01-02T03:00:00Z')
    const amended = { ...end, row: { ...end.row, updated_at: '2026-01-02T03:00:01Z', job_name: 'amended' } }
    const { write } = transportTo(endpoint.url)
    const stored = async (order: (typeof start)[]) => {
      const id = uuidv7()
      // In one request with another row, of another version.
      for (const { row } of order) {
        expect(await write([job(), { table: 'job_executions', row: { ...row, id } }])).toEqual([])
      }
      return (await sql(`SELECT status, job_name FROM obs.job_executions WHERE id = '${id}'`))[0]
    }
    for (const order of permutations([start, later, end, amended])) {
      expect(await stored(order)).toEqual({ status: 'completed', job_name: 'amended' })
    }
    for (const order of permutations([start, later, start, later].slice(0, 3))) {
      expect(await stored(order)).toEqual({ status: 'running', job_name: 'later' })
    }
    await sql('DELETE FROM obs.job_executions')
    // A DBA's own statement is not concerned.
    await write([amended])
    await sql(`UPDATE obs.job_executions SET updated_at = '2020-01-01', ended_at = NULL`)
    expect(await sql(`SELECT ended_at, updated_at < '2021-01-01' AS old FROM obs.job_executions`)).toEqual([
      { ended_at: null, old: true },
    ])
  })

  describe('with rows that Postgres refuses, 1 in 100', () => {
    const REFUSING = `
      CREATE FUNCTION obs.refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'made by the test'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON obs.job_executions FOR EACH ROW WHEN (NEW.job_name = 'poison')
        EXECUTE FUNCTION obs.refuse()`
    it.each([
      [
        'a constraint',
        `ALTER TABLE obs.job_executions ADD CONSTRAINT tame CHECK (job_name <> 'poison')`,
        'ALTER TABLE obs.job_executions DROP CONSTRAINT tame',
        { job_name: 'poison' },
        /^permission-error: Check constraint violation/,
      ],
      ['a value that no text may hold', '', '', { job_name: 'a\0b' }, /^data-exception: invalid byte sequence/],
      [
        'a value of another type',
        '',
        '',
        { event_execution_id: 'no uuid' },
        /^data-exception: invalid input syntax for type uuid/,
      ],
      ['a number that is none', '', '', { duration_ms: 1.5 }, /^parse-failed: The value/],
      ['JSON that is none', '', '', { result: '{"a":1},"status":"lost"' }, /JSON/],
      [
        'a trigger whose reason Hasura does not tell',
        REFUSING,
        'DROP FUNCTION obs.refuse() CASCADE',
        { job_name: 'poison' },
        /^unexpected: database query error$/,
      ],
    ] as const)('finds them, because of %s, and stores the others', async (_what, harm, mend, poison, says) => {
      if (harm !== '') await sql(harm)
      const { write } = transportTo(endpoint.url, { maxRequestRows: 100 })
      const parents = Array.from({ length: 20 }, () => ended(invocation()))
      const jobs = Array.from({ length: 280 }, (_, n) => ended(job(n % 100 === 77 ? (poison as object) : {})))
      const refused = await write([...parents, ...jobs])
      if (mend !== '') await sql(mend)
      const poisoned = jobs.filter((_, n) => n % 100 === 77).map(record => record.row.id)
      expect(refused.map(({ record, quarantined }) => [record.row.id, quarantined])).toEqual(
        poisoned.map(id => [id, true]),
      )
      const kept = await sql(
        'SELECT table_name, row_id, row, error_code, error_message, instance FROM obs.quarantined_rows ORDER BY row_id',
      )
      expect(kept.map(row => row.row_id)).toEqual(poisoned)
      for (const row of kept) {
        expect(row).toMatchObject({
          table_name: 'job_executions',
          instance: 'test:1',
          error_message: expect.stringMatching(says),
          row: { status: 'completed' },
        })
      }
      expect(await sql('SELECT count(*)::int AS n FROM obs.job_executions')).toEqual([{ n: 277 }])
      expect(await sql('SELECT count(*)::int AS n FROM obs.invocations')).toEqual([{ n: 20 }])
      // Of each 100: all, two halves for each level, once more the one in doubt, and one for the quarantine.
      expect(endpoint.requests.length).toBeLessThanOrEqual(3 * (1 + 2 * 7 + 1 + 1))
    })

    it('tells the SQLSTATE when it writes as admin, and puts a row there once', async () => {
      const { write } = transportTo(endpoint.url, { headers: { 'x-hasura-admin-secret': ADMIN_SECRET } })
      const record = job({ status: 'odd' as never })
      expect(await write([record])).toMatchObject([{ quarantined: true }])
      expect(await write([record])).toMatchObject([{ quarantined: true }])
      expect(await sql('SELECT row_id, error_code FROM obs.quarantined_rows')).toEqual([
        { row_id: record.row.id, error_code: '23514' },
      ])
    })

    it('sends a row that is too large alone, and keeps its beginning when it is not taken even so', async () => {
      endpoint.road = ({ body, response }) => (body.length > 300_000 ? void response.writeHead(413).end() : 'pass')
      const { write } = transportTo(endpoint.url)
      const large = ended(job({ result: JSON.stringify('x'.repeat(400_000)) }))
      const others = Array.from({ length: 300 }, () => ended(job({ result: JSON.stringify('y'.repeat(2_000)) })))
      expect(await write([others[0] as StoreRecord, large, ...others.slice(1)])).toMatchObject([{ quarantined: true }])
      expect(await sql('SELECT count(*)::int AS n FROM obs.job_executions')).toEqual([{ n: 300 }])
      const [row] = await sql('SELECT row_id, row FROM obs.quarantined_rows')
      expect(row).toMatchObject({ row_id: large.row.id, row: expect.stringContaining(`"id":"${large.row.id}"`) })
    })
  })

  const answer = (status: number, body: unknown, type = 'application/json') => ({
    road: ({ response }: { response: import('node:http').ServerResponse }) =>
      void response
        .writeHead(status, { 'content-type': type })
        .end(typeof body === 'string' ? body : JSON.stringify(body)),
  })
  const errors = (code: string, message: string, more = {}) => ({
    errors: [{ message, extensions: { code, path: '$', ...more } }],
  })

  it.each<[string, Pick<HasuraEndpoint, 'road'>, RegExp]>([
    ['is overloaded', answer(503, 'no'), /^the GraphQL endpoint is not able to answer now \(HTTP status 503\)$/],
    ['is busy', answer(429, ''), /is not able to answer now \(HTTP status 429\)/],
    [
      'fails within',
      answer(502, errors('unexpected', 'bad gateway')),
      /is not able to answer now \(unexpected: bad gateway\)/,
    ],
    ['does not answer', { road: () => undefined }, /^no answer from the GraphQL endpoint \(none within 1000 ms\)/],
    [
      'has no database',
      answer(200, errors('unexpected', 'connection error')),
      /^the GraphQL endpoint has no connection to its database/,
    ],
    [
      'takes too long',
      answer(200, errors('timeout', 'too long')),
      /^the GraphQL endpoint took longer than it allows itself/,
    ],
    [
      'asks for other access',
      answer(401, ''),
      /^the GraphQL endpoint does not let this role in; correct graphql.adminSecret/,
    ],
    ['is another page', answer(200, '<html>hello</html>', 'text/html'), /^what answers is no GraphQL endpoint/],
    ['is somewhere else', answer(404, 'nope'), /^what answers is no GraphQL endpoint.*HTTP status 404/],
    ['says what nobody foresaw', answer(200, errors('odd', 'hm')), /failed in an unexpected way \(odd: hm\)/],
    [
      'has a read-only database',
      answer(200, errors('unexpected', 'database query error', { internal: { error: { status_code: '25006' } } })),
      /^the database is read-only/,
    ],
    [
      'refuses everything without a reason',
      answer(200, errors('unexpected', 'database query error')),
      /Hasura tells only the role admin why \(unexpected/,
    ],
    ['cannot read anything', answer(400, 'bad'), /cannot read what was sent \(HTTP status 400\)/],
  ])('keeps the rows when the endpoint %s, says so once, and goes on when it is well', async (what, { road }, says) => {
    const plugin = new ObservabilityPlugin(
      { ...options(), graphql: { ...graphql(), timeout: what === 'does not answer' ? 1_000 : 10_000 } },
      { logger },
    )
    const pluginManager = new PluginManager().register(plugin)
    await pluginManager.initialize()
    await load(pluginManager, 1, 1)
    await eventually(() => expect(plugin.getStatus()).toMatchObject({ bufferedRows: 0, state: 'idle' }))
    log = []
    endpoint.road = road
    await load(pluginManager, 2, 1)
    await eventually(() => expect(plugin.getStatus().lastError).toMatch(says))
    await eventually(() => expect(plugin.getStatus().retried).toBeGreaterThan(20))
    endpoint.road = 'open'
    await eventually(() =>
      expect(plugin.getStatus()).toMatchObject({ bufferedRows: 0, lastError: null, quarantined: 0 }),
    )
    await pluginManager.shutdown()
    expect(log).toMatchObject([{ level: 'warn' }, { level: 'info' }])
    expect(await sql('SELECT count(*)::int AS n FROM obs.invocations')).toEqual([{ n: 3 }])
  })

  it.each<[string, (real: HasuraEndpoint) => Partial<NonNullable<PluginOptions['graphql']>>, RegExp]>([
    [
      'a wrong secret',
      () => ({ adminSecret: 'a-wrong-secret' }),
      /does not let this role in.*access-denied: invalid x-hasura-admin-secret/,
    ],
    [
      'a token that is none',
      () => ({ adminSecret: '', token: 'a.wrong.token' }),
      /does not let this role in.*invalid-jwt/,
    ],
    [
      'no token, because who gives it fails',
      () => ({ adminSecret: '', token: () => Promise.reject(new Error('vault is shut')) }),
      /graphql\.token failed \(vault is shut\)/,
    ],
    [
      'a token that no header takes',
      () => ({ adminSecret: '', token: () => 'a-wrong\ntoken' }),
      /graphql\.token failed \(it is no token\)/,
    ],
    [
      'a role that may not write',
      () => ({ role: 'observability_viewer' }),
      /does not know what this version writes; migrate the database.*no mutations exist|not found in type/,
    ],
    ['another prefix', () => ({ prefix: 'other_' }), /does not know what this version writes.*other_/],
  ])(
    'waits for somebody to act when it comes with %s, says so once, and shows no secret',
    async (_what, wrong, says) => {
      const plugin = new ObservabilityPlugin(
        { ...options(), graphql: { ...graphql(), ...wrong(endpoint) } },
        { logger },
      )
      const pluginManager = new PluginManager().register(plugin)
      await pluginManager.initialize()
      await load(pluginManager, 3, 1)
      await eventually(() => expect(plugin.getStatus().retried).toBeGreaterThan(40))
      const status = plugin.getStatus()
      expect(status.lastError).toMatch(says)
      expect(status).toMatchObject({ written: 0, quarantined: 0, dropped: { refused: 0, bufferFull: 0 } })
      expect(log.map(line => line.level)).toEqual(['warn'])
      expect(JSON.stringify([log, status, plugin])).not.toMatch(/the-admin-secret|a-wrong|a\.wrong/)
      await pluginManager.shutdown()
    },
  )

  it('waits when the endpoint knows an older version of the tables', async () => {
    const older = await startHasuraEndpoint(database.url, {
      change: metadata => without(metadata, 'job_executions', 'job_function_name'),
    })
    const { write } = transportTo(older.url)
    await expect(write([ended(job({ job_function_name: 'send' }))])).rejects.toThrow(
      /does not know what this version writes.*field 'job_function_name' not found in type/,
    )
    await older.close()
  })

  it('writes into a source whose root fields and types have a prefix', async () => {
    const prefixed = await startHasuraEndpoint(database.url, {
      change: ({ sources, ...metadata }) => ({
        ...metadata,
        sources: sources.map(source => ({
          ...source,
          customization: { root_fields: { prefix: 'observability_' }, type_names: { prefix: 'observability_' } },
        })),
      }),
    })
    const { write, beat } = transportTo(prefixed.url, { prefix: 'observability_' })
    expect(await write([ended(invocation()), job({ status: 'odd' as never }), logLine()])).toMatchObject([
      { quarantined: true },
    ])
    const told = { id: uuidv7(), startedAt: new Date(), host: 'h', pid: 1, version: '1' }
    await beat({ ...told, endedAt: new Date('2026-01-01T00:00:00Z') })
    await beat({ ...told, endedAt: null })
    expect(await sql('SELECT host, ended_at FROM obs.instances')).toEqual([
      { host: 'h', ended_at: new Date('2026-01-01T00:00:00Z') },
    ])
    expect(await sql('SELECT count(*)::int AS n FROM obs.events')).toEqual([{ n: 1 }])
    await prefixed.close()
  })

  it('has its failures in docs/operations.md, advice by advice', () => {
    const manual = readFileSync('docs/operations.md', 'utf8')
    const source = readFileSync('src/store/graphql/failures.ts', 'utf8')
    const advices = [...source.matchAll(/(?:wait|doubt)\(\s*'([^']+)'|advice: '([^']+)'/g)].map(
      match => match[1] ?? match[2] ?? '',
    )
    expect(advices.length).toBeGreaterThan(10)
    for (const advice of advices) expect(manual).toContain(advice.split(/[;,]/)[0])
  })
})

const without = (
  { sources, ...metadata }: Parameters<NonNullable<HasuraEndpointOptions['change']>>[0],
  table: string,
  column: string,
) =>
  ({
    ...metadata,
    sources: sources.map(source => ({
      ...source,
      tables: source.tables.map(item =>
        item.table.name !== table
          ? item
          : {
              ...item,
              insert_permissions: item.insert_permissions?.map(({ role, permission }) => ({
                role,
                permission: {
                  ...permission,
                  columns: (permission.columns as string[]).filter(name => name !== column),
                },
              })),
            },
      ),
    })),
  }) as typeof metadata & { sources: typeof sources }

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map(rest => [item, ...rest]),
  )
}

/** Invocations of two jobs each, of which 1 in 50 throws; every job says who it is. The same numbers give the same rows. */
async function load(pluginManager: PluginManager, invocations: number, concurrency: number, from = 0): Promise<void> {
  const work = (name: string, n: number) =>
    detectorJob(
      async () => {
        await new Promise(resolve => setTimeout(resolve, n % 3))
        console.log(`${n} ${name}`)
        if (n % 50 === 7 && name === (n % 100 === 7 ? 'reserve' : 'send'))
          throw new TypeError(`${n} ${name} was to fail`)
        return { n, name, at: 'ü"\\', big: 2 ** 53, none: null, list: [1.5, -0, 1e21] }
      },
      { jobName: name, shelf: n } as never,
    )
  const modules = (n: number): NamedEventModule[] => [
    {
      name: 'orders.placed',
      detector: () => true,
      handler: (event, payload) => run(event, payload, [work('reserve', n), work('send', n)]),
    },
    { name: 'orders.paid', detector: () => false, handler: async () => undefined as never },
    {
      name: 'orders.shipped',
      detector: () => {
        throw new Error('the detector is broken')
      },
      handler: async () => undefined as never,
    },
  ]
  let begun = from
  const worker = async (): Promise<void> => {
    while (begun < from + invocations) {
      const n = begun++
      const id = `11111111-2222-4333-8444-${String(n).padStart(12, '0')}`
      await listenTo(
        {
          id,
          created_at: '2026-01-02T03:04:05.678901',
          table: { schema: 'public', name: 'orders' },
          trigger: { name: 'orders' },
          event: {
            op: n % 2 === 0 ? 'INSERT' : 'UPDATE',
            data: {
              old: n % 2 === 0 ? null : { id, total: n - 1 },
              new: { id, total: n, note: 'x'.repeat(n % 300), updated_by: 'ann@shop.example' },
            },
            session_variables: { 'x-hasura-role': 'clerk' },
            trace_context: null,
          },
        } as never,
        { pluginManager, eventModules: modules(n), context: { n } } as never,
      )
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OTLP_VARIABLES } from '../src/config/otlp.ts'
import { readPluginConfig, readServerConfig, SERVER_VARIABLES } from '../src/config.ts'
import { GRAPHQL_VARIABLES, readGraphqlConfig } from '../src/graphql-config.ts'

const database = { connectionString: 'postgresql://user:hunter2@db.example:5433/obs' }

describe('the plugin’s configuration', () => {
  it('has the documented defaults, frozen', () => {
    const config = readPluginConfig({ database }, {})
    expect(config).toEqual({
      enabled: true,
      transport: 'postgres',
      connectionString: database.connectionString,
      graphql: null,
      ssl: undefined,
      maxConnections: 2,
      schema: 'event_detector_observability',
      captureJobOptions: true,
      captureHasuraPayload: true,
      captureErrorStacks: true,
      captureConsole: true,
      maxLinesPerJob: 1_000,
      recordReads: false,
      correlation: {
        strategies: ['updated_by', 'session', 'metadata', 'custom', 'trace_context'],
        columns: ['updated_by', 'updatedby'],
        rows: ['new', 'old'],
        sessionVariables: ['x-correlation-id', 'x-request-id'],
        metadataKeys: ['correlation_id', 'trace_id', 'request_id', 'workflow_id'],
        customFields: [],
      },
      redact: { keys: [], paths: [] },
      maxJsonSize: 262_144,
      maxJsonDepth: 12,
      batchSize: 100,
      flushIntervalMs: 5_000,
      retryAttempts: 3,
      retryDelayMs: 1_000,
      maxBufferedRows: 100_000,
      maxBufferedBytes: 67_108_864,
      journalDir: null,
      journalMaxBytes: 1_073_741_824,
      journalFsync: false,
      durability: 'interval',
      durabilityByHost: true,
      otlp: null,
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('takes the configuration of the first README, development and production', () => {
    expect(() =>
      readPluginConfig(
        {
          enabled: true,
          database: { connectionString: database.connectionString, ssl: { rejectUnauthorized: false } },
          captureJobOptions: false,
          captureHasuraPayload: false,
          captureErrorStacks: true,
          batchSize: 200,
          flushInterval: 10_000,
          retryAttempts: 5,
        },
        {},
      ),
    ).not.toThrow()
    const parts = { host: 'localhost', port: 5432, database: 'obs', user: 'me', password: 'p@ss:/?' }
    expect(readPluginConfig({ database: parts }, {}).connectionString).toBe(
      'postgresql://me:p%40ss%3A%2F%3F@localhost:5432/obs',
    )
  })

  it('reads the environment, and lets options win', () => {
    const env = {
      OBSERVABILITY_ENABLED: 'false',
      OBSERVABILITY_DB_URL: 'postgres://env/db',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
    }
    expect(readPluginConfig({}, env)).toMatchObject({
      enabled: false,
      connectionString: null,
      durability: 'invocation',
    })
    for (const [word, enabled] of Object.entries({
      TRUE: true,
      yes: true,
      On: true,
      1: true,
      False: false,
      off: false,
    })) {
      expect(readPluginConfig({ database }, { OBSERVABILITY_ENABLED: word }).enabled, word).toBe(enabled)
    }
    expect(() => readPluginConfig({ database }, { OBSERVABILITY_ENABLED: 'maybe' })).toThrow(
      /OBSERVABILITY_ENABLED: got "maybe", allowed is true or false/,
    )
    for (const variable of ['AWS_LAMBDA_FUNCTION_NAME', 'NETLIFY', 'VERCEL']) {
      expect(readPluginConfig({ database }, { [variable]: '1' }).durability).toBe('invocation')
      const chosen = readPluginConfig({ database, durability: 'interval' }, { [variable]: '1' })
      expect(chosen).toMatchObject({ durability: 'interval', durabilityByHost: false })
    }
    expect(readPluginConfig({ enabled: true }, env).connectionString).toBe('postgres://env/db')
    expect(readPluginConfig({ enabled: true, database }, env).connectionString).toBe(database.connectionString)
  })

  it('reports all mistakes in one error, with name, value and what is allowed', () => {
    const attempt = () =>
      readPluginConfig(
        {
          database: { connectionString: 'mysql://x', prot: 1, ssl: 'require' },
          batchSize: 0,
          retryAttempts: Number.NaN,
          retryDelay: Number.POSITIVE_INFINITY,
          flushInterval: 'soon',
          schema: 'no good',
          batchsize: 5,
          durability: 'never',
        } as never,
        {},
      )
    expect(attempt).toThrow(/batchSize: got 0, allowed is a whole number from 1 to 10000/)
    expect(attempt).toThrow(/flushInterval: got "soon"/)
    expect(attempt).toThrow(/retryAttempts: got NaN, allowed is a whole number of at least 0/)
    expect(attempt).toThrow(/retryDelay: got Infinity, allowed is a whole number of at least 1/)
    expect(attempt).toThrow(
      /database\.ssl: got string \(not shown\), allowed is true, false, or an object of TLS settings/,
    )
    expect(attempt).toThrow(/schema: got "no good", allowed is a Postgres name/)
    expect(attempt).toThrow(/batchsize: unknown option; known are enabled, database/)
    expect(attempt).toThrow(/database\.prot: unknown option/)
    expect(attempt).toThrow(/durability: got "never", allowed is one of interval, invocation/)
    expect(attempt).toThrow(
      /database\.connectionString: got string \(not shown\), allowed is an address like postgresql:/,
    )
  })

  it('reads how to correlate, what to redact and how much to capture', () => {
    const config = readPluginConfig(
      {
        database,
        recordReads: true,
        correlation: {
          strategies: ['custom', 'updated_by'],
          columns: ['changed_by'],
          customFields: ['data.order.trace'],
        },
        redact: { keys: ['iban'], paths: ['payload.event.data.new.*.code'] },
        maxJsonSize: 10_000,
        maxJsonDepth: 3,
        maxLinesPerJob: 10,
      },
      {},
    )
    expect(config).toMatchObject({
      recordReads: true,
      correlation: {
        strategies: ['custom', 'updated_by'],
        columns: ['changed_by'],
        rows: ['new', 'old'],
        customFields: ['data.order.trace'],
      },
      redact: { keys: ['iban'], paths: ['payload.event.data.new.*.code'] },
      maxJsonSize: 10_000,
      maxJsonDepth: 3,
      maxLinesPerJob: 10,
    })
    expect(Object.isFrozen(config.correlation) && Object.isFrozen(config.redact)).toBe(true)
  })

  it('reads the Hasura to write through, from options or the environment', () => {
    const env = {
      HASURA_GRAPHQL_ENDPOINT: 'https://hasura.example',
      HASURA_GRAPHQL_ADMIN_SECRET: 's3cret',
      OBSERVABILITY_GRAPHQL_PREFIX: 'observability_',
    }
    const config = readPluginConfig({ transport: 'graphql' }, env)
    expect(config).toMatchObject({ transport: 'graphql', connectionString: null })
    expect(config.graphql).toEqual({
      url: 'https://hasura.example/v1/graphql',
      headers: { 'x-hasura-role': 'observability_writer', 'x-hasura-admin-secret': 's3cret' },
      token: null,
      prefix: 'observability_',
      maxRequestRows: 500,
      maxRequestBytes: 1_000_000,
      timeoutMs: 10_000,
    })
    expect(Object.isFrozen(config.graphql) && Object.isFrozen(config.graphql?.headers)).toBe(true)
    // Who brings a proof of their own does not send the secret as well: Hasura would look at that only.
    const graphql = { endpoint: 'http://h/v1/graphql', token: 'a.b.c', role: 'r', headers: { 'x-tenant': '7' } }
    expect(readPluginConfig({ transport: 'graphql', graphql }, env).graphql).toMatchObject({
      url: 'http://h/v1/graphql',
      headers: { 'x-hasura-role': 'r', 'x-tenant': '7' },
      token: 'a.b.c',
    })
    // Both ways may be configured, and one chosen.
    expect(readPluginConfig({ database, graphql }, {})).toMatchObject({ transport: 'postgres', graphql: null })
    expect(readPluginConfig({ enabled: false, transport: 'graphql' }, {})).toMatchObject({ graphql: null })
  })

  it('says what is wrong with that Hasura, and shows no secret', () => {
    const attempt = (graphql: object, env = {}) => {
      try {
        readPluginConfig({ transport: 'graphql', graphql }, env)
      } catch (error) {
        return (error as Error).message
      }
      return 'nothing'
    }
    const wrong = attempt({
      endpoint: 'https://me:hunter2@hasura.example',
      adminSecret: 'hunter2\n',
      token: 5,
      headers: { 'x y': 'hunter2' },
      prefix: '7x',
      maxRequestRows: 0,
      maxRequestBytes: 10,
      timeout: -1,
      secret: 'hunter2',
    })
    for (const mistake of [
      'graphql.endpoint: got string (not shown), allowed is an address without user and password: give them as graphql.headers',
      'graphql.adminSecret: got string (not shown), allowed is a text of printable characters',
      'graphql.token: got number (not shown), allowed is a token, or a function that returns one',
      'graphql.headers: got string (not shown), allowed is a header name',
      'graphql.prefix: got "7x", allowed is letters, digits and _, no digit first',
      'graphql.maxRequestRows: got 0, allowed is a whole number from 1 to 1000',
      'graphql.maxRequestBytes: got 10, allowed is a whole number of at least 10000',
      'graphql.timeout: got -1, allowed is a whole number of at least 1',
      'graphql.secret: unknown option; known are endpoint, adminSecret, token',
    ])
      expect(wrong).toContain(mistake)
    expect(wrong).not.toContain('hunter2')
    expect(attempt({})).toContain('graphql.endpoint: not set; give it, or set HASURA_GRAPHQL_ENDPOINT')
    expect(attempt({ endpoint: 'http://h', token: 'a', adminSecret: 'b' })).toContain('give one of graphql.token and')
    expect(attempt({ endpoint: 'http://h', headers: 'x' })).toContain('allowed is an object of header names and values')
    expect(attempt({}, { HASURA_GRAPHQL_ENDPOINT: 'hasura' })).toContain(
      'HASURA_GRAPHQL_ENDPOINT: got "hasura", allowed is an address like http:',
    )
    expect(() => readPluginConfig({ database, transport: 'udp' } as never, {})).toThrow(
      /transport: got "udp", allowed is one of postgres, graphql/,
    )
  })

  it('names what is wrong within a section', () => {
    const attempt = () =>
      readPluginConfig(
        {
          database,
          correlation: {
            strategies: ['updated_by', 'magic'],
            columns: [],
            rows: 'new',
            custom: 1,
            customFields: ['a..b'],
          },
          redact: { keys: ['--'], paths: ['event.data.new.iban'] },
          maxJsonSize: 5,
        } as never,
        {},
      )
    expect(attempt).toThrow(
      /correlation\.strategies: got \["updated_by","magic"\], allowed is a list, each one of updated_by, /,
    )
    expect(attempt).toThrow(/correlation\.columns: got \[\], allowed is a list that is not empty/)
    expect(attempt).toThrow(/correlation\.rows: got "new", allowed is a list that is not empty, each one of new, old/)
    expect(attempt).toThrow(/correlation\.custom: unknown option; known are strategies, columns/)
    expect(attempt).toThrow(/correlation\.customFields: got \["a\.\.b"\], allowed is a list, each a path like/)
    expect(attempt).toThrow(/redact\.keys: got \["--"\]/)
    expect(attempt).toThrow(/redact\.paths: got .*allowed is a list, each a path that begins with payload\., /)
    expect(attempt).toThrow(/maxJsonSize: got 5, allowed is a whole number from 1024/)
    expect(() => readPluginConfig({ database, redact: 'all' } as never, {})).toThrow(
      /redact: got "all", allowed is an object with keys, paths/,
    )
    expect(() => readPluginConfig({ database: 'postgres://me:pw@h/d' } as never, {})).toThrow(/allowed is an object/)
    expect(() => readPluginConfig({ database: 'postgres://me:pw@h/d' } as never, {})).not.toThrow(/me:pw/)
  })

  it('reads where to send spans, from options and from OpenTelemetry’s own variables', () => {
    const otlp = (given?: object | false, env = {}) => readPluginConfig({ database, otlp: given } as never, env).otlp
    expect(otlp({ endpoint: 'http://c:4318/', headers: { 'x-a': 'b' }, serviceName: 's' })).toEqual({
      url: 'http://c:4318/v1/traces',
      headers: { 'x-a': 'b' },
      serviceName: 's',
      maxQueuedSpans: 10_000,
      timeoutMs: 10_000,
    })
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x, x-b=c=d',
      OTEL_SERVICE_NAME: 'orders',
    }
    expect(otlp(undefined, env)).toMatchObject({
      url: 'http://c:4318/v1/traces',
      headers: { authorization: 'Bearer x', 'x-b': 'c=d' },
      serviceName: 'orders',
    })
    const traces = { ...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t/custom' }
    expect(otlp(undefined, traces)?.url).toBe('https://t/custom')
    expect(otlp({ endpoint: 'http://mine' }, traces)?.url).toBe('http://mine/v1/traces')
    expect(otlp(false, traces)).toBeNull()
    expect(() => otlp({ serviceName: 's' })).toThrow(/otlp: not set where to; give otlp.endpoint/)
    expect(() => otlp({ endpoint: 'grpc://c', url: 1 })).toThrow(
      /otlp\.url: unknown option; known are endpoint[\s\S]*otlp\.endpoint: got "grpc/,
    )
    expect(() => otlp({ endpoint: 'http://c', headers: { k: 'sec\nret' } })).toThrow(
      /otlp\.headers: got string \(not shown\)/,
    )
    expect(() => otlp(undefined, { OTEL_EXPORTER_OTLP_HEADERS: 'no' })).toThrow(/allowed is name=value,name=value/)
  })

  it('asks for a database only when it is enabled', () => {
    expect(() => readPluginConfig({}, {})).toThrow(/database: not set; give database.connectionString/)
    expect(readPluginConfig({ enabled: false }, {}).connectionString).toBeNull()
  })
})

describe('the server’s configuration', () => {
  it('has defaults for everything', () => {
    expect(readServerConfig({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataDir: '.data',
      shop: true,
      demoOrdersPerMinute: 12,
    })
  })

  it('names every wrong variable', () => {
    const attempt = () => readServerConfig({ PORT: 'http', DEMO_ORDERS_PER_MINUTE: '-1', OBSERVABILITY_DB_URL: 'x' })
    expect(attempt).toThrow(/PORT: got "http", allowed is a whole number from 0 to 65535/)
    expect(attempt).toThrow(/DEMO_ORDERS_PER_MINUTE: got "-1", allowed is a number from 0 to 600/)
    expect(attempt).toThrow(/OBSERVABILITY_DB_URL: got string \(not shown\)/)
  })

  it('is documented in .env.example, variable by variable, with the default it has', () => {
    const example = readFileSync('.env.example', 'utf8')
    const documented = [...example.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(match => match[1])
    // One of them serves both.
    expect(documented).toEqual([...new Set([...SERVER_VARIABLES, ...OTLP_VARIABLES, ...GRAPHQL_VARIABLES])])
    const plain = readGraphqlConfig({ metadata: 'dir' }, {})
    for (const [, name, value] of example.matchAll(/^#?([A-Z_]+)=(.+)$/gm)) {
      expect(readServerConfig({ [name as string]: value }), name).toEqual(readServerConfig({}))
      expect(readGraphqlConfig({ metadata: 'dir' }, { [name as string]: value }), name).toEqual(plain)
    }
  })
})

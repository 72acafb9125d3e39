import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPluginConfig, readServerConfig, SERVER_VARIABLES } from '../src/config.ts'

const database = { connectionString: 'postgresql://user:hunter2@db.example:5433/obs' }

describe('the plugin’s configuration', () => {
  it('has the documented defaults, frozen', () => {
    const config = readPluginConfig({ database }, {})
    expect(config).toEqual({
      enabled: true,
      connectionString: database.connectionString,
      ssl: undefined,
      maxConnections: 2,
      schema: 'event_detector_observability',
      captureJobOptions: true,
      captureHasuraPayload: true,
      captureErrorStacks: true,
      captureConsole: true,
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
    expect(readPluginConfig({ enabled: true }, env).connectionString).toBe('postgres://env/db')
    expect(readPluginConfig({ enabled: true, database }, env).connectionString).toBe(database.connectionString)
  })

  it('reports all mistakes in one error, with name, value and what is allowed', () => {
    const attempt = () =>
      readPluginConfig(
        {
          database: { connectionString: 'mysql://x', prot: 1 },
          batchSize: 0,
          flushInterval: 'soon',
          schema: 'no good',
          batchsize: 5,
          durability: 'never',
        } as never,
        {},
      )
    expect(attempt).toThrow(/batchSize: got 0, allowed is a whole number from 1 to 10000/)
    expect(attempt).toThrow(/flushInterval: got "soon"/)
    expect(attempt).toThrow(/schema: got "no good", allowed is a Postgres name/)
    expect(attempt).toThrow(/batchsize: unknown option; known are enabled, database/)
    expect(attempt).toThrow(/database\.prot: unknown option/)
    expect(attempt).toThrow(/durability: got "never", allowed is one of interval, invocation/)
    expect(attempt).toThrow(
      /database\.connectionString: got string \(not shown\), allowed is an address like postgresql:/,
    )
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
    expect(documented).toEqual([...SERVER_VARIABLES])
    for (const [, name, value] of example.matchAll(/^#?([A-Z_]+)=(.+)$/gm)) {
      expect(readServerConfig({ [name as string]: value }), name).toEqual(readServerConfig({}))
    }
  })
})

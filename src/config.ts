import { DASHBOARD_VARIABLES, type DashboardSettings, readDashboardSettings } from './config/dashboard.ts'
import { ENDPOINT_VARIABLES, type EndpointConfig, readEndpointConfig } from './config/endpoint.ts'
import {
  type GraphqlTransportConfig,
  type GraphqlTransportOptions,
  graphqlPrefix,
  readGraphqlTransportConfig,
} from './config/graphql-transport.ts'
import { INGEST_VARIABLES, type IngestConfig, readIngestConfig } from './config/ingest.ts'
import { LOGIN_VARIABLES, type LoginSettings, readLoginSettings } from './config/login.ts'
import { type OtlpConfig, type OtlpOptions, readOtlpConfig } from './config/otlp.ts'
import { REPLAY_VARIABLES, type ReplaySettings, readReplaySettings } from './config/replay.ts'
import {
  anything,
  ConfigReader,
  flag,
  identifier,
  listOf,
  matching,
  number,
  oneOf,
  text,
  url,
  wholeNumber,
} from './config-reader.ts'
import { CORRELATION_STRATEGIES, type CorrelationOptions, DEFAULT_CORRELATION } from './correlation/extract.ts'
import type { LogLevel } from './log.ts'
import { MIB } from './units.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The process' environment: nothing else reads it. */
export const ENVIRONMENT: Environment = process.env

export const DEFAULT_SCHEMA = 'event_detector_observability'
export const DEFAULT_DATABASE = 'hasura_event_detector_observability'

/** Options of the plugin. Everything is optional; `enabled` and the database also come from the environment. */
export interface PluginOptions {
  /** Record anything at all. @default OBSERVABILITY_ENABLED, else true */
  enabled?: boolean
  /** Where to write to. @default OBSERVABILITY_DB_URL */
  database?: {
    /** Wins over the single parts below. */
    connectionString?: string
    /** @default 'localhost' */
    host?: string
    /** @default 5432 */
    port?: number
    /** @default 'hasura_event_detector_observability' */
    database?: string
    user?: string
    password?: string
    /** As node-postgres takes it, for example `{ rejectUnauthorized: true }`. */
    ssl?: object | boolean
    /** Most connections at once; one is enough for most. @default 2 */
    max?: number
  }
  /** @default 'event_detector_observability' */
  schema?: string
  /** Straight to Postgres, or through a Hasura's mutations where no connection can be opened. @default 'postgres' */
  transport?: 'postgres' | 'graphql'
  /** That Hasura; counts with `transport: 'graphql'` only. */
  graphql?: GraphqlTransportOptions
  /** Store each job's own options. @default true */
  captureJobOptions?: boolean
  /** Store the payload that Hasura sent. @default true */
  captureHasuraPayload?: boolean
  /** Store stack traces of errors. @default true */
  captureErrorStacks?: boolean
  /** Record `console.*` of jobs. @default true */
  captureConsole?: boolean
  /** Most lines of output recorded for one job. @default 1000 */
  maxLinesPerJob?: number
  /** Record which parts of the payload each detector reads. Detectors then see proxies. @default false */
  recordReads?: boolean
  /** How an invocation finds the chain it belongs to. */
  correlation?: Partial<CorrelationOptions>
  /** What is replaced by "[Redacted]" before it leaves the process, besides what is always replaced. */
  redact?: {
    /** Names of keys, in any letter case, with any separators. @default [] */
    keys?: readonly string[]
    /** Places that begin with `payload`, `context`, `options` or `result`; `*` stands for any key. @default [] */
    paths?: readonly string[]
  }
  /** Longest JSON text of one value, in bytes; what comes after is cut, and marked with what it was. @default 262144 */
  maxJsonSize?: number
  /** Deepest nesting that is written out. @default 12 */
  maxJsonDepth?: number
  /** Rows that start a write without waiting for more; under load rows of 50 ms go together. @default 100 */
  batchSize?: number
  /** Longest a row waits before it is written, in milliseconds; usually a fraction of a second. @default 5000 */
  flushInterval?: number
  /** Failed tries that flush() and shutdown() wait for. Rows are kept and tried again all the same. @default 3 */
  retryAttempts?: number
  /** Delay before the first retry, in milliseconds; doubles with each. @default 1000 */
  retryDelay?: number
  /** Most rows held in memory while the database is away; then the oldest go, and are counted. @default 100000 */
  maxBufferedRows?: number
  /** Most memory for them, in bytes. @default 67108864 (64 MiB) */
  maxBufferedBytes?: number
  /**
   * Folder on local disk for a copy of each row until it is committed: rows then survive the process, and an absence of
   * Postgres that is too long for memory. Several processes may share it. @default none
   */
  journalDir?: string
  /** Most disk for it, in bytes; beyond, the oldest detail goes first, then rows, and is counted. @default 1073741824 (1 GiB) */
  journalMaxBytes?: number
  /** Wait for the disk after each write, so that rows survive power loss too. @default false */
  journalFsync?: boolean
  /**
   * What the detector's flush at the end of each invocation waits for: `interval` nothing (rows follow by themselves),
   * `invocation` until they are committed. @default 'invocation' on AWS Lambda, Netlify and Vercel, and once a call of listenTo
   * has `timeoutConfig.serverlessMode`; else 'interval'
   */
  durability?: 'interval' | 'invocation'
  /** Where to send OpenTelemetry spans of all this; `false` for nowhere. @default OTEL_EXPORTER_OTLP_ENDPOINT, else nowhere */
  otlp?: OtlpOptions | false
}

export interface PluginConfig {
  readonly enabled: boolean
  readonly transport: 'postgres' | 'graphql'
  /** Null when the plugin is disabled, or writes elsewhere. */
  readonly connectionString: string | null
  /** As above. */
  readonly graphql: GraphqlTransportConfig | null
  readonly ssl: object | boolean | undefined
  readonly maxConnections: number
  readonly schema: string
  readonly captureJobOptions: boolean
  readonly captureHasuraPayload: boolean
  readonly captureErrorStacks: boolean
  readonly captureConsole: boolean
  readonly maxLinesPerJob: number
  readonly recordReads: boolean
  readonly correlation: CorrelationOptions
  readonly redact: { readonly keys: readonly string[]; readonly paths: readonly string[] }
  readonly maxJsonSize: number
  readonly maxJsonDepth: number
  readonly batchSize: number
  readonly flushIntervalMs: number
  readonly retryAttempts: number
  readonly retryDelayMs: number
  readonly maxBufferedRows: number
  readonly maxBufferedBytes: number
  readonly journalDir: string | null
  readonly journalMaxBytes: number
  readonly journalFsync: boolean
  readonly durability: 'interval' | 'invocation'
  /** Nothing was chosen: a host that says it is serverless decides. */
  readonly durabilityByHost: boolean
  /** Null: nothing is exported. */
  readonly otlp: OtlpConfig | null
}

const PLUGIN_OPTIONS = [
  'enabled',
  'database',
  'schema',
  'transport',
  'graphql',
  'captureJobOptions',
  'captureHasuraPayload',
  'captureErrorStacks',
  'captureConsole',
  'maxLinesPerJob',
  'recordReads',
  'correlation',
  'redact',
  'maxJsonSize',
  'maxJsonDepth',
  'batchSize',
  'flushInterval',
  'retryAttempts',
  'retryDelay',
  'maxBufferedRows',
  'maxBufferedBytes',
  'journalDir',
  'journalMaxBytes',
  'journalFsync',
  'durability',
  'otlp',
] as const satisfies (keyof PluginOptions)[]

const DATABASE_OPTIONS = ['connectionString', 'host', 'port', 'database', 'user', 'password', 'ssl', 'max'] as const

const CORRELATION_OPTIONS = Object.keys(DEFAULT_CORRELATION) as (keyof CorrelationOptions)[]

const dottedPath = matching(/^[^.\s]+(?:\.[^.\s]+)*$/, 'a path like data.order.trace')
const redactedPath = matching(
  /^(?:payload|context|options|result)(?:\.[^.]+)+$/,
  'a path that begins with payload., context., options. or result.',
)
const keyName = matching(/[\p{L}\p{N}]/u, 'a name with a letter or digit in it')

const postgresUrl = url('postgresql:', 'postgres:')

/** Reads the plugin's options. Throws CONFIG_INVALID with every mistake in one error. */
export function readPluginConfig(options: PluginOptions = {}, env: Environment = process.env): PluginConfig {
  const reader = new ConfigReader('the configuration of ObservabilityPlugin')
  reader.refuseUnknown('', options, PLUGIN_OPTIONS)
  const database = reader.section('database', options.database, DATABASE_OPTIONS)
  const redact = reader.section('redact', options.redact, ['keys', 'paths'])
  const enabledByEnvironment = reader.get('OBSERVABILITY_ENABLED', env.OBSERVABILITY_ENABLED, flag, true)
  const enabled = reader.get('enabled', options.enabled, flag, enabledByEnvironment)
  const transport = reader.get('transport', options.transport, oneOf('postgres', 'graphql'), 'postgres')
  const isUsed = (way: typeof transport): boolean => enabled && transport === way
  const serverless = Boolean(env.AWS_LAMBDA_FUNCTION_NAME || env.NETLIFY || env.VERCEL)
  const config: PluginConfig = {
    enabled,
    transport,
    connectionString: isUsed('postgres') ? connectionString(reader, database, env) : null,
    graphql: readGraphqlTransportConfig(reader, options.graphql, env, isUsed('graphql')),
    ssl: reader.get('database.ssl', database.ssl, anything, undefined) as object | boolean | undefined,
    maxConnections: reader.get('database.max', database.max, wholeNumber(1, 100), 2),
    schema: reader.get('schema', options.schema, identifier, DEFAULT_SCHEMA),
    captureJobOptions: reader.get('captureJobOptions', options.captureJobOptions, flag, true),
    captureHasuraPayload: reader.get('captureHasuraPayload', options.captureHasuraPayload, flag, true),
    captureErrorStacks: reader.get('captureErrorStacks', options.captureErrorStacks, flag, true),
    captureConsole: reader.get('captureConsole', options.captureConsole, flag, true),
    maxLinesPerJob: reader.get('maxLinesPerJob', options.maxLinesPerJob, wholeNumber(0, 1_000_000), 1_000),
    recordReads: reader.get('recordReads', options.recordReads, flag, false),
    correlation: correlation(reader, options.correlation),
    redact: Object.freeze({
      keys: reader.get('redact.keys', redact.keys, listOf(keyName), []),
      paths: reader.get('redact.paths', redact.paths, listOf(redactedPath), []),
    }),
    maxJsonSize: reader.get('maxJsonSize', options.maxJsonSize, wholeNumber(1_024, 16 * MIB), MIB / 4),
    maxJsonDepth: reader.get('maxJsonDepth', options.maxJsonDepth, wholeNumber(1, 100), 12),
    batchSize: reader.get('batchSize', options.batchSize, wholeNumber(1, 10_000), 100),
    flushIntervalMs: reader.get('flushInterval', options.flushInterval, wholeNumber(1), 5_000),
    retryAttempts: reader.get('retryAttempts', options.retryAttempts, wholeNumber(0), 3),
    retryDelayMs: reader.get('retryDelay', options.retryDelay, wholeNumber(1), 1_000),
    maxBufferedRows: reader.get('maxBufferedRows', options.maxBufferedRows, wholeNumber(1), 100_000),
    maxBufferedBytes: reader.get('maxBufferedBytes', options.maxBufferedBytes, wholeNumber(1), 64 * MIB),
    journalDir: reader.get('journalDir', options.journalDir, text, null),
    journalMaxBytes: reader.get('journalMaxBytes', options.journalMaxBytes, wholeNumber(MIB), 1_024 * MIB),
    journalFsync: reader.get('journalFsync', options.journalFsync, flag, false),
    durability: reader.get(
      'durability',
      options.durability,
      oneOf('interval', 'invocation'),
      serverless ? 'invocation' : 'interval',
    ),
    durabilityByHost: options.durability === undefined,
    otlp: readOtlpConfig(reader, options.otlp, env),
  }
  reader.finish()
  return Object.freeze(config)
}

function correlation(reader: ConfigReader, given: Partial<CorrelationOptions> | undefined): CorrelationOptions {
  const options = reader.section('correlation', given, CORRELATION_OPTIONS)
  const read = <T>(
    name: keyof CorrelationOptions,
    items: Parameters<typeof reader.get<readonly T[], readonly T[]>>[2],
  ) => reader.get(`correlation.${name}`, options[name], items, DEFAULT_CORRELATION[name] as readonly T[])
  return Object.freeze({
    strategies: read('strategies', listOf(oneOf(...CORRELATION_STRATEGIES))),
    columns: read('columns', listOf(text, 1)),
    rows: read('rows', listOf(oneOf('new', 'old'), 1)),
    sessionVariables: read('sessionVariables', listOf(text)),
    metadataKeys: read('metadataKeys', listOf(text)),
    customFields: read('customFields', listOf(dottedPath)),
  })
}

function connectionString(
  reader: ConfigReader,
  database: NonNullable<PluginOptions['database']>,
  env: Environment,
): string | null {
  const given = reader.get('database.connectionString', database.connectionString, postgresUrl, undefined)
  if (given !== undefined) return given
  const host = reader.get('database.host', database.host, text, undefined)
  const port = reader.get('database.port', database.port, wholeNumber(1, 65_535), 5432)
  const name = reader.get('database.database', database.database, text, DEFAULT_DATABASE)
  const user = reader.get('database.user', database.user, text, undefined)
  const password = reader.get('database.password', database.password, text, undefined)
  if (host === undefined && user === undefined && database.database === undefined) {
    const fromEnvironment = reader.get('OBSERVABILITY_DB_URL', env.OBSERVABILITY_DB_URL, postgresUrl, undefined)
    if (fromEnvironment === undefined && !env.OBSERVABILITY_DB_URL && database.connectionString === undefined) {
      reader.mistake(
        'database: not set; give database.connectionString or database.host, or set OBSERVABILITY_DB_URL (or enabled: false)',
      )
    }
    return fromEnvironment ?? null
  }
  const address = new URL(`postgresql://${host ?? 'localhost'}:${port}/${encodeURIComponent(name)}`)
  if (user !== undefined) address.username = encodeURIComponent(user)
  if (password !== undefined) address.password = encodeURIComponent(password)
  return address.href
}

export interface ServerConfig {
  readonly port: number
  readonly host: string
  readonly dataDir: string
  readonly observabilityDbUrl: string | null
  readonly schema: string
  readonly hasuraGraphqlEndpoint: string | null
  readonly hasuraAdminSecret: string | null
  /** Before root fields and types of our source there; '' for none. */
  readonly graphqlPrefix: string
  readonly shop: boolean
  readonly shopDbUrl: string | null
  readonly demoOrdersPerMinute: number
  readonly dashboardPollIntervalMs: number
  readonly retentionDays: number
  readonly failedRetentionDays: number
  readonly endpoint: EndpointConfig
  readonly dashboard: DashboardSettings
  readonly login: LoginSettings
  readonly replay: ReplaySettings
  readonly logLevel: LogLevel
  readonly ingest: IngestConfig
}

/** Every variable the server reads, as documented in .env.example (a test compares them). */
export const SERVER_VARIABLES = [
  'PORT',
  'HOST',
  'DATA_DIR',
  'OBSERVABILITY_DB_URL',
  'OBSERVABILITY_SCHEMA',
  'HASURA_GRAPHQL_ENDPOINT',
  'HASURA_GRAPHQL_ADMIN_SECRET',
  'OBSERVABILITY_GRAPHQL_PREFIX',
  'EXAMPLE_SHOP',
  'SHOP_DB_URL',
  'DEMO_ORDERS_PER_MINUTE',
  'DASHBOARD_POLL_INTERVAL_MS',
  'RETENTION_DAYS',
  'FAILED_RETENTION_DAYS',
  'LOG_LEVEL',
  ...INGEST_VARIABLES,
  ...LOGIN_VARIABLES,
  ...REPLAY_VARIABLES,
  ...ENDPOINT_VARIABLES,
  ...DASHBOARD_VARIABLES,
] as const

/** Reads the server's configuration from the environment. Throws CONFIG_INVALID with every mistake in one error. */
export function readServerConfig(env: Environment = process.env): ServerConfig {
  const reader = new ConfigReader('the environment')
  const read = <T, F>(
    name: (typeof SERVER_VARIABLES)[number],
    field: Parameters<typeof reader.get<T, F>>[2],
    fallback: F,
  ) => reader.get<T, F>(name, env[name], field, fallback)
  const config: ServerConfig = {
    port: read('PORT', wholeNumber(0, 65_535), 3000),
    host: read('HOST', text, '127.0.0.1'),
    dataDir: read('DATA_DIR', text, '.data'),
    observabilityDbUrl: read('OBSERVABILITY_DB_URL', postgresUrl, null),
    schema: read('OBSERVABILITY_SCHEMA', identifier, DEFAULT_SCHEMA),
    hasuraGraphqlEndpoint: read('HASURA_GRAPHQL_ENDPOINT', url('http:', 'https:'), null),
    hasuraAdminSecret: read('HASURA_GRAPHQL_ADMIN_SECRET', text, null),
    graphqlPrefix: read('OBSERVABILITY_GRAPHQL_PREFIX', graphqlPrefix, ''),
    shop: read('EXAMPLE_SHOP', flag, true),
    shopDbUrl: read('SHOP_DB_URL', postgresUrl, null),
    demoOrdersPerMinute: read('DEMO_ORDERS_PER_MINUTE', number(0, 600), 12),
    retentionDays: read('RETENTION_DAYS', wholeNumber(1, 36_500), 30),
    failedRetentionDays: read('FAILED_RETENTION_DAYS', wholeNumber(1, 36_500), 90),
    dashboardPollIntervalMs: read('DASHBOARD_POLL_INTERVAL_MS', wholeNumber(100, 3_600_000), 1_000),
    endpoint: readEndpointConfig(reader, env),
    dashboard: readDashboardSettings(reader, env),
    login: readLoginSettings(reader, env),
    replay: readReplaySettings(reader, env),
    logLevel: read('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error', 'silent'), 'warn'),
    ingest: readIngestConfig(reader, env),
  }
  reader.finish()
  return Object.freeze(config)
}

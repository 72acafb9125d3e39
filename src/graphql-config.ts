import { ENDPOINT_VARIABLES, type EndpointConfig, readEndpointConfig } from './config/endpoint.ts'
import { ConfigReader, type Field, flag, Mistake, oneOf, text, url, wholeNumber } from './config-reader.ts'
import type { LogLevel } from './log.ts'

/** What `hasura-observability graphql` runs with. Names and defaults of the environment are Hasura's own. */
export interface GraphqlConfig extends EndpointConfig {
  /** Of the database to serve; null when the metadata says it. */
  readonly databaseUrl: string | null
  readonly metadataDir: string
  /** Of the metadata; null for the first. */
  readonly source: string | null
  readonly port: number
  readonly host: string
  /** Null: everyone may be every role. */
  readonly adminSecret: string | null
  readonly stringifyNumericTypes: boolean
  readonly inferFunctionPermissions: boolean
  /** Of sources that do not say it themselves. */
  readonly defaultNamingConvention: 'hasura-default' | 'graphql-default'
  /** As they are written, known to us or not. */
  readonly experimentalFeatures: readonly string[]
  readonly logLevel: LogLevel
}

/** Every variable the `graphql` command reads, as documented in .env.example (a test compares them). */
export const GRAPHQL_VARIABLES = [
  'HASURA_GRAPHQL_DATABASE_URL',
  'HASURA_GRAPHQL_METADATA_DIR',
  'HASURA_GRAPHQL_SERVER_PORT',
  'HASURA_GRAPHQL_SERVER_HOST',
  'HASURA_GRAPHQL_ADMIN_SECRET',
  'HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES',
  'HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS',
  'HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION',
  'HASURA_GRAPHQL_EXPERIMENTAL_FEATURES',
  ...ENDPOINT_VARIABLES,
] as const

/** Options of the command line, as text; each wins over its variable. */
export interface GraphqlOptions {
  'database-url'?: string | undefined
  metadata?: string | undefined
  source?: string | undefined
  port?: string | undefined
  host?: string | undefined
  'admin-secret'?: string | undefined
}

/** Words with commas between them. */
const words: Field<readonly string[]> = {
  read(value) {
    const items = String(value)
      .split(',')
      .map(item => item.trim())
      .filter(item => item !== '')
    return items.every(item => /^[a-z_]+$/.test(item)) ? items : new Mistake('names of features, with commas')
  },
}

type Name = (typeof GRAPHQL_VARIABLES)[number] | 'LOG_LEVEL'

/** Reads options and environment. Throws CONFIG_INVALID with every mistake in one error. */
export function readGraphqlConfig(
  options: GraphqlOptions,
  env: Readonly<Record<string, string | undefined>>,
): GraphqlConfig {
  const reader = new ConfigReader('the configuration of "graphql"')
  const read = <T, F>(name: Name, field: Field<T>, fallback: F, option?: keyof GraphqlOptions): T | F => {
    const given = option === undefined ? undefined : options[option]
    return given === undefined
      ? reader.get(name, env[name], field, fallback)
      : reader.get(`--${option}`, given, field, fallback)
  }
  const metadataDir = read('HASURA_GRAPHQL_METADATA_DIR', text, null, 'metadata')
  if (metadataDir === null) reader.mistake('--metadata: not set; give the directory that holds version.yaml')
  const config: GraphqlConfig = {
    ...readEndpointConfig(reader, env),
    databaseUrl: read('HASURA_GRAPHQL_DATABASE_URL', url('postgresql:', 'postgres:'), null, 'database-url'),
    metadataDir: metadataDir ?? '',
    source: options.source ?? null,
    port: read('HASURA_GRAPHQL_SERVER_PORT', wholeNumber(0, 65_535), 8080, 'port'),
    host: read('HASURA_GRAPHQL_SERVER_HOST', text, '127.0.0.1', 'host'),
    adminSecret: read('HASURA_GRAPHQL_ADMIN_SECRET', text, null, 'admin-secret'),
    stringifyNumericTypes: read('HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES', flag, false),
    inferFunctionPermissions: read('HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS', flag, true),
    defaultNamingConvention: read(
      'HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION',
      oneOf('hasura-default', 'graphql-default'),
      'hasura-default',
    ),
    experimentalFeatures: read('HASURA_GRAPHQL_EXPERIMENTAL_FEATURES', words, []),
    logLevel: read('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error', 'silent'), 'warn'),
  }
  reader.finish()
  return Object.freeze(config)
}

import { type ConfigReader, type Field, flag, Mistake, text, wholeNumber } from '../config-reader.ts'
import { messageOf } from '../errors.ts'
import { type JwtConfig, parseJwtConfig } from '../graphql/auth/jwt-config.ts'
import { SECOND } from '../units.ts'

/** How often subscriptions of one kind are asked for again, and how many at once. */
export interface RefetchConfig {
  /** In milliseconds. */
  readonly refetchIntervalMs: number
  readonly batchSize: number
}

/** What the GraphQL endpoint does, in `npm start` as in `graphql`. Names and defaults of the environment are Hasura's own. */
export interface EndpointConfig {
  /** Tokens that another service issues; null: none. */
  readonly jwt: JwtConfig | null
  /** Role of those who bring neither secret nor token; null: they are refused. */
  readonly unauthorizedRole: string | null
  /** Whether those may bring session variables of their own. */
  readonly unauthorizedSessionVariables: boolean
  /** Whether roles other than admin may run only listed documents. */
  readonly allowList: boolean
  /** Most rows of one list; null for no limit. */
  readonly maxRows: number | null
  /** Most prepared statements of each connection; 0 for none. */
  readonly preparedStatements: number
  readonly liveQueries: RefetchConfig
  readonly streamingQueries: RefetchConfig
  /** Origins of other web pages that may call; `*` for all. */
  readonly allowedOrigins: readonly string[]
  /** Between two signs of life on a WebSocket, in milliseconds. */
  readonly keepAliveMs: number
  /** Longest wait for connection_init on a WebSocket, in milliseconds. */
  readonly initTimeoutMs: number
}

/** Every variable of the endpoint, as documented in .env.example (a test compares them). */
export const ENDPOINT_VARIABLES = [
  'HASURA_GRAPHQL_JWT_SECRET',
  'HASURA_GRAPHQL_UNAUTHORIZED_ROLE',
  'UNAUTHORIZED_ROLE_SESSION_VARIABLES',
  'HASURA_GRAPHQL_ENABLE_ALLOWLIST',
  'GRAPHQL_MAX_ROWS',
  'GRAPHQL_PREPARED_STATEMENTS',
  'HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL',
  'HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_BATCH_SIZE',
  'HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_REFETCH_INTERVAL',
  'HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_BATCH_SIZE',
  'HASURA_GRAPHQL_WEBSOCKET_KEEPALIVE',
  'HASURA_GRAPHQL_WEBSOCKET_CONNECTION_INIT_TIMEOUT',
  'HASURA_GRAPHQL_CORS_DOMAIN',
] as const

const jwtSecret: Field<JwtConfig> = {
  read(value) {
    try {
      return parseJwtConfig(String(value))
    } catch (error) {
      return new Mistake(`JSON as Hasura takes it; ${messageOf(error)}`)
    }
  },
}

/** Origins of web pages, with commas between them. */
export const origins: Field<readonly string[]> = {
  read(value) {
    const items = typeof value === 'string' ? value.split(',').map(item => item.trim()) : []
    const areGood = items.every(item => item === '*' || (URL.canParse(item) && new URL(item).origin === item))
    return items.length > 0 && areGood ? items : new Mistake('origins like https://app.example.com, with commas, or *')
  },
}

export function readEndpointConfig(
  reader: ConfigReader,
  env: Readonly<Record<string, string | undefined>>,
): EndpointConfig {
  const read = <T, F>(name: (typeof ENDPOINT_VARIABLES)[number], field: Field<T>, fallback: F): T | F =>
    reader.get(name, env[name], field, fallback)
  const refetch = (kind: 'LIVE' | 'STREAMING'): RefetchConfig =>
    Object.freeze({
      refetchIntervalMs: read(
        `HASURA_GRAPHQL_${kind}_QUERIES_MULTIPLEXED_REFETCH_INTERVAL`,
        wholeNumber(10, 3_600_000),
        1_000,
      ),
      batchSize: read(`HASURA_GRAPHQL_${kind}_QUERIES_MULTIPLEXED_BATCH_SIZE`, wholeNumber(1, 10_000), 100),
    })
  return Object.freeze({
    jwt: read('HASURA_GRAPHQL_JWT_SECRET', jwtSecret, null),
    unauthorizedRole: read('HASURA_GRAPHQL_UNAUTHORIZED_ROLE', text, null),
    unauthorizedSessionVariables: read('UNAUTHORIZED_ROLE_SESSION_VARIABLES', flag, false),
    allowList: read('HASURA_GRAPHQL_ENABLE_ALLOWLIST', flag, false),
    maxRows: read('GRAPHQL_MAX_ROWS', wholeNumber(1), null),
    preparedStatements: read('GRAPHQL_PREPARED_STATEMENTS', wholeNumber(0, 10_000), 50),
    liveQueries: refetch('LIVE'),
    streamingQueries: refetch('STREAMING'),
    allowedOrigins: read('HASURA_GRAPHQL_CORS_DOMAIN', origins, []),
    keepAliveMs: read('HASURA_GRAPHQL_WEBSOCKET_KEEPALIVE', wholeNumber(1, 3_600), 5) * SECOND,
    initTimeoutMs: read('HASURA_GRAPHQL_WEBSOCKET_CONNECTION_INIT_TIMEOUT', wholeNumber(1, 3_600), 3) * SECOND,
  })
}

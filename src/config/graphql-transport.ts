import { type ConfigReader, type Field, Mistake, matching, url, wholeNumber } from '../config-reader.ts'
import { hasuraAddress } from '../hasura-address.ts'
import { SECOND } from '../units.ts'
import { headerValue, readHeaderOption } from './header-list.ts'

/** The Hasura that `transport: 'graphql'` writes through. */
export interface GraphqlTransportOptions {
  /** With or without `/v1/graphql`. @default HASURA_GRAPHQL_ENDPOINT */
  endpoint?: string
  /** @default HASURA_GRAPHQL_ADMIN_SECRET, unless `token` or an `authorization` header is given */
  adminSecret?: string
  /** A JWT, or what gives one: it is asked before each request. */
  token?: string | (() => string | Promise<string>)
  /** Sent as `x-hasura-role`. @default 'observability_writer' */
  role?: string
  /** Sent with each request. @default {} */
  headers?: Readonly<Record<string, string>>
  /** What root fields and types of our source begin with. @default OBSERVABILITY_GRAPHQL_PREFIX, else nothing */
  prefix?: string
  /** Most rows in one request, which is one transaction. @default 500 */
  maxRequestRows?: number
  /** Most bytes in one request; a row that is larger goes alone. @default 1000000 */
  maxRequestBytes?: number
  /** Longest wait for an answer, in milliseconds. @default 10000 */
  timeout?: number
}

export interface GraphqlTransportConfig {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly token: string | (() => string | Promise<string>) | null
  readonly prefix: string
  readonly maxRequestRows: number
  readonly maxRequestBytes: number
  readonly timeoutMs: number
}

const OPTIONS = [
  'endpoint',
  'adminSecret',
  'token',
  'role',
  'headers',
  'prefix',
  'maxRequestRows',
  'maxRequestBytes',
  'timeout',
] as const

/** What may stand before GraphQL names. */
export const graphqlPrefix = matching(/^[_A-Za-z][_0-9A-Za-z]*$/, 'letters, digits and _, no digit first')

const address: Field<string> = {
  read(value) {
    const read = url('http:', 'https:').read(value)
    if (read instanceof Mistake) return read
    const { username, password } = new URL(read)
    return username === '' && password === ''
      ? read
      : new Mistake('an address without user and password: give them as graphql.headers')
  },
}

const token: Field<string | (() => string | Promise<string>)> = {
  read: value =>
    (typeof value === 'string' && value !== '') || typeof value === 'function'
      ? (value as string | (() => string))
      : new Mistake('a token, or a function that returns one'),
}

/** Null unless it `isUsed`; its options are looked at in any case. */
export function readGraphqlTransportConfig(
  reader: ConfigReader,
  given: GraphqlTransportOptions | undefined,
  env: Readonly<Record<string, string | undefined>>,
  isUsed: boolean,
): GraphqlTransportConfig | null {
  const options = reader.section('graphql', given, OPTIONS)
  const endpoint = reader.get('graphql.endpoint', options.endpoint, address, null)
  const adminSecret = reader.get('graphql.adminSecret', options.adminSecret, headerValue, null)
  const jwt = reader.get('graphql.token', options.token, token, null)
  const role = reader.get('graphql.role', options.role, headerValue, 'observability_writer')
  const headers = readHeaderOption(reader, 'graphql.headers', options.headers)
  const prefix = reader.get('graphql.prefix', options.prefix, graphqlPrefix, null)
  const limits = {
    maxRequestRows: reader.get('graphql.maxRequestRows', options.maxRequestRows, wholeNumber(1, 1_000), 500),
    maxRequestBytes: reader.get('graphql.maxRequestBytes', options.maxRequestBytes, wholeNumber(10_000), 1_000_000),
    timeoutMs: reader.get('graphql.timeout', options.timeout, wholeNumber(1), 10 * SECOND),
  }
  const brings = (name: string): boolean => Object.keys(headers).some(key => key.toLowerCase() === name)
  if (jwt !== null && adminSecret !== null) {
    reader.mistake(
      'graphql.token: Hasura looks at the admin secret only; give one of graphql.token and graphql.adminSecret',
    )
  }
  if (!isUsed) return null
  const found = endpoint ?? reader.get('HASURA_GRAPHQL_ENDPOINT', env.HASURA_GRAPHQL_ENDPOINT, address, null)
  if (found === null && options.endpoint === undefined && !env.HASURA_GRAPHQL_ENDPOINT) {
    reader.mistake('graphql.endpoint: not set; give it, or set HASURA_GRAPHQL_ENDPOINT (or enabled: false)')
  }
  const ownProof = jwt !== null || brings('authorization') || brings('x-hasura-admin-secret')
  const fromEnvironment = ownProof ? undefined : env.HASURA_GRAPHQL_ADMIN_SECRET
  const secret = adminSecret ?? reader.get('HASURA_GRAPHQL_ADMIN_SECRET', fromEnvironment, headerValue, null)
  return Object.freeze({
    url: hasuraAddress(found ?? '').graphql,
    headers: Object.freeze({
      'x-hasura-role': role,
      ...(secret === null ? {} : { 'x-hasura-admin-secret': secret }),
      ...headers,
    }),
    token: jwt,
    prefix: prefix ?? reader.get('OBSERVABILITY_GRAPHQL_PREFIX', env.OBSERVABILITY_GRAPHQL_PREFIX, graphqlPrefix, ''),
    ...limits,
  })
}

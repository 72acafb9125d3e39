import { messageOf } from '../../errors.ts'
import { writeFailure } from '../write-failures.ts'

/**
 * What to do when a mutation fails:
 *
 *   refuse   the values are at fault: find the row, quarantine it, store the others
 *   split    the request is too large: send half of it; a single row is refused
 *   doubt    the values or the server: send halves, and take a row for refused only when others of its table are stored
 *   repeat   another transaction was in the way: once more, at once
 *   wait     the endpoint is not able now, or somebody has to act: keep the rows, say so once, try with growing pauses
 */
export type GraphqlReaction = 'refuse' | 'split' | 'doubt' | 'repeat' | 'wait'

/** Why a mutation failed. Its message never holds what was sent. */
export class GraphqlFailure extends Error {
  readonly reaction: GraphqlReaction
  /** What is wrong and what helps. docs/operations.md has the long form. */
  readonly advice: string
  /** The SQLSTATE, when Hasura told it: to the role admin it does. */
  readonly code: string | undefined

  constructor({ reaction, advice }: Judgement, message: string, code?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GraphqlFailure'
    this.reaction = reaction
    this.advice = advice
    this.code = code
  }
}

interface Judgement {
  reaction: GraphqlReaction
  advice: string
}

const wait = (advice: string): Judgement => ({ reaction: 'wait', advice })
const refuse = (advice: string): Judgement => ({ reaction: 'refuse', advice })
const doubt = (advice: string): Judgement => ({ reaction: 'doubt', advice })

export const NO_ANSWER = wait('no answer from the GraphQL endpoint')
export const NO_TOKEN = wait('the token for the GraphQL endpoint could not be had; graphql.token failed')
const NO_ACCESS = wait(
  'the GraphQL endpoint does not let this role in; correct graphql.adminSecret, graphql.token or graphql.role',
)
const NOT_GRAPHQL = wait('what answers is no GraphQL endpoint; correct graphql.endpoint')
const NOT_ABLE = wait('the GraphQL endpoint is not able to answer now')
const SCHEMA_DIFFERS = wait(
  'the GraphQL endpoint does not know what this version writes; migrate the database, apply the metadata of this version, and look at graphql.prefix and graphql.role',
)
const TOO_SLOW = wait('the GraphQL endpoint took longer than it allows itself')
const NO_DATABASE = wait('the GraphQL endpoint has no connection to its database')
const UNKNOWN = wait('the GraphQL endpoint failed in an unexpected way')
const TOO_LARGE: Judgement = { reaction: 'split', advice: 'the request is larger than the GraphQL endpoint takes' }
const UNREADABLE = doubt('the GraphQL endpoint cannot read what was sent')
const UNEXPLAINED = doubt('the database failed, and Hasura tells only the role admin why')

// Hasura's own codes.
const CODES: Readonly<Record<string, Judgement>> = {
  'constraint-violation': refuse('a row breaks a constraint'),
  'permission-error': refuse('a row breaks a constraint'),
  'data-exception': refuse('a value does not fit its column'),
  'parse-failed': doubt('a value does not fit its column'),
  'bad-request': UNREADABLE,
  'invalid-json': UNREADABLE,
  'constraint-error': SCHEMA_DIFFERS,
  'access-denied': NO_ACCESS,
  'permission-denied': NO_ACCESS,
  'invalid-headers': NO_ACCESS,
  'invalid-jwt': NO_ACCESS,
  'jwt-invalid-claims': NO_ACCESS,
  'jwt-missing-role-claims': NO_ACCESS,
  'jwt-invalid-key': NO_ACCESS,
  'not-found': NO_ACCESS,
  timeout: TOO_SLOW,
}

interface AnsweredError {
  message: string
  code: string | undefined
  path: string
  sqlState: string | undefined
}

/** Judges an answer with errors, or one that is none. `status` is that of HTTP. */
export function answeredFailure(status: number, errors: unknown): GraphqlFailure {
  const [first] = Array.isArray(errors) ? errors : []
  if (first === undefined) return new GraphqlFailure(byStatus(status), `HTTP status ${status}`)
  const error = readError(first)
  const text = error.code === undefined ? error.message : `${error.code}: ${error.message}`
  return new GraphqlFailure(status >= 500 ? NOT_ABLE : byCode(error), text.slice(0, 1_000), error.sqlState)
}

function byStatus(status: number): Judgement {
  if (status === 401 || status === 403 || status === 407) return NO_ACCESS
  if (status === 413) return TOO_LARGE
  if (status === 400) return UNREADABLE
  if (status === 408 || status === 425 || status === 429 || status >= 500) return NOT_ABLE
  return NOT_GRAPHQL
}

function byCode(error: AnsweredError): Judgement {
  const { code = '', message, path, sqlState } = error
  if (sqlState !== undefined) return bySqlState(sqlState)
  const known = CODES[code]
  if (known !== undefined) return known
  if (code === 'validation-failed') {
    // A value that its type does not take stands among the rows; so does a column that is not there.
    return /args\.objects\[\d+\]/.test(path) && !/not found in type/.test(message)
      ? doubt('a value does not fit its column')
      : SCHEMA_DIFFERS
  }
  if (code === 'unexpected' || code === 'postgres-error') {
    return /connection|cannot be reached/i.test(message) ? NO_DATABASE : UNEXPLAINED
  }
  return UNKNOWN
}

/** As if Postgres had told it to us. What is there already is no conflict of ours here: every write is an upsert. */
function bySqlState(code: string): Judgement {
  const { reaction, advice } = writeFailure(Object.assign(new Error(), { code }))
  return { reaction: reaction === 'overwrite' ? 'refuse' : reaction, advice }
}

function readError(error: unknown): AnsweredError {
  const { message, extensions } = (error ?? {}) as { message?: unknown; extensions?: unknown }
  const { code, path, internal } = (extensions ?? {}) as { code?: unknown; path?: unknown; internal?: unknown }
  const state = ((internal ?? {}) as { error?: { status_code?: unknown } }).error?.status_code
  return {
    message: typeof message === 'string' ? message : 'an error without message',
    code: typeof code === 'string' ? code : undefined,
    path: typeof path === 'string' ? path : '',
    sqlState: typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state) ? state : undefined,
  }
}

/** Judges what was thrown before an answer came, or because it could not be read. */
export function thrownFailure(error: unknown, timeoutMs: number): GraphqlFailure {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return new GraphqlFailure(NO_ANSWER, `none within ${timeoutMs} ms`)
  }
  // What fetch throws says "fetch failed"; why is in its cause. Others come from reading an answer that is not GraphQL's.
  if (!(error instanceof TypeError)) return new GraphqlFailure(NOT_GRAPHQL, messageOf(error).slice(0, 200))
  const cause = error.cause ?? error
  const reason = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause
  return new GraphqlFailure(NO_ANSWER, messageOf(reason) || error.message)
}

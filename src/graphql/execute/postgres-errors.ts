import { isConnectionError } from '../../db/connection-errors.ts'
import { messageOf } from '../../errors.ts'
import { GraphqlError } from '../errors.ts'

interface PostgresError {
  code: string
  message: string
  detail?: string
  hint?: string
}

/** What Postgres (or the way to it) answered, as Hasura would tell a client. */
export function toGraphqlError(error: unknown, statementTimeoutMs: number | null): GraphqlError {
  if (error instanceof GraphqlError) return error
  // The end of the stack: JSON can be nested deeper than any function that walks it.
  if (error instanceof RangeError) return new GraphqlError('validation-failed', 'the request is nested too deeply')
  const cause = { cause: error }
  // Also 57P01 and its like: the server went away in the middle.
  if (isConnectionError(error)) {
    return new GraphqlError('unexpected', 'the database cannot be reached', null, { error: messageOf(error) }, cause)
  }
  if (!isPostgresError(error)) {
    return new GraphqlError('unexpected', 'internal error', null, { error: messageOf(error) }, cause)
  }
  const internal = {
    error: {
      status_code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      description: error.detail ?? null,
    },
  }
  // query_canceled
  if (error.code === '57014') {
    const limit = statementTimeoutMs === null ? 'the limit of this server' : `the limit of ${statementTimeoutMs} ms`
    return new GraphqlError('timeout', `the query took longer than ${limit}; ask for less`, null, internal, cause)
  }
  // invalid_escape_sequence
  if (error.code === '22025') return new GraphqlError('bad-request', error.message, null, internal, cause)
  // What we write has no mistakes of syntax; a path or a pattern that a client sent may.
  const isPatternError = error.code === '42601' && /jsonpath|lquery|ltree|operand syntax|ltxtquery/.test(error.message)
  if (error.code.startsWith('22') || isPatternError)
    return new GraphqlError('data-exception', error.message, null, internal, cause)
  return new GraphqlError('unexpected', 'database query error', null, internal, cause)
}

function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code))
}

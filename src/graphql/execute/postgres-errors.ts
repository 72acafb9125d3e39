import { isConnectionError } from '../../db/connection-errors.ts'
import { messageOf } from '../../errors.ts'
import { GraphqlError, type GraphqlErrorCode, type Path } from '../errors.ts'
import { timedOut } from './timed-out.ts'

interface PostgresError {
  code: string
  message: string
  detail?: string
  hint?: string
}

// What stands before Postgres' own message.
const VIOLATIONS: Readonly<Record<string, [code: GraphqlErrorCode, prefix: string]>> = {
  '23001': ['constraint-violation', 'Can not delete or update due to data being referred. '],
  '23502': ['constraint-violation', 'Not-NULL violation. '],
  '23503': ['constraint-violation', 'Foreign key violation. '],
  '23505': ['constraint-violation', 'Uniqueness violation. '],
  '23514': ['permission-error', 'Check constraint violation. '],
  '23P01': ['constraint-violation', 'Exclusion violation. '],
}

/**
 * What Postgres (or the way to it) answered, as Hasura would tell a client. `path` is the place of the values that
 * Postgres may have refused.
 */
export function toGraphqlError(
  error: unknown,
  statementTimeoutMs: number | null,
  path: Path | null = null,
): GraphqlError {
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
  if (error.code === '57014') return timedOut(statementTimeoutMs, internal, cause)
  const refused = (code: GraphqlErrorCode, message: string): GraphqlError =>
    new GraphqlError(code, message, path, internal, cause)
  if (error.code.startsWith('23')) {
    const [code, prefix] = VIOLATIONS[error.code] ?? ['constraint-violation', '']
    return refused(code, prefix + error.message)
  }
  // invalid_escape_sequence
  if (error.code === '22025') return refused('bad-request', error.message)
  // What we write has no mistakes of syntax; a path or a pattern that a client sent may.
  const isPatternError = error.code === '42601' && /jsonpath|lquery|ltree|operand syntax|ltxtquery/.test(error.message)
  if (error.code.startsWith('22') || isPatternError) return refused('data-exception', error.message)
  // undefined_object, invalid_column_reference: ON CONFLICT names a constraint that is not there.
  if (error.code === '42704') return refused('constraint-error', error.message)
  if (error.code === '42P10') {
    return refused('constraint-error', 'there is no unique or exclusion constraint on target column(s)')
  }
  // program_limit_exceeded: too many columns, expressions nested too deeply.
  if (error.code.startsWith('54')) return refused('validation-failed', `this is too much at once: ${error.message}`)
  return new GraphqlError('unexpected', 'database query error', path, internal, cause)
}

function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code))
}

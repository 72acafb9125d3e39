import { messageOf, ObservabilityError } from '../errors.ts'
import { isConnectionError } from './connection-errors.ts'
import { quoteIdent } from './identifiers.ts'

/**
 * An error of a first connection in words that say what to do: DATABASE_MISSING, DATABASE_UNREACHABLE; other errors as they
 * are. Never shows the password. `setting` is where the address comes from.
 */
export function explainUnreachable(
  error: unknown,
  connectionString: string,
  setting = 'OBSERVABILITY_DB_URL',
): unknown {
  const { hostname, port, pathname } = new URL(connectionString)
  const name = decodeURIComponent(pathname.slice(1))
  if ((error as { code?: unknown }).code === '3D000') {
    return new ObservabilityError(
      'DATABASE_MISSING',
      `the database "${name}" of ${setting} does not exist: create it with CREATE DATABASE ${quoteIdent(name)}`,
      { cause: error },
    )
  }
  if (isConnectionError(error)) {
    return new ObservabilityError(
      'DATABASE_UNREACHABLE',
      `no Postgres answers at ${hostname}:${port || 5432} (${setting}): ${messageOf(error)}. Check that it runs and that the address is right`,
      { cause: error },
    )
  }
  return error
}

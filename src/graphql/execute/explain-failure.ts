import { isSaturated } from '../../db/ping.ts'
import type { Pool } from '../../db/pool.ts'
import { GraphqlError } from '../errors.ts'
import { toGraphqlError } from './postgres-errors.ts'

// Of node-postgres, which says so also when nobody answers at all.
const NO_CONNECTION = 'timeout exceeded when trying to connect'

/** What a client is told of a failure: `busy` when there was no connection to be had, else what the failure says. */
export function explainFailure(error: unknown, pool: Pool, statementTimeoutMs: number | null): GraphqlError {
  if (error instanceof Error && error.message === NO_CONNECTION && isSaturated(pool)) {
    const message = 'all connections to the database are in use; try again later'
    return new GraphqlError('busy', message, null, undefined, { cause: error })
  }
  return toGraphqlError(error, statementTimeoutMs)
}

import { GraphqlError } from '../errors.ts'

/** What took too long; `limitMs` is null when only the server knows its limit. */
export function timedOut(
  limitMs: number | null,
  internal?: Record<string, unknown>,
  options?: ErrorOptions,
): GraphqlError {
  const limit = limitMs === null ? 'the limit of this server' : `the limit of ${limitMs} ms`
  return new GraphqlError('timeout', `the query took longer than ${limit}; ask for less`, null, internal, options)
}

/** Why something is not done: nobody waits for it any more. */
export const givenUp = (): GraphqlError => new GraphqlError('timeout', 'the client has gone')

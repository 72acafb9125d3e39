import type { Correlation } from './extract.ts'
import { formatTrackingToken, parseTrackingToken } from './tracking-token.ts'
import { isUuid } from './uuid.ts'

/** The key of a payload that says which invocation it repeats: its id. Hasura sends no such key. */
export const REPLAY_KEY = 'replay_of'

/** The invocation that a payload repeats; null for everything that Hasura itself sends. */
export function readReplayOf(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null) return null
  try {
    const given = (payload as Record<string, unknown>)[REPLAY_KEY]
    return isUuid(given) ? given.toLowerCase() : null
  } catch {
    // A getter or a Proxy: no payload of ours.
    return null
  }
}

/**
 * What a repeated payload says of its cause, made its own: no job wrote a row this time, and what its jobs do belongs to a
 * chain of its own. Who acted stays.
 */
export function asReplay(found: Correlation, replayOf: string, correlationId: string): Correlation {
  const token = parseTrackingToken(found.trackingToken)
  return {
    correlationId,
    source: 'replay',
    detail: `replay of ${replayOf}`,
    trackingToken: token && formatTrackingToken({ source: token.source, correlationId }),
    sourceJobId: null,
    previousJobId: null,
    userEmail: found.userEmail,
    traceId: null,
    parentSpanId: null,
  }
}

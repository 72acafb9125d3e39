import type { HasuraEventPayload } from './types.ts'

/** Whether a value has the little that makes it a Hasura event: `event.data` and `event.op`. */
export function isHasuraEvent(value: unknown): value is HasuraEventPayload {
  if (!isObject(value) || !isObject(value.event)) return false
  const { data, op } = value.event
  return isObject(data) && typeof op === 'string' && op !== ''
}

const claimed = new WeakSet<HasuraEventPayload>()

/**
 * The payload object that stands for one invocation, everywhere in it: the caller's own unless that cannot be added to
 * or stands for another invocation that still runs; then a shallow copy.
 */
export function claimPayload(given: HasuraEventPayload): HasuraEventPayload {
  const own = Object.isExtensible(given) && !claimed.has(given) ? given : { ...given }
  claimed.add(own)
  return own
}

/** The invocation is over: the object may stand for another one. */
export function releasePayload(own: HasuraEventPayload): void {
  claimed.delete(own)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

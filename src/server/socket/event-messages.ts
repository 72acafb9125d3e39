import type { EventFilter } from '../../live/topic.ts'

/** What a client of `/api/events` may say. */
export type EventMessage =
  | {
      readonly type: 'subscribe'
      readonly topics: readonly unknown[]
      readonly filter: EventFilter
      readonly start: ReplayStart
      /** Given back in the acknowledgement. */
      readonly id: string | null
    }
  | { readonly type: 'unsubscribe'; readonly topics: readonly unknown[]; readonly id: string | null }
  | { readonly type: 'ping' }

/** Where reading begins: after an event, or with what happened since (milliseconds since 1970); else now. */
export interface ReplayStart {
  readonly afterId?: string
  readonly since?: number
}

export const FILTERS = ['service', 'level', 'outcome'] as const

/** A message, or what is wrong with it. */
export function readEventMessage(text: string): EventMessage | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'a message has to be JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a message has to be a JSON object'
  const message = value as Record<string, unknown>
  const id = typeof message.id === 'string' ? message.id : null
  if (message.type === 'ping') return { type: 'ping' }
  if (message.type !== 'subscribe' && message.type !== 'unsubscribe') {
    return `the type of a message is subscribe, unsubscribe or ping, not ${JSON.stringify(message.type) ?? 'missing'}`
  }
  const { topics } = message
  if (!Array.isArray(topics) || topics.length === 0) return `"topics" has to be a list, like ["log", "orders.**"]`
  if (message.type === 'unsubscribe') return { type: 'unsubscribe', topics, id }
  const filter = readFilter(message.filter ?? {})
  if (typeof filter === 'string') return filter
  const start = readStart(message.lastEventId, message.fromTimestamp)
  if (typeof start === 'string') return start
  return { type: 'subscribe', topics, filter, start, id }
}

/** Where a client asks to begin, from a message or from the address. */
export function readStart(lastEventId: unknown, fromTimestamp: unknown): ReplayStart | string {
  if (lastEventId !== undefined && lastEventId !== null && lastEventId !== '') {
    return typeof lastEventId === 'string' ? { afterId: lastEventId } : '"lastEventId" has to be the id of an event'
  }
  if (fromTimestamp === undefined || fromTimestamp === null || fromTimestamp === '') return {}
  const since =
    typeof fromTimestamp === 'string' && !/^\d+(?:\.\d+)?$/.test(fromTimestamp)
      ? Date.parse(fromTimestamp)
      : Number(fromTimestamp)
  return Number.isFinite(since) ? { since } : '"fromTimestamp" has to be milliseconds since 1970, or a date'
}

function readFilter(value: unknown): EventFilter | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '"filter" has to be an object'
  const filter: Record<string, string[]> = {}
  for (const [name, given] of Object.entries(value)) {
    if (!FILTERS.some(known => known === name))
      return `"filter" has ${FILTERS.join(', ')}, but not ${JSON.stringify(name)}`
    const values = Array.isArray(given) ? given : [given]
    if (!values.every((item): item is string => typeof item === 'string'))
      return `"filter.${name}" has to be text, or a list of it`
    filter[name] = values
  }
  return filter
}

import type { FeedEvent } from '../model/event-feed.ts'

export type StreamStatus = 'connecting' | 'connected' | 'disconnected'

export interface StreamFilter {
  readonly topics: readonly string[]
  readonly level?: readonly string[]
  readonly service?: readonly string[]
}

export interface StreamListener {
  /** Events in the order they arrived, some times a second at most. */
  events: (events: readonly FeedEvent[]) => void
  /** So many could not be read in time. */
  skipped: (count: number) => void
  status: (status: StreamStatus) => void
  /** Something was asked for that cannot be had. */
  problem: (message: string) => void
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
// So often a picture of them is made; more often nobody sees.
const BATCH_MS = 50

/**
 * Listens to `/api/events` until it is closed. Connects again by itself, from the last event on, so that nothing is missed
 * that the server still holds.
 */
export function listenToEvents(endpoint: string, filter: StreamFilter, listener: StreamListener): { close(): void } {
  let socket: WebSocket | null = null
  let lastEventId: string | null = null
  let waitMs = FIRST_WAIT_MS
  let retry: ReturnType<typeof setTimeout> | undefined
  let batchTimer: ReturnType<typeof setTimeout> | undefined
  let batch: FeedEvent[] = []
  let isClosed = false

  const deliver = (): void => {
    batchTimer = undefined
    const events = batch
    batch = []
    listener.events(events)
  }

  const hear = (message: Record<string, unknown>): void => {
    if (message.type === 'event') {
      lastEventId = String(message.id)
      batch.push(message.event as FeedEvent)
      batchTimer ??= setTimeout(deliver, BATCH_MS)
    } else if (message.type === 'lagged') listener.skipped(Number(message.skipped))
    else if (message.type === 'connected') {
      waitMs = FIRST_WAIT_MS
      listener.status('connected')
    } else if (message.type === 'error' || message.type === 'warning') listener.problem(String(message.message))
  }

  const connect = (): void => {
    listener.status('connecting')
    socket = new WebSocket(addressOf(endpoint, filter, lastEventId))
    socket.onmessage = ({ data }) => hear(JSON.parse(String(data)))
    socket.onclose = () => {
      if (isClosed) return
      listener.status('disconnected')
      retry = setTimeout(connect, waitMs)
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
    }
  }

  connect()
  return {
    close() {
      isClosed = true
      clearTimeout(retry)
      clearTimeout(batchTimer)
      socket?.close()
    },
  }
}

function addressOf(
  endpoint: string,
  { topics, level = [], service = [] }: StreamFilter,
  lastEventId: string | null,
): string {
  const url = new URL(endpoint, window.location.href)
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:'
  for (const topic of topics) url.searchParams.append('topic', topic)
  for (const value of level) url.searchParams.append('level', value)
  for (const value of service) url.searchParams.append('service', value)
  if (lastEventId !== null) url.searchParams.set('lastEventId', lastEventId)
  return url.href
}

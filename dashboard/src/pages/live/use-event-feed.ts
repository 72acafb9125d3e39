import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { listenToEvents, type StreamFilter, type StreamStatus } from '../../api/event-socket.ts'
import { EventFeed, type FeedState } from '../../model/event-feed.ts'

export const MAX_EVENTS = 5_000

export interface LiveFeed extends FeedState {
  status: StreamStatus
  /** What the server said of what was asked for; null when all is well. */
  problem: string | null
  setPaused: (paused: boolean) => void
  clear: () => void
}

/** The live stream, of what the filter takes. Another filter begins anew. */
export function useEventFeed(filter: StreamFilter): LiveFeed {
  const key = JSON.stringify(filter)
  const { live } = useApi()
  const feed = useMemo(() => new EventFeed(MAX_EVENTS), [])
  const state = useSyncExternalStore(feed.subscribe, feed.get)
  const [status, setStatus] = useState<StreamStatus>('connecting')
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    setProblem(null)
    feed.clear()
    const stream = listenToEvents('/api/events', JSON.parse(key) as StreamFilter, {
      events: events => {
        live.answered(Date.now() * 1000)
        feed.receive(events)
      },
      skipped: count => feed.skipped(count),
      status: now => {
        if (now === 'connected') live.answered(Date.now() * 1000)
        setStatus(now)
      },
      problem: setProblem,
    })
    return () => stream.close()
  }, [feed, key, live])
  return {
    ...state,
    status,
    problem,
    setPaused: paused => feed.setPaused(paused),
    clear: () => feed.clear(),
  }
}

import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { listenToEvents, type StreamStatus } from '../../api/event-socket.ts'
import { EventFeed, type FeedEvent, summaryOf } from '../../model/event-feed.ts'
import { type Micros, parseMicros } from '../../model/time.ts'
import './event-stream.css'

export interface EventStreamProps {
  /** What to hear, as docs/live.md says: `*`, `log`, `orders.**`. */
  topics: readonly string[]
  /** Told of every event, in the order they arrive. */
  onEvent?: (event: FeedEvent) => void
  /** Most events shown. @default 100 */
  maxEvents?: number
  /** Whether events are shown, and not only told of. @default true */
  showEvents?: boolean
  /** @default '/api/events' */
  endpoint?: string
}

const STATUS_WORDS: Record<StreamStatus, string> = {
  connecting: 'connecting …',
  connected: 'live',
  disconnected: 'disconnected, trying again',
}

/** The live stream as a list, newest first, for any React application. It needs nothing around it. */
export function EventStream(props: EventStreamProps) {
  const { topics, onEvent, maxEvents = 100, showEvents = true, endpoint = '/api/events' } = props
  const feed = useMemo(() => new EventFeed(maxEvents), [maxEvents])
  const { events, skipped, left } = useSyncExternalStore(feed.subscribe, feed.get)
  const [status, setStatus] = useState<StreamStatus>('connecting')
  const [problem, setProblem] = useState<string | null>(null)
  const tell = useRef(onEvent)
  tell.current = onEvent
  // A list made anew at each render asks for the same as before.
  const wanted = JSON.stringify(topics)
  useEffect(() => {
    setProblem(null)
    const stream = listenToEvents(
      endpoint,
      { topics: JSON.parse(wanted) as string[] },
      {
        events: arrived => {
          feed.receive(arrived)
          for (const event of arrived) tell.current?.(event)
        },
        skipped: count => feed.skipped(count),
        status: setStatus,
        problem: setProblem,
      },
    )
    return () => stream.close()
  }, [endpoint, wanted, feed])

  return (
    <section className="event-stream" aria-label="Events as they happen" data-status={status}>
      <p className="event-stream-status" role="status">
        {STATUS_WORDS[status]}
        {left > 0 && `, ${left} older`}
        {skipped > 0 && `, ${skipped} skipped`}
        {problem !== null && ` – ${problem}`}
      </p>
      {showEvents && (
        <ol>
          {events.map(event => (
            <li key={event.id}>
              <time dateTime={event.timestamp}>{clock(parseMicros(event.timestamp))}</time>
              <span className="event-stream-type">{event.event_type}</span>
              <span className="event-stream-name">{event.event_name}</span>
              {typeof event.service_name === 'string' && <span>{event.service_name}</span>}
              {typeof event.duration_ms === 'number' && <span>{event.duration_ms} ms</span>}
              <span className="event-stream-text">{summaryOf(event)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

const clock = (at: Micros | null): string => (at === null ? '' : new Date(at / 1000).toLocaleTimeString())

import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { type LogFilters, toLogWhere } from '../../model/log-query.ts'
import { LOG_STREAM, type LogLine } from './queries.ts'

/** Most lines at once, which is as many as a reader gets. Of more the list is read again. */
const MAX_BATCH = 1_000
/**
 * How far before now a stream begins, in milliseconds, where nothing newer is known: clocks differ. It begins anew from time
 * to time, since the endpoint looks at everything after a stream's last line, and a rare one may be hours old.
 */
const OVERLAP_MS = 60_000
const RENEW_MS = 30_000
/** How long a stream that was lost or refused is not tried again. */
const REST_MS = 30_000

interface StreamListener {
  /** Lines that are new to the endpoint, none of them twice, in the order of their time. */
  lines: (lines: readonly LogLine[]) => void
  /** There were too many to be told of. */
  overrun: () => void
}

interface LogStreamOptions {
  filters: LogFilters
  /** The newest line that is known. */
  newest: LogLine | undefined
  /** Nothing is followed before the list is known, nor in a time that is over. */
  enabled: boolean
  listener: StreamListener
}

/**
 * Hears of new lines by a streaming subscription. Returns whether it does: not where the endpoint has no subscriptions, nor
 * while the socket is not open. A line whose time is before another's that was told of already is not told: who listens
 * reads the list from time to time all the same.
 */
export function useLogStream({ filters, newest, enabled, listener }: LogStreamOptions): boolean {
  const { subscriptions } = useApi()
  const latest = useRef({ newest, listener })
  latest.current = { newest, listener }
  const [lostAt, setLostAt] = useState<number | null>(null)
  const where = JSON.stringify(toLogWhere(filters))
  const wanted = enabled && subscriptions !== null
  useEffect(() => {
    if (!wanted || !subscriptions) return
    if (lostAt !== null) {
      const again = setTimeout(() => setLostAt(null), Math.max(0, lostAt + REST_MS - Date.now()))
      return () => clearTimeout(again)
    }
    let stop: (() => void) | undefined
    let last: LogLine | undefined
    const begin = () => {
      stop?.()
      stop = subscriptions.subscribe<{ lines: LogLine[] }>(
        LOG_STREAM,
        { after: startAfter(latest.current.newest, last), size: MAX_BATCH, where: JSON.parse(where) },
        ({ lines }) => {
          const { listener } = latest.current
          // Where the socket opens again, the stream begins again where it began.
          const known = last
          const fresh = known ? lines.filter(line => isAfter(line, known)) : lines
          last = fresh.at(-1) ?? last
          if (lines.length >= MAX_BATCH) listener.overrun()
          else if (fresh.length > 0) listener.lines(fresh)
        },
        () => setLostAt(Date.now()),
      )
    }
    begin()
    const renew = setInterval(begin, RENEW_MS)
    return () => {
      clearInterval(renew)
      stop?.()
    }
  }, [subscriptions, wanted, where, lostAt])
  const isConnected = useSyncExternalStore(
    subscriptions?.onConnection ?? neverChanges,
    subscriptions?.isConnected ?? never,
  )
  return wanted && lostAt === null && isConnected
}

/** The time of the later of two lines, unless that is long ago. */
function startAfter(newest: LogLine | undefined, last: LogLine | undefined): string {
  const later = newest && last && isAfter(last, newest) ? last : (newest ?? last)
  const recent = Date.now() - OVERLAP_MS
  return later && Date.parse(later.created_at) > recent ? later.created_at : new Date(recent).toISOString()
}

function isAfter(a: LogLine, b: LogLine): boolean {
  return a.created_at > b.created_at || (a.created_at === b.created_at && a.id > b.id)
}

const neverChanges = () => () => {}
const never = () => false

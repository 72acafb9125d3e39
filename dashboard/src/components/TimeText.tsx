import { formatDuration, formatElapsed, toDuration } from '../model/duration.ts'
import { formatAbsolute, formatClock, formatRelative, parseMicros } from '../model/time.ts'
import { useNow } from './use-now.ts'
import { useZone } from './use-zone.ts'

/** `12 s ago`, with the full time and its zone on hover. */
export function RelativeTime({ at }: { at: string }) {
  const [zone] = useZone()
  const now = useNow(1000)
  const micros = parseMicros(at)
  if (micros === null) return null
  return (
    <time dateTime={at} title={formatAbsolute(micros, zone)}>
      {formatRelative(micros, now)}
    </time>
  )
}

export function ClockTime({ at, digits = 3 }: { at: string; digits?: 0 | 3 | 6 }) {
  const [zone] = useZone()
  const micros = parseMicros(at)
  if (micros === null) return null
  return (
    <time dateTime={at} title={formatAbsolute(micros, zone)}>
      {formatClock(micros, zone, digits)}
    </time>
  )
}

export function AbsoluteTime({ at }: { at: string }) {
  const [zone] = useZone()
  const micros = parseMicros(at)
  return micros === null ? null : <time dateTime={at}>{formatAbsolute(micros, zone)}</time>
}

interface Timed {
  createdAt: string
  endedAt: string | null
  fallbackMs?: number | null
  running: boolean
}

/** How long it took; while it runs, how long it has been running. */
export function DurationText({ createdAt, endedAt, fallbackMs, running }: Timed) {
  if (running) return <ElapsedText since={createdAt} />
  const duration = toDuration(createdAt, endedAt, fallbackMs)
  return duration ? <span className="number">{formatDuration(duration)}</span> : <span className="quiet">unknown</span>
}

export function ElapsedText({ since }: { since: string }) {
  const now = useNow(100)
  const start = parseMicros(since)
  return start === null ? null : <span className="number elapsed">{formatElapsed(now - start)}</span>
}

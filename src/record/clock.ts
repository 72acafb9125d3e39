/** Reads the time in milliseconds since 1970, with microseconds behind the point. */
export type Clock = () => number

// Beyond this the wall clock was set, and times must follow it.
const MAX_DRIFT_MS = 20

/**
 * The wall clock with microseconds: within a millisecond times still differ and never run backwards, so durations may be
 * taken from them.
 */
export function createClock(
  wallMs: () => number = Date.now,
  monotonicMs: () => number = () => performance.now(),
): Clock {
  let origin = wallMs() - monotonicMs()
  return () => {
    const now = origin + monotonicMs()
    const drift = wallMs() - now
    if (drift > MAX_DRIFT_MS || drift < -MAX_DRIFT_MS) {
      origin += drift
      return now + drift
    }
    return now
  }
}

// Many rows are made in one millisecond, and writing out its date costs more than everything else about a timestamp.
let lastWhole = Number.NaN
let lastPrefix = ''

/** Postgres' text of an instant, in UTC: `2026-11-21T10:20:30.123456Z`. */
export function toTimestamp(ms: number): string {
  const whole = Math.floor(ms)
  if (whole !== lastWhole) {
    lastPrefix = new Date(whole).toISOString().slice(0, -1)
    lastWhole = whole
  }
  const micros = Math.floor((ms - whole) * 1_000)
  return `${lastPrefix}${micros < 10 ? '00' : micros < 100 ? '0' : ''}${micros}Z`
}

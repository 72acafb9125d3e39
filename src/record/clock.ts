/** Reads the time in milliseconds since 1970, with microseconds behind the point. */
export type Clock = () => number

// Beyond this the wall clock was set, and times must follow it.
const MAX_DRIFT_MS = 20
const COMPARE_EVERY_MS = 5

/**
 * The wall clock with microseconds: within a millisecond times still differ and never run backwards, so durations may be
 * taken from them.
 */
export function createClock(
  wallMs: () => number = Date.now,
  monotonicMs: () => number = () => performance.now(),
): Clock {
  let origin = wallMs() - monotonicMs()
  let compareAt = 0
  return () => {
    const monotonic = monotonicMs()
    if (monotonic >= compareAt) {
      compareAt = monotonic + COMPARE_EVERY_MS
      const drift = wallMs() - origin - monotonic
      if (drift > MAX_DRIFT_MS || drift < -MAX_DRIFT_MS) origin += drift
    }
    return origin + monotonic
  }
}

// Many rows are made in one millisecond, and writing out its date costs more than everything else about a timestamp.
let lastWhole = Number.NaN
let lastPrefix = ''
const MICROS = Array.from({ length: 1_000 }, (_, micros) => `${String(micros).padStart(3, '0')}Z`)

/** Postgres' text of an instant, in UTC: `2026-11-21T10:20:30.123456Z`. */
export function toTimestamp(ms: number): string {
  return microsToTimestamp(toMicros(ms))
}

/** The same of whole microseconds since 1970. */
export function microsToTimestamp(micros: number): string {
  const whole = Math.floor(micros / 1_000)
  if (whole !== lastWhole) {
    lastPrefix = new Date(whole).toISOString().slice(0, -1)
    lastWhole = whole
  }
  return lastPrefix + MICROS[micros - whole * 1_000]
}

/** Whole microseconds since 1970, which a number holds exactly until the year 2255. */
export function toMicros(ms: number): number {
  const whole = Math.floor(ms)
  return whole * 1_000 + Math.floor((ms - whole) * 1_000)
}

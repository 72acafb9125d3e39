import { toTimestamp } from '../record/clock.ts'
import type { Timestamp } from './unified-event.ts'

// Years of four digits: others need another form, and no clock means them.
const MIN_MS = Date.parse('0001-01-01T00:00:00Z')
const MAX_MS = Date.parse('9999-12-31T00:00:00Z')

/**
 * An instant of whatever form sources have: ISO 8601 (also with a space for the T, and with up to nine digits of a second;
 * without a zone it is UTC), or milliseconds since 1970. Null when it is none.
 */
export function readTime(value: unknown): Timestamp | null {
  if (typeof value === 'number') return value > MIN_MS && value < MAX_MS ? toTimestamp(value) : null
  if (typeof value !== 'string') return null
  // What most senders write, within the second of the one before.
  if (value.length === JSON_LENGTH && value.startsWith(lastSecond) && MILLIS.test(value)) {
    return `${value.slice(0, JSON_LENGTH - 1)}000Z`
  }
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(
    value.trim(),
  )
  if (!match) return null
  const [, day, time = '00:00', fraction = '', zone = 'Z'] = match
  const ms = Date.parse(`${day}T${time}${isoZone(zone)}`)
  if (Number.isNaN(ms)) return null
  const second = toTimestamp(ms).slice(0, SECOND_LENGTH)
  if (value.startsWith(second)) lastSecond = second
  return `${second}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

/** `2026-11-21T10:20:30`, and what Date.toJSON() makes: with milliseconds and Z. */
const SECOND_LENGTH = 19
const JSON_LENGTH = 24
const MILLIS = /\.\d{3}Z$/
// Events that come together are of few seconds, and a date is read slowly.
let lastSecond = '?'

function isoZone(zone: string): string {
  if (/^z$/i.test(zone)) return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`
}

// The end of the range that Postgres' bigint, and so `timestamp_ns`, has.
const MAX_NANOS = 2n ** 63n - 1n

/** Nanoseconds since 1970 as OTLP has them: a decimal text in JSON, a bigint from protobuf. Null when unset or no such. */
export function readNanos(value: unknown): bigint | null {
  let nanos: bigint
  if (typeof value === 'bigint') nanos = value
  else if (typeof value === 'string' && /^\d{1,20}$/.test(value)) nanos = BigInt(value)
  else if (typeof value === 'number' && Number.isInteger(value) && value > 0) nanos = BigInt(value)
  else return null
  return nanos > 0n && nanos <= MAX_NANOS ? nanos : null
}

/** The instant, to the microsecond: Postgres has no finer. */
export function nanosToTime(nanos: bigint): Timestamp {
  const micros = Number(nanos / 1_000n)
  const second = Math.floor(micros / 1e6)
  // Starts and ends of spans take turns.
  const known = seconds[second & 1] as { second: number; text: string }
  if (known.second !== second) {
    known.second = second
    known.text = toTimestamp(second * 1_000).slice(0, SECOND_LENGTH)
  }
  return `${known.text}.${String(micros - second * 1e6).padStart(6, '0')}Z`
}

const seconds = [
  { second: Number.NaN, text: '' },
  { second: Number.NaN, text: '' },
]

/** The milliseconds since 1970 of a timestamp. */
export function timestampMs(timestamp: Timestamp): number {
  if (timestamp.length !== 27 || !timestamp.endsWith('Z')) return Date.parse(timestamp)
  if (!timestamp.startsWith(lastStart)) {
    lastStart = timestamp.slice(0, SECOND_LENGTH + 1)
    lastStartMs = Date.parse(`${timestamp.slice(0, SECOND_LENGTH)}Z`)
  }
  return lastStartMs + Number(timestamp.slice(SECOND_LENGTH + 1, SECOND_LENGTH + 4))
}

let lastStart = '?'
let lastStartMs = Number.NaN

/** Milliseconds between two instants in nanoseconds, with the fraction; null when the end comes before the start. */
export function msBetween(start: bigint | null, end: bigint | null): number | null {
  if (start === null || end === null || end < start) return null
  return Number(end - start) / 1e6
}

/** Milliseconds between two timestamps; null when one is missing or the end comes before the start. */
export function msBetweenTimes(start: Timestamp | null, end: Timestamp | null): number | null {
  if (start === null || end === null || end < start) return null
  // Date has milliseconds; the digits behind them are those of the text.
  const micros = (time: Timestamp): number => Number(time.slice(23, 26))
  return Date.parse(end) - Date.parse(start) + (micros(end) - micros(start)) / 1_000
}

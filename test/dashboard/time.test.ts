import { describe, expect, it } from 'vitest'
import { formatAbsolute, formatClock, formatRelative, parseMicros } from '../../dashboard/src/model/time.ts'

describe('parseMicros', () => {
  it('keeps all six digits', () => {
    expect(parseMicros('2026-11-21T12:00:00.123456+00:00')).toBe(Date.UTC(2026, 10, 21, 12) * 1000 + 123_456)
  })

  it('reads the digits Postgres leaves out as zeros', () => {
    expect(parseMicros('2026-11-21T12:00:00.5+00:00')).toBe(parseMicros('2026-11-21T12:00:00.500000Z'))
    expect(parseMicros('2026-11-21T12:00:00Z')).toBe(Date.UTC(2026, 10, 21, 12) * 1000)
  })

  it('heeds the offset', () => {
    expect(parseMicros('2026-11-21T14:30:00+02:30')).toBe(parseMicros('2026-11-21T12:00:00Z'))
    expect(parseMicros('2026-11-21 11:00:00-01')).toBe(parseMicros('2026-11-21T12:00:00Z'))
  })

  it('gives null for what is no timestamp', () => {
    expect(parseMicros(null)).toBeNull()
    expect(parseMicros('yesterday')).toBeNull()
  })
})

describe('times on screen', () => {
  const at = Date.UTC(2026, 10, 21, 9, 5, 7) * 1000 + 120_045

  it('shows the clock with as many digits as asked for', () => {
    expect(formatClock(at, 'utc')).toBe('09:05:07.120')
    expect(formatClock(at, 'utc', 0)).toBe('09:05:07')
    expect(formatClock(at, 'utc', 6)).toBe('09:05:07.120045')
  })

  it('always prints the zone with a full time', () => {
    expect(formatAbsolute(at, 'utc')).toBe('2026-11-21 09:05:07.120045 UTC')
    expect(formatAbsolute(at, 'local')).toMatch(/UTC[+−]\d/)
  })

  it('counts back in the largest whole unit', () => {
    expect(formatRelative(at, at + 400_000)).toBe('just now')
    expect(formatRelative(at, at + 12_900_000)).toBe('12 s ago')
    expect(formatRelative(at, at + 61_000_000)).toBe('1 min ago')
    expect(formatRelative(at, at + 3 * 3_600_000_000)).toBe('3 h ago')
    expect(formatRelative(at, at + 50 * 3_600_000_000)).toBe('2 d ago')
    expect(formatRelative(at, at - 5_000_000)).toBe('just now')
  })
})

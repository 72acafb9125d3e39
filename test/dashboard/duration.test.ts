import { describe, expect, it } from 'vitest'
import {
  formatDuration,
  formatElapsed,
  formatMicros,
  formatOffset,
  toDuration,
} from '../../dashboard/src/model/duration.ts'

describe('formatMicros', () => {
  it.each([
    [0, '0 µs'],
    [412, '412 µs'],
    [999, '999 µs'],
    [1000, '1.00 ms'],
    [1234, '1.23 ms'],
    [9994, '9.99 ms'],
    [9996, '10.0 ms'],
    [45_600, '45.6 ms'],
    [99_960, '100 ms'],
    [999_499, '999 ms'],
    [999_600, '1.00 s'],
    [12_345_678, '12.3 s'],
    [59_949_000, '59.9 s'],
    [59_990_000, '1 min 00 s'],
    [187_000_000, '3 min 07 s'],
    [7_500_000_000, '2 h 05 min'],
    [93_600_000_000, '1 d 2 h'],
  ])('writes %d µs as %s', (micros, text) => {
    expect(formatMicros(micros)).toBe(text)
  })

  it('never says 0 ms for what took 0.4 ms', () => {
    expect(formatMicros(400)).toBe('400 µs')
  })
})

describe('toDuration', () => {
  it('prefers the difference of the timestamps to the recorded milliseconds', () => {
    const duration = toDuration('2026-11-21T12:00:00.000100Z', '2026-11-21T12:00:00.000512Z', 0)
    expect(duration).toEqual({ micros: 412, precise: true })
  })

  it('falls back to whole milliseconds, and says when they were less than one', () => {
    const duration = toDuration('2026-11-21T12:00:00Z', null, 0)
    expect(duration).toEqual({ micros: 0, precise: false })
    expect(duration && formatDuration(duration)).toBe('< 1 ms')
  })

  it('knows nothing of what has not ended', () => {
    expect(toDuration('2026-11-21T12:00:00Z', null)).toBeNull()
  })

  it('never counts backwards when clocks disagree', () => {
    expect(toDuration('2026-11-21T12:00:01Z', '2026-11-21T12:00:00Z')).toEqual({ micros: 0, precise: true })
  })
})

it('shows what runs in tenths, so that digits stay readable', () => {
  expect(formatElapsed(430_000)).toBe('0.4 s')
  expect(formatElapsed(187_300_000)).toBe('3 min 07 s')
  expect(formatElapsed(-5)).toBe('0.0 s')
})

it('signs offsets', () => {
  expect(formatOffset(1230)).toBe('+1.23 ms')
  expect(formatOffset(-1230)).toBe('−1.23 ms')
})

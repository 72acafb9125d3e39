import { describe, expect, it } from 'vitest'
import { describeRange } from '../../dashboard/src/model/describe-range.ts'
import {
  chartStep,
  parseRangeSearch,
  parseTypedTime,
  previousSpan,
  resolveRange,
  shiftSpan,
  toRangeSearch,
  widenSpan,
  windowAround,
} from '../../dashboard/src/model/time-range.ts'

const NOW = Date.UTC(2026, 10, 21, 14, 0, 0)
const HOUR = 3_600_000

describe('the time range in an address', () => {
  it('is read back as it was written, and what is no time is left out', () => {
    const search = toRangeSearch({ from: NOW - HOUR, to: NOW })
    expect(parseRangeSearch(search)).toEqual(search)
    expect(parseRangeSearch({ from: 'now-6h', to: 'now' })).toEqual({ from: 'now-6h', to: 'now' })
    expect(parseRangeSearch({ from: 'yesterday', to: '12', q: 'x' })).toEqual({})
  })

  it('means the last 24 hours when it says nothing, and moves with the clock', () => {
    expect(resolveRange({}, NOW)).toEqual({ from: NOW - 24 * HOUR, to: NOW })
    expect(resolveRange({ from: 'now-90m' }, NOW + 5)).toEqual({ from: NOW + 5 - 1.5 * HOUR, to: NOW + 5 })
  })

  it('has its ends in order and is never empty', () => {
    expect(resolveRange({ from: 'now', to: 'now-1h' }, NOW)).toEqual({ from: NOW - HOUR, to: NOW })
    expect(resolveRange({ from: 'now', to: 'now' }, NOW)).toEqual({ from: NOW, to: NOW + 1_000 })
  })

  it('is compared with the window of equal length before it', () => {
    expect(previousSpan({ from: NOW - HOUR, to: NOW })).toEqual({ from: NOW - 2 * HOUR, to: NOW - HOUR })
  })

  it('is moved and widened, but not into the future', () => {
    const span = { from: NOW - 3 * HOUR, to: NOW - 2 * HOUR }
    expect(shiftSpan(span, -1, NOW)).toEqual({ from: NOW - 3.5 * HOUR, to: NOW - 2.5 * HOUR })
    expect(shiftSpan({ from: NOW - HOUR, to: NOW }, 1, NOW)).toEqual({ from: NOW - HOUR, to: NOW })
    expect(widenSpan(span, NOW)).toEqual({ from: NOW - 3.5 * HOUR, to: NOW - 1.5 * HOUR })
    expect(widenSpan({ from: NOW - HOUR, to: NOW }, NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW })
  })

  it('goes five minutes beyond what a link is about', () => {
    expect(windowAround(NOW, NOW + 1_000)).toEqual({ from: String(NOW - 300_000), to: String(NOW + 301_000) })
    expect(windowAround(NOW, null)).toEqual({ from: String(NOW - 300_000), to: String(NOW + 300_000) })
  })
})

describe('a typed time', () => {
  it.each([
    ['now-2h', 'now-2h'],
    ['2 hours', 'now-2h'],
    ['-15m', 'now-15m'],
    ['2026-11-21 13:30', String(NOW - HOUR / 2)],
    ['13:30', String(NOW - HOUR / 2)],
    ['2026-11-21', String(NOW - 14 * HOUR)],
    [' 1795269600000 ', '1795269600000'],
  ])('%s is %s', (typed, read) => {
    expect(parseTypedTime(typed, true, NOW)).toBe(read)
  })

  it.each(['', 'soon', '25:00', '2026-13-01', '12:60', 'now+1h'])('%j is refused', typed => {
    expect(parseTypedTime(typed, true, NOW)).toBeNull()
  })
})

describe('what a range is called', () => {
  it('is its preset, or both ends', () => {
    expect(describeRange({ key: 'now-24h/now' }, 'utc')).toBe('Last 24 hours')
    expect(describeRange({ from: 'now-2h', key: 'now-2h/now' }, 'utc')).toBe('Last 2h')
    const from = String(Date.UTC(2026, 10, 20, 22, 5))
    expect(describeRange({ from, to: String(NOW), key: `${from}/${NOW}` }, 'utc')).toBe('20 Nov 22:05 – 21 Nov 14:00')
  })
})

describe('steps of a chart', () => {
  it('are round and not too many', () => {
    expect(chartStep({ from: NOW - HOUR, to: NOW })).toBe(60_000)
    expect(chartStep({ from: NOW - 24 * HOUR, to: NOW })).toBe(1_800_000)
    expect(chartStep({ from: NOW - 7 * 24 * HOUR, to: NOW })).toBe(3 * HOUR)
  })
})

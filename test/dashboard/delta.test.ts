import { describe, expect, it } from 'vitest'
import { formatShare, percentDelta, pointsDelta } from '../../dashboard/src/model/delta.ts'
import { formatRate, rateUnit } from '../../dashboard/src/model/rate.ts'

describe('a number against the window before', () => {
  it('says by how much it grew or fell', () => {
    expect(percentDelta(112, 100)).toEqual({ direction: 'up', text: '+12 %' })
    expect(percentDelta(1, 3)).toEqual({ direction: 'down', text: '−66.7 %' })
    expect(percentDelta(5_000, 1)).toEqual({ direction: 'up', text: '+499,900 %' })
    expect(percentDelta(100.03, 100)).toEqual({ direction: 'up', text: '+0.03 %' })
  })

  it('makes up no percentage where there was nothing, and none of what is unknown', () => {
    expect(percentDelta(3, 0)).toEqual({ direction: 'up', text: 'none before' })
    expect(percentDelta(0, 0)).toEqual({ direction: 'same', text: 'no change' })
    expect(percentDelta(3, null)).toBeNull()
    expect(pointsDelta(null, 0.2)).toBeNull()
  })

  it('compares shares in points', () => {
    expect(pointsDelta(0.031, 0.012)).toEqual({ direction: 'up', text: '+1.9 points' })
    expect(pointsDelta(0.5, 0.5)).toEqual({ direction: 'same', text: 'no change' })
  })
})

describe('a share', () => {
  it('is never rounded to none or all', () => {
    expect(formatShare(1, 100_000)).toBe('< 0.01 %')
    expect(formatShare(99_999, 100_000)).toBe('> 99.99 %')
    expect(formatShare(1, 3)).toBe('33.3 %')
    expect(formatShare(100, 100)).toBe('100 %')
    expect(formatShare(0, 5)).toBe('0 %')
    expect(formatShare(0, 0)).toBe('–')
  })
})

describe('a rate', () => {
  const HOUR = 3_600_000

  it('has the unit that reads best, and one for all that are compared', () => {
    expect([7_200, 120, 4, 0].map(amount => formatRate(amount, HOUR))).toEqual([
      '2.00 / s',
      '2.00 / min',
      '4.00 / h',
      '0',
    ])
    expect(formatRate(1, 2 * 24 * HOUR)).toBe('0.50 / d')
    const unit = rateUnit([4, 136, 0], HOUR)
    expect([136, 4, 0.1, 0].map(amount => formatRate(amount, HOUR, unit))).toEqual([
      '2.27 / min',
      '0.07 / min',
      '< 0.01 / min',
      '0',
    ])
    expect(rateUnit([], HOUR)).toBe('d')
  })
})

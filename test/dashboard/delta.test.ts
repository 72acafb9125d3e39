import { describe, expect, it } from 'vitest'
import { formatShare, percentDelta, pointsDelta } from '../../dashboard/src/model/delta.ts'

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

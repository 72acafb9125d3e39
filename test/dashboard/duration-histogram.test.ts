import { describe, expect, it } from 'vitest'
import { comparedSpan } from '../../dashboard/src/model/compared-windows.ts'
import { countsOf, DOUBLINGS, FINE_BINS, usedBins } from '../../dashboard/src/model/duration-histogram.ts'
import { hourCells } from '../../dashboard/src/model/hour-cells.ts'

describe('bins of a histogram of durations', () => {
  it.each([
    ['doublings', DOUBLINGS],
    ['fine bins', FINE_BINS],
  ])('%s cover each place once, from 0 to infinity', (_, bins) => {
    expect(bins.flatMap(bin => Array.from({ length: bin.last - bin.first + 1 }, (_, n) => bin.first + n))).toEqual(
      Array.from({ length: 97 }, (_, place) => place),
    )
    for (const [at, bin] of bins.entries()) expect(bin.fromMs).toBe(at === 0 ? 0 : bins[at - 1]?.toMs)
    expect(bins.at(-1)?.toMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('holds each whole millisecond where the database counts it', () => {
    for (const ms of [0, 1, 2, 3, 4, 7, 8, 100, 1023, 1024, 60_000]) {
      // As histogram_add() does it.
      const place = ms < 1 ? 0 : 1 + Math.floor(4 * Math.log2(ms) + 1e-9)
      const histogram = Array.from({ length: place + 1 }, (_, at) => (at === place ? 1 : 0))
      for (const bins of [DOUBLINGS, FINE_BINS]) {
        const found = bins[countsOf(histogram, bins).indexOf(1)]
        expect(ms).toBeGreaterThanOrEqual(found?.fromMs ?? Number.NaN)
        expect(ms).toBeLessThan(found?.toMs ?? Number.NaN)
      }
    }
  })

  it('shows from the first to the last that is filled in either', () => {
    expect(
      usedBins([
        [0, 0, 1, 0],
        [0, 1, 0],
      ]),
    ).toEqual({ from: 1, to: 2 })
    expect(usedBins([[0, 0], []])).toBeNull()
  })
})

describe('windows and hours', () => {
  it('compares with as long right before, or with a week earlier', () => {
    const span = { from: 1_000_000_000_000, to: 1_000_003_600_000 }
    expect(comparedSpan(span, 'before')).toEqual({ from: 999_996_400_000, to: 1_000_000_000_000 })
    expect(comparedSpan(span, 'week')).toEqual({ from: 999_395_200_000, to: 999_398_800_000 })
  })

  it('puts hours into days of the zone', () => {
    const rows = ['2026-11-20T23:00:00+00:00', '2026-11-21T00:00:00+00:00', '2026-11-21T05:00:00+00:00'].map(
      bucket => ({
        bucket,
      }),
    )
    const span = { from: Date.UTC(2026, 10, 19, 12), to: Date.UTC(2026, 10, 21, 6) }
    const { days, cells } = hourCells(rows, span, 'utc')
    // A day without anything is a row, too.
    expect(days.map(day => day.slice(0, 6))).toEqual(['19 Nov', '20 Nov', '21 Nov'])
    expect(cells.map(({ day, hour }) => [day, hour])).toEqual([
      [1, 23],
      [2, 0],
      [2, 5],
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { runAtOnce } from '../../../dashboard/src/model/slices.ts'
import { sortSteps } from '../../../dashboard/src/model/waterfall/sort-steps.ts'

describe('sortSteps', () => {
  const sorted = (keys: readonly number[]): number[] => {
    const rows = Int32Array.from(keys.keys())
    return [...runAtOnce(sortSteps(rows, (a, b) => (keys[a] as number) - (keys[b] as number)))]
  }
  // What Array.prototype.sort makes of the same, which keeps equal ones in their order too.
  const expected = (keys: readonly number[]): number[] =>
    [...keys.keys()].sort((a, b) => (keys[a] as number) - (keys[b] as number))

  it.each([0, 1, 2, 31, 32, 33, 64, 65, 1000, 10_001])(
    'sorts %i rows, whatever their order, equal ones as they came',
    length => {
      const orders: ((row: number) => number)[] = [
        row => row,
        row => -row,
        row => (row * 7919) % 101,
        // As the server sends them: in order, but for neighbours.
        row => row + (row % 3 === 0 ? 5 : 0),
      ]
      for (const order of orders) {
        const keys = Array.from({ length }, (_, row) => order(row))
        expect(sorted(keys)).toEqual(expected(keys))
      }
    },
  )

  it('can be interrupted often', () => {
    const keys = Array.from({ length: 100_000 }, (_, row) => (row * 7919) % 10_007)
    const steps = sortSteps(Int32Array.from(keys.keys()), (a, b) => (keys[a] as number) - (keys[b] as number))
    let interruptions = 0
    while (!steps.next().done) interruptions += 1
    expect(interruptions).toBeGreaterThan(100)
  })
})

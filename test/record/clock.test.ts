import { expect, it } from 'vitest'
import { createClock, toTimestamp } from '../../src/record/clock.ts'

it('tells microseconds, never runs backwards within a drift, and follows a clock that was set', () => {
  let wall = 1_000_000
  let monotonic = 0
  const clock = createClock(
    () => wall,
    () => monotonic,
  )
  monotonic += 0.25
  expect(clock()).toBeCloseTo(1_000_000.25, 6)
  wall -= 10
  monotonic += 0.25
  expect(clock()).toBeCloseTo(1_000_000.5, 6)
  wall -= 3_600_000
  // Wall clocks are compared every few milliseconds: reading one costs as much as all the rest.
  monotonic += 5
  expect(clock()).toBeCloseTo(wall, 3)
})

it('writes an instant as Postgres reads it', () => {
  expect(toTimestamp(1_700_000_000_123.456)).toBe('2023-11-14T22:13:20.123456Z')
  expect(toTimestamp(1_700_000_000_000)).toBe('2023-11-14T22:13:20.000000Z')
})

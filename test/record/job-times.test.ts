import { expect, it } from 'vitest'
import { JobTimes } from '../../src/record/job-times.ts'

const at = (ms: number): string => new Date(ms).toISOString().slice(0, -1)

it('knows whether a job ran at the time of a change, give or take what clocks differ', () => {
  const times = new JobTimes()
  times.started('a', 10_000)
  expect(times.wasRunning('a', at(9_000), 0)).toBe(false)
  expect(times.wasRunning('a', at(9_980), 0)).toBe(true)
  expect(times.wasRunning('a', at(99_000), 0)).toBe(true)
  times.ended('a', 11_000)
  expect(times.wasRunning('a', at(11_020), 0)).toBe(true)
  expect(times.wasRunning('a', at(11_030), 0)).toBe(false)
  expect(times.wasRunning('a', '1970-01-01T00:00:10.500+00:00', 0)).toBe(true)
})

it('takes now for the time where the change does not tell', () => {
  const times = new JobTimes()
  times.started('a', 10_000)
  times.ended('a', 11_000)
  expect([undefined, null, 'soon', 7].map(time => times.wasRunning('a', time, 10_500))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(times.wasRunning('a', undefined, 20_000)).toBe(false)
})

it('remembers the last 5,000, forgets what is long ago, and says no for what it does not know', () => {
  const times = new JobTimes()
  for (let i = 0; i <= 10_000; i++) times.started(`job ${i}`, i)
  times.ended('job 0', 5)
  expect(times.wasRunning('job 0', at(0), 0)).toBe(false)
  times.ended('job 5001', 6_000)
  expect(times.wasRunning('job 5001', at(5_900), 0)).toBe(true)
  expect(times.wasRunning('job 5001', at(9_000), 0)).toBe(false)
  expect(times.wasRunning('stranger', at(1), 0)).toBe(false)
})

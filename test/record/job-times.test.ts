import { expect, it } from 'vitest'
import { idText, takeId } from '../../src/correlation/uuid.ts'
import { JobTimes } from '../../src/record/job-times.ts'

const at = (ms: number): string => new Date(ms).toISOString().slice(0, -1)

function newJob() {
  const id = { idMs: 0, idSequence: 0, idHigh: 0, idLow: 0 }
  takeId(id, Date.now())
  return { ...id, text: idText(id) }
}

it('knows whether a job ran at the time of a change, give or take what clocks differ', () => {
  const times = new JobTimes()
  const job = newJob()
  times.started(job, 10_000)
  expect(times.wasRunning(job.text, at(9_000), 0)).toBe(false)
  expect(times.wasRunning(job.text, at(9_980), 0)).toBe(true)
  expect(times.wasRunning(job.text, at(99_000), 0)).toBe(true)
  times.ended(job, 11_000)
  expect(times.wasRunning(job.text, at(11_020), 0)).toBe(true)
  expect(times.wasRunning(job.text, at(11_030), 0)).toBe(false)
  expect(times.wasRunning(job.text, '1970-01-01T00:00:10.500+00:00', 0)).toBe(true)
})

it('takes now for the time where the change does not tell', () => {
  const times = new JobTimes()
  const job = newJob()
  times.started(job, 10_000)
  times.ended(job, 11_000)
  expect([undefined, null, 'soon', 7].map(time => times.wasRunning(job.text, time, 10_500))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(times.wasRunning(job.text, undefined, 20_000)).toBe(false)
})

it('remembers the last 5,000, forgets what is long ago, and says no for what it does not know', () => {
  const times = new JobTimes()
  const jobs = Array.from({ length: 20_001 }, newJob)
  for (const [n, job] of jobs.entries()) times.started(job, n)
  const first = jobs[0] as (typeof jobs)[0]
  times.ended(first, 5)
  expect(times.wasRunning(first.text, at(0), 0)).toBe(false)
  const late = jobs[15_001] as (typeof jobs)[0]
  times.ended(late, 16_000)
  expect(times.wasRunning(late.text, at(15_900), 0)).toBe(true)
  expect(times.wasRunning(late.text, at(19_000), 0)).toBe(false)
  expect(jobs.slice(15_002).every(({ text }, n) => times.wasRunning(text, at(15_002 + n), 0))).toBe(true)
  expect(times.wasRunning(newJob().text, at(1), 0)).toBe(false)
})

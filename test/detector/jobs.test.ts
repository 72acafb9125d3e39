import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BasePlugin, type Job, type JobRunOptions, job, run } from '../../src/detector/detector.ts'
import { after, createDetector, detecting, orderChange, sleep } from './support.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('job and run', () => {
  it('describe a job by its function and its options', () => {
    const ship = (): void => {}
    expect(job(ship)).toEqual({ func: ship })
    expect(job(ship, { timeout: 5 })).toEqual({ func: ship, options: { timeout: 5 } })
  })

  it('name a job by its option, else by its function, else anonymous', async () => {
    const { listen } = createDetector()
    const fail = function fail() {
      throw new Error('no')
    }
    const { events } = await listen([detecting('a', [() => 1], [fail], [fail, { jobName: 'ship' }])])
    expect(events[0]?.jobs.map(each => each.name)).toEqual(['anonymous', 'fail', 'ship'])
  })

  it('run all jobs at once and answer in the order given', async () => {
    const { listen } = createDetector()
    const slow = (ms: number) => async () => {
      await sleep(ms)
      return ms
    }
    const { events, durationMs } = await after(60, listen([detecting('a', [slow(60)], [slow(20)], [slow(40)])]))
    expect(events[0]?.jobs.map(each => each.result)).toEqual([60, 20, 40])
    expect(durationMs).toBe(60)
  })

  it('report success with result, times and duration', async () => {
    const { listen } = createDetector()
    const { events } = await after(20, listen([detecting('a', [() => sleep(20).then(() => 'done')])]))
    const endTime = new Date()
    const startTime = new Date(endTime.getTime() - 20)
    expect(events[0]?.jobs).toEqual([
      { name: 'anonymous', completed: true, result: 'done', durationMs: 20, startTime, endTime },
    ])
  })

  it('report a failure by the same result object to the handler, to onJobEnd and in the response', async () => {
    const { listen, recorder } = createDetector()
    const error = new Error('no stock')
    const ship = async (): Promise<never> => {
      throw error
    }
    const { events } = await listen([detecting('a', [ship], [() => 'other'])])
    const [failed, other] = events[0]?.jobs ?? []
    expect(failed).toMatchObject({ name: 'ship', completed: false, result: null, error })
    expect(other).toMatchObject({ completed: true, result: 'other' })
    expect(recorder.of('onJobEnd').map(args => args[1])).toContain(failed)
    expect(recorder.of('onEventHandlerEnd')[0]?.[1]).toEqual([failed, other])
  })

  it('wrap what was thrown and is no Error', async () => {
    const { listen } = createDetector()
    const thrower = (): never => {
      throw 'plain text'
    }
    const { events } = await listen([detecting('a', [thrower])])
    expect(events[0]?.jobs[0]?.error).toMatchObject({ message: 'plain text', cause: 'plain text' })
  })

  it('leave out entries without a function, and fail those whose function is none', async () => {
    const { recorder, listen } = createDetector()
    const jobs = [null, undefined, false, {}, { func: 'text' }, job(function ship() {})] as unknown as Job[]
    await listen([{ name: 'a', detector: () => true, handler: (event, payload) => run(event, payload, jobs) }])
    expect(recorder.of('onJobEnd').map(([name, result]) => [name, result.completed])).toEqual([
      ['anonymous', false],
      ['ship', true],
    ])
  })

  it('answer no jobs with an empty list', async () => {
    expect(await run('a', orderChange(), [])).toEqual([])
    expect(await run('a', orderChange(), undefined)).toEqual([])
  })

  it('run jobs of a payload that did not go through listenTo', async () => {
    const results = await run('a', orderChange(), [job(() => 1)])
    expect(results[0]).toMatchObject({ completed: true, result: 1 })
  })

  it('hand what plugins add to the options to the function', async () => {
    class Identity extends BasePlugin {
      #next = 1
      override async onJobStart(_: string, options: JobRunOptions): Promise<void> {
        options.jobExecutionId = `job-${this.#next++}`
      }
    }
    const own = { priority: 1 }
    const { listen, recorder } = createDetector(new Identity())
    const { events } = await listen([detecting('a', [(_e, _p, options) => options], [(_e, _p, o) => o, own])])
    const given = events[0]?.jobs.map(each => each.result as JobRunOptions) ?? []
    expect(given.map(options => options.jobExecutionId)).toEqual(['job-1', 'job-2'])
    expect(given[1]).toMatchObject({ priority: 1 })
    expect(own).toEqual({ priority: 1 })
    expect(recorder.of('onJobEnd').map(args => args[5])).toEqual(given)
  })

  it('tell equal-named jobs apart by the options object', async () => {
    const { listen, recorder } = createDetector()
    const ship = async (_e: string, _p: unknown, { ms }: JobRunOptions): Promise<unknown> => {
      await sleep(Number(ms))
      return ms
    }
    await after(30, listen([detecting('a', [ship, { ms: 30 }], [ship, { ms: 10 }])]))
    const started = recorder.of('onJobStart').map(args => args[1])
    const ended = recorder.of('onJobEnd')
    expect(ended.map(([, result]) => result.result)).toEqual([10, 30])
    expect(ended[0]?.[5]).toBe(started[1])
    expect(ended[1]?.[5]).toBe(started[0])
  })
})

describe('timeout of a job', () => {
  it('fails the job when it is over, whatever the function does, and fires its signal', async () => {
    const { listen, recorder } = createDetector()
    let signal: AbortSignal | undefined
    const stubborn = async (_e: string, _p: unknown, options: JobRunOptions): Promise<string> => {
      signal = options.abortSignal
      await sleep(200)
      return 'too late'
    }
    const listening = listen([detecting('a', [stubborn, { timeout: 30 }], [() => 'fast'])])
    const { events, durationMs } = await after(30, listening)
    const [slow, fast] = events[0]?.jobs ?? []
    expect(durationMs).toBe(30)
    expect(slow).toMatchObject({ completed: false, result: null, error: { name: 'TimeoutError' } })
    expect(slow?.error?.message).toMatch('Job "stubborn"')
    expect(slow?.error?.message).toMatch('30 ms')
    expect(fast).toMatchObject({ completed: true })
    expect(signal?.aborted).toBe(true)
    expect(recorder.of('onJobStart')[0]?.[1].abortSignal).toBe(signal)
    expect(recorder.of('onError')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(recorder.of('onJobEnd')).toHaveLength(2)
  })

  it('is the reason even for a function that obeys the signal', async () => {
    const { listen } = createDetector()
    const obedient = (_e: string, _p: unknown, { abortSignal }: JobRunOptions): Promise<never> =>
      new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(new Error('stopped'))))
    const { events } = await after(10, listen([detecting('a', [obedient, { timeout: 10 }])]))
    expect(events[0]?.jobs[0]?.error?.name).toBe('TimeoutError')
  })

  it('leaves a job that is fast enough alone', async () => {
    const { listen } = createDetector()
    let signal: AbortSignal | undefined
    const quick = (_e: string, _p: unknown, options: JobRunOptions): void => {
      signal = options.abortSignal
    }
    const { events } = await after(20, listen([detecting('a', [quick, { timeout: 10 }])]))
    expect(events[0]?.jobs[0]?.completed).toBe(true)
    expect(signal?.aborted).toBe(false)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40, '50'])('of %s is no limit', async timeout => {
    const { listen } = createDetector()
    const { events } = await after(5, listen([detecting('a', [() => sleep(5), { timeout: timeout as number }])]))
    expect(events[0]?.jobs[0]?.completed).toBe(true)
  })
})

describe('retries of a job', () => {
  const failing = (times: number) => {
    let calls = 0
    return function flaky() {
      if (++calls <= times) throw new Error(`failure ${calls}`)
      return calls
    }
  }

  it('call the function again inside the same run of the job', async () => {
    const { listen, recorder } = createDetector()
    const { events } = await after(10, listen([detecting('a', [failing(2), { retries: 2, retryDelay: 5 }])]))
    expect(events[0]?.jobs[0]).toMatchObject({ completed: true, result: 3 })
    expect(recorder.of('onJobStart')).toHaveLength(1)
    expect(recorder.of('onJobEnd')).toHaveLength(1)
    const warnings = recorder.of('onLog').filter(([level]) => level === 'warn')
    expect(warnings.map(([, message]) => message)).toEqual([
      '[flaky] attempt 1 of 3 failed, the next is in 5 ms: failure 1',
      '[flaky] attempt 2 of 3 failed, the next is in 5 ms: failure 2',
    ])
    expect(warnings[0]?.[3]).toBe('flaky')
  })

  it('end with the last failure', async () => {
    const { listen } = createDetector()
    const { events } = await after(200, listen([detecting('a', [failing(9), { retries: 1 }])]))
    expect(events[0]?.jobs[0]).toMatchObject({ completed: false, error: { message: 'failure 2' } })
  })

  it('are not made unless asked for', async () => {
    const { listen } = createDetector()
    const { events } = await listen([detecting('a', [failing(1)])])
    expect(events[0]?.jobs[0]?.error?.message).toBe('failure 1')
  })

  it('stop when the time is over', async () => {
    const { listen } = createDetector()
    let calls = 0
    const broken = (): never => {
      calls++
      throw new Error('no')
    }
    const { events } = await after(30, listen([detecting('a', [broken, { retries: 99, retryDelay: 20, timeout: 30 }])]))
    expect(events[0]?.jobs[0]?.error?.name).toBe('TimeoutError')
    await vi.advanceTimersByTimeAsync(100)
    expect(calls).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })
})

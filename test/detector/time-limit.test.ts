import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JobRunOptions, NamedEventModule, TimeoutConfig } from '../../src/detector/detector.ts'
import { after, createDetector, detecting, orderChange, sleep, undetected } from './support.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const within = (ms: number, more: TimeoutConfig = {}): { timeoutConfig: TimeoutConfig } => {
  const end = Date.now() + ms
  return { timeoutConfig: { getRemainingTimeInMillis: () => end - Date.now(), safetyMargin: 0, ...more } }
}

describe('the time limit of an invocation', () => {
  it('answers in time with what is known, ends once, and lets late jobs report', async () => {
    const { listen, recorder } = createDetector()
    const modules: NamedEventModule[] = [
      detecting(
        'a',
        [function fast() {}],
        [
          async function slow() {
            await sleep(120)
            return 'late'
          },
        ],
      ),
      { ...undetected('undecided'), detector: () => sleep(120).then(() => false) },
      undetected('b'),
    ]
    const response = await after(40, listen(modules, within(40)))
    expect(response.timedOut).toBe(true)
    expect(response.error).toMatchObject({ name: 'TimeoutError' })
    expect(response.durationMs).toBe(40)
    expect(response.events.map(event => [event.name, event.detected, event.jobs.map(job => job.name)])).toEqual([
      ['a', true, ['fast']],
      ['b', false, []],
    ])
    expect(recorder.order.slice(-2)).toEqual(['onInvocationEnd', 'flush'])

    await vi.advanceTimersByTimeAsync(150)
    expect(recorder.of('onInvocationEnd')).toHaveLength(1)
    const [, late] = recorder.of('onJobEnd')
    expect(late?.[1]).toMatchObject({ name: 'slow', completed: true, result: 'late' })
    expect(recorder.order.at(-1)).toBe('flush')
    expect(response.events[0]?.jobs).toHaveLength(1)
  })

  it('ends once when all jobs obey the signal', async () => {
    const { listen, recorder } = createDetector()
    const obedient = (_e: string, _p: unknown, { abortSignal }: JobRunOptions): Promise<never> =>
      new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(new Error('stopped'))))
    const payload = orderChange()
    const response = await after(30, listen([detecting('a', [obedient])], within(30), payload))
    expect(response.timedOut).toBe(true)
    expect(payload.__abortSignal?.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(10)
    expect(recorder.of('onInvocationEnd')).toHaveLength(1)
    expect(recorder.of('onJobEnd')[0]?.[1]).toMatchObject({ completed: false, error: { message: 'stopped' } })
  })

  it('fires the signal of a job that has a timeout of its own, and ends its retries', async () => {
    const { listen, recorder } = createDetector()
    let calls = 0
    const stopped = (_e: string, _p: unknown, { abortSignal }: JobRunOptions): Promise<never> => {
      calls++
      return new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(new Error('stopped'))))
    }
    await after(30, listen([detecting('a', [stopped, { timeout: 60_000, retries: 5 }])], within(30)))
    expect(recorder.of('onJobEnd')[0]?.[1].error.message).toBe('stopped')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(calls).toBe(1)
    expect(recorder.of('onLog').filter(([level]) => level === 'warn')).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not start a job after it, but tells of it', async () => {
    const { listen, recorder } = createDetector()
    let ran = false
    const late = detecting('a', [
      function ship() {
        ran = true
      },
    ])
    await after(80, listen([{ ...late, detector: () => sleep(60).then(() => true) }], within(20)))
    expect(ran).toBe(false)
    expect(recorder.of('onJobStart')).toHaveLength(1)
    expect(recorder.of('onJobEnd')[0]?.[1].error.message).toBe(
      'Job "ship" was not started: the invocation\'s time was up',
    )
  })

  it('keeps a margin, and counts from the call when the platform has no clock', async () => {
    const { listen } = createDetector()
    const timeoutConfig = { serverlessMode: true, maxExecutionTime: 100, safetyMargin: 60 }
    const response = await after(150, listen([detecting('a', [() => sleep(150)])], { timeoutConfig }))
    expect(response.timedOut).toBe(true)
    expect(response.durationMs).toBe(40)
  })

  it('notices within half a second when the platform has less time than it said', async () => {
    const { listen } = createDetector()
    let leftMs = 60_000
    const listening = listen([detecting('a', [() => sleep(2_000)])], {
      timeoutConfig: { getRemainingTimeInMillis: () => leftMs },
    })
    await vi.advanceTimersByTimeAsync(700)
    leftMs = 2_000
    expect((await after(1_300, listening)).durationMs).toBe(1_000)
  })

  it('survives a platform clock that throws', async () => {
    const { listen } = createDetector()
    const getRemainingTimeInMillis = (): never => {
      throw new Error('no clock')
    }
    const response = await listen([undetected('a')], { timeoutConfig: { getRemainingTimeInMillis } })
    expect(response.timedOut).toBeUndefined()
  })

  it('shuts plugins down in serverless mode only after the late work is done', async () => {
    const { listen, recorder } = createDetector()
    await after(20, listen([detecting('a', [() => sleep(80)])], within(20, { serverlessMode: true })))
    expect([recorder.of('flush').length, recorder.of('shutdown').length]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(100)
    expect(recorder.order.slice(-2)).toEqual([expect.stringMatching('onEventHandlerEnd'), 'shutdown'])
  })

  it('is off unless there is a clock or serverless mode, and when disabled', async () => {
    const { listen } = createDetector()
    for (const timeoutConfig of [
      {},
      { maxExecutionTime: 1, safetyMargin: 0 },
      within(0, { enabled: false }).timeoutConfig,
    ]) {
      const payload = orderChange()
      payload.__abortSignal = AbortSignal.abort()
      const response = await after(10, listen([detecting('a', [() => sleep(10)])], { timeoutConfig }, payload))
      expect(response.timedOut).toBeUndefined()
      expect(response.events[0]?.jobs[0]?.completed).toBe(true)
      expect(payload).not.toHaveProperty('__abortSignal')
    }
  })

  it('gives jobs the signal', async () => {
    const { listen } = createDetector()
    const { events } = await listen([detecting('a', [(_e, _p, options) => options.abortSignal])], within(60_000))
    expect(events[0]?.jobs[0]?.result).toBeInstanceOf(AbortSignal)
  })

  it('keeps no timer once the invocation is over', async () => {
    const { listen } = createDetector()
    await listen([detecting('a', [() => 1, { timeout: 60_000 }])], within(60_000))
    expect(vi.getTimerCount()).toBe(0)
  })
})

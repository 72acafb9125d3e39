import { describe, expect, it } from 'vitest'
import { job, type NamedEventModule, run } from '../../src/detector/detector.ts'
import { createDetector, detecting, orderChange, undetected } from './support.ts'

const boom = new Error('boom')

describe('errors', () => {
  it.each([
    [
      'throws',
      () => {
        throw boom
      },
    ],
    ['rejects', () => Promise.reject(boom)],
  ])('a detector that %s is told to onError before its end hook, and to the log', async (_, detector) => {
    const { listen, recorder } = createDetector()
    const payload = orderChange()
    const { events } = await listen([{ ...undetected('a'), detector }, detecting('b', [() => 1])], {}, payload)
    expect(events[0]).toEqual({ name: 'a', detected: false, jobs: [], error: boom })
    expect(events[1]?.jobs).toHaveLength(1)
    const detail = { eventName: 'a', hasuraEvent: payload }
    expect(recorder.of('onError')).toEqual([[boom, 'event_detection', payload.__correlationId, detail]])
    expect(recorder.order.indexOf('onError')).toBeLessThan(recorder.order.indexOf('onEventDetectionEnd a'))
    expect(recorder.of('onEventDetectionEnd').map(([name, detected]) => [name, detected])).toContainEqual(['a', false])
    const [level, message, data] = recorder.of('onLog')[0] ?? []
    expect([level, message]).toEqual(['error', '[a] Error detecting event: boom'])
    expect(data).toMatchObject({ logType: 'detector', eventName: 'a', error: { name: 'Error', message: 'boom' } })
  })

  it('a handler that throws is told once, has no end hook, and its jobs stay in the response', async () => {
    const { listen, recorder } = createDetector()
    const payload = orderChange()
    const module: NamedEventModule = {
      name: 'a',
      detector: () => true,
      handler: async (event, hasuraEvent) => {
        await run(event, hasuraEvent, [
          job(function ship() {
            return 7
          }),
        ])
        throw boom
      },
    }
    const { events } = await listen([module], {}, payload)
    expect(events).toEqual([
      { name: 'a', detected: true, jobs: [expect.objectContaining({ name: 'ship', result: 7 })], error: boom },
    ])
    expect(recorder.of('onError')).toEqual([
      [boom, 'event_handler', payload.__correlationId, { eventName: 'a', hasuraEvent: payload }],
    ])
    expect(recorder.of('onEventHandlerEnd')).toEqual([])
    expect(recorder.of('onInvocationEnd')[0]?.[1].events).toEqual(events)
  })

  it('a job that throws is told after its end hook, with all that is known of it', async () => {
    const { listen, recorder } = createDetector()
    const payload = orderChange()
    const ship = (): never => {
      throw boom
    }
    await listen([detecting('a', [ship])], {}, payload)
    const order = recorder.order
    expect(order.indexOf('onError')).toBeGreaterThan(order.indexOf('onJobEnd ship'))
    const jobOptions = recorder.of('onJobStart')[0]?.[1]
    expect(recorder.of('onError')).toEqual([
      [boom, 'job', payload.__correlationId, { eventName: 'a', jobName: 'ship', hasuraEvent: payload, jobOptions }],
    ])
    expect(recorder.of('onError')[0]?.[3].jobOptions).toBe(jobOptions)
  })

  it('a handler that returns nothing still has its jobs in the end hook and the response', async () => {
    const { listen, recorder } = createDetector()
    const module: NamedEventModule = {
      name: 'a',
      detector: () => true,
      handler: async (event, hasuraEvent) => {
        await run(event, hasuraEvent, [job(function ship() {})])
        return undefined
      },
    }
    const { events } = await listen([module])
    expect(events[0]?.jobs.map(each => each.name)).toEqual(['ship'])
    expect(recorder.of('onEventHandlerEnd')[0]?.[1]).toEqual(events[0]?.jobs)
  })

  it.each([
    ['text', 'done'],
    ['an object', { ok: true }],
    ['null', null],
  ])('a handler may return %s', async (_, returned) => {
    const { listen, recorder } = createDetector()
    const handler = (async () => returned) as unknown as NamedEventModule['handler']
    const { events } = await listen([{ name: 'a', detector: () => true, handler }])
    expect(events).toEqual([{ name: 'a', detected: true, jobs: [] }])
    expect(recorder.of('onEventHandlerEnd')[0]?.[1]).toEqual([])
  })

  it('an error whose text cannot be made does not break anything', async () => {
    const { listen } = createDetector()
    const ship = (): never => {
      throw Object.create(null)
    }
    const { events } = await listen([detecting('a', [ship])])
    expect(events[0]?.jobs[0]).toMatchObject({ completed: false, error: expect.any(Error) })
  })
})

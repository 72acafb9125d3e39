import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BasePlugin, type HasuraEventPayload, type ListenToOptions } from '../../src/detector/detector.ts'
import payloads from '../fixtures/hasura/event-payloads.json' with { type: 'json' }
import { createDetector, detecting, meeting, orderChange, sleep, undetected } from './support.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe('listenTo', () => {
  it('calls the hooks of a detected event with one job in the documented order', async () => {
    const { listen, recorder } = createDetector()
    await listen([detecting('order.paid', [async function ship() {}])])
    expect(recorder.order).toEqual([
      'initialize',
      'onInvocationStart',
      'onEventDetectionStart order.paid',
      'onEventDetectionEnd order.paid',
      'onEventHandlerStart order.paid',
      'onJobStart ship',
      'onJobEnd ship',
      'onEventHandlerEnd order.paid',
      'onInvocationEnd',
      'flush',
    ])
  })

  it('passes each hook its documented arguments', async () => {
    const { listen, recorder } = createDetector()
    const payload = orderChange()
    await listen([detecting('order.paid', [function ship() {}, { priority: 1 }])], { context: { a: 1 } }, payload)
    const correlationId = payload.__correlationId
    expect(recorder.of('onInvocationStart')[0]?.[0]).toBe(payload)
    expect(recorder.of('onEventDetectionEnd')[0]).toEqual(['order.paid', true, payload, expect.any(Number)])
    const jobOptions = { priority: 1, jobName: 'ship', functionName: 'ship', correlationId }
    expect(recorder.of('onJobStart')[0]).toEqual(['ship', jobOptions, 'order.paid', payload])
    const [jobName, result, eventName, hasuraEvent, durationMs, endOptions] = recorder.of('onJobEnd')[0] ?? []
    expect([jobName, eventName, hasuraEvent, durationMs]).toEqual(['ship', 'order.paid', payload, result.durationMs])
    expect(endOptions).toBe(recorder.of('onJobStart')[0]?.[1])
    expect(recorder.of('onEventHandlerEnd')[0]).toEqual(['order.paid', [result], payload, expect.any(Number)])
    expect(recorder.of('onInvocationEnd')[0]?.[1].events).toEqual([
      { name: 'order.paid', detected: true, jobs: [result] },
    ])
  })

  it('gives onInvocationStart the resolved options', async () => {
    const { listen, recorder } = createDetector()
    const modules = [undetected('a')]
    await listen(modules, { sourceFunction: 'webhook', invocationId: 'i1', correlationId: 'no uuid' })
    const [, options] = recorder.of('onInvocationStart')[0] ?? []
    expect(options).toEqual({
      eventModules: modules,
      eventModulesDirectory: resolve('events'),
      autoLoadEventModules: false,
      loadModulesFromIndex: false,
      listenedEvents: ['a'],
      sourceFunction: 'webhook',
      invocationId: 'i1',
      correlationId: 'no uuid',
    })
  })

  it('asks all modules at once', async () => {
    const { listen } = createDetector()
    const everybody = meeting(3)
    const waiting = (name: string) => ({ ...undetected(name), detector: () => everybody().then(() => true) })
    const { events } = await listen([waiting('a'), waiting('b'), waiting('c')])
    expect(events.map(event => event.detected)).toEqual([true, true, true])
  })

  it.each([
    ['null', null],
    ['text', '{}'],
    ['no event', {}],
    ['no data', { event: { op: 'INSERT' } }],
    ['data that is no object', { event: { op: 'INSERT', data: 'x' } }],
    ['no op', { event: { data: {} } }],
    ['an empty op', { event: { op: '', data: {} } }],
  ])('answers %s with no events and calls no hook', async (_, payload) => {
    const { listen, recorder } = createDetector()
    expect(await listen([undetected('a')], {}, payload)).toEqual({ events: [], durationMs: expect.any(Number) })
    expect(recorder.calls).toEqual([])
  })

  it('takes a payload that has nothing but op and data', async () => {
    const { listen } = createDetector()
    const { events } = await listen([detecting('a')], {}, { event: { op: 'MANUAL', data: {} } })
    expect(events).toEqual([{ name: 'a', detected: true, jobs: [] }])
  })

  it('takes every payload that Hasura sends', async () => {
    const { listen } = createDetector()
    for (const { body } of payloads) {
      const { events } = await listen([detecting('a')], {}, structuredClone(body))
      expect(events[0]?.detected).toBe(true)
    }
  })

  it('works on one shallow copy of a payload that is frozen', async () => {
    const { listen, recorder } = createDetector()
    const payload = Object.freeze(orderChange())
    let seen: HasuraEventPayload | undefined
    await listen([detecting('a', [(_, hasuraEvent) => (seen = hasuraEvent)])], {}, payload)
    expect(seen).not.toBe(payload)
    expect(seen?.event).toBe(payload.event)
    expect(seen?.__correlationId).toMatch(UUID)
    for (const [hook, position] of [['onInvocationStart', 0] as const, ['onJobStart', 3] as const]) {
      expect(recorder.of(hook)[0]?.[position]).toBe(seen)
    }
  })

  it('gives two invocations at once different payload objects, even when they are called with the same', async () => {
    const { listen, recorder } = createDetector()
    const payload = orderChange()
    const modules = [{ ...undetected('a'), detector: () => sleep(10).then(() => false) }]
    await Promise.all([listen(modules, {}, payload), listen(modules, {}, payload)])
    const [first, second] = recorder.of('onInvocationStart').map(args => args[0])
    expect(first).toBe(payload)
    expect(second).not.toBe(payload)
    expect(recorder.of('onInvocationEnd').map(args => args[0])).toEqual([first, second])
  })

  it('uses the same payload object again when the invocation before is over', async () => {
    const { listen, recorder } = createDetector()
    const payload = orderChange()
    await listen([undetected('a')], {}, payload)
    const before = payload.__correlationId
    await listen([undetected('a')], {}, payload)
    expect(recorder.of('onInvocationStart').map(args => args[0] === payload)).toEqual([true, true])
    expect(payload.__correlationId).not.toBe(before)
  })

  it('uses a correlation id that is a UUID, and makes one otherwise', async () => {
    const { listen } = createDetector()
    const idFor = async (correlationId?: string): Promise<string | undefined> => {
      const payload = orderChange()
      await listen([undetected('a')], { correlationId }, payload)
      return payload.__correlationId
    }
    const given = 'C0FFEE00-0000-1000-8000-000000000000'
    expect(await idFor(given)).toBe(given)
    expect(await idFor('order-7')).toMatch(UUID)
    expect(await idFor()).toMatch(UUID)
  })

  it('lets plugins lay options over the given ones, one after the other, whichever of them fails', async () => {
    const correlationId = '0b4e5a68-6b1d-4b55-9a53-5a7a3f2f6f01'
    class Failing extends BasePlugin {
      override onPreConfigure(): undefined {
        throw new Error('no')
      }
    }
    class Setting extends BasePlugin {
      override async onPreConfigure() {
        return { correlationId, context: { by: 'Setting' } }
      }
    }
    class Reading extends BasePlugin {
      seen: Partial<ListenToOptions> = {}
      override onPreConfigure(_: HasuraEventPayload, options: Partial<ListenToOptions>): void {
        this.seen = options
      }
    }
    const reading = new Reading()
    const { listen } = createDetector(new Failing(), new Setting(), reading)
    const payload = orderChange()
    await listen([undetected('a')], { sourceFunction: 'f', context: { by: 'caller' } }, payload)
    expect(reading.seen).toMatchObject({ correlationId, sourceFunction: 'f' })
    expect(payload.__correlationId).toBe(correlationId)
    expect(payload.__context).toEqual({ by: 'Setting' })
  })

  it('ends an invocation without modules as any other', async () => {
    const { listen, recorder } = createDetector()
    expect((await listen([])).events).toEqual([])
    expect(recorder.order).toEqual(['initialize', 'onInvocationStart', 'onLog error', 'onInvocationEnd', 'flush'])
  })

  it('resolves when a result holds a BigInt or a circle', async () => {
    const { listen } = createDetector()
    const circle: Record<string, unknown> = { big: 1n }
    circle.self = circle
    const { events } = await listen([detecting('a', [() => circle])])
    expect(events[0]?.jobs[0]?.result).toBe(circle)
  })

  it('rejects options that cannot be used, and still counts its invocations right', async () => {
    const { listen, plugins } = createDetector()
    await expect(listen([], { eventModulesDirectory: 7 as unknown as string })).rejects.toThrow(TypeError)
    expect(plugins.running).toBe(0)
  })
})

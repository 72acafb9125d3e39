import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  getEventLogger,
  getJobLogger,
  listenTo,
  log,
  logError,
  logWarn,
  PluginManager,
  pluginManager,
} from '../../src/detector/detector.ts'
import { createDetector, detecting, orderChange, RecordingPlugin, undetected } from './support.ts'

afterEach(() => vi.restoreAllMocks())

describe('the loggers', () => {
  it('of a job name the job, the event and the correlation id', async () => {
    const { listen, recorder } = createDetector()
    const payload = orderChange()
    const error = new TypeError('bad address')
    await listen(
      [
        detecting('order.paid', [
          function ship(_event, hasuraEvent, options) {
            const { info, error: logFailure } = getJobLogger(hasuraEvent, options)
            info('shipping', { id: 7 }, 'now')
            logFailure('failed', error)
          },
        ]),
      ],
      {},
      payload,
    )
    const [first, second] = recorder.of('onLog')
    expect(first?.slice(0, 2)).toEqual(['info', '[ship] shipping { id: 7 } now'])
    expect(first?.[2]).toEqual({
      source: 'event-detector',
      prefix: 'ship',
      originalArgs: [{ id: 7 }, 'now'],
      logType: 'job',
      eventName: 'order.paid',
    })
    expect(first?.slice(3, 5)).toEqual(['ship', payload.__correlationId])
    const jobOptions = recorder.of('onJobStart')[0]?.[1]
    expect(first?.[5]).toEqual({ hasuraEvent: payload, eventName: 'order.paid', jobName: 'ship', jobOptions })
    expect(second?.[0]).toBe('error')
    expect(second?.[2].error).toEqual({ name: 'TypeError', message: 'bad address', stack: error.stack })
  })

  it('of an event name the event', async () => {
    const { listen, recorder } = createDetector()
    const detector = (name: string, hasuraEvent: ReturnType<typeof orderChange>): boolean => {
      getEventLogger(name, hasuraEvent).warn('odd row')
      return false
    }
    await listen([{ ...undetected('a'), detector }])
    const [level, message, data, jobName] = recorder.of('onLog')[0] ?? []
    expect([level, message, jobName]).toEqual(['warn', '[a] odd row', 'system'])
    expect(data).toMatchObject({ logType: 'detector', eventName: 'a' })
  })

  it('never make a job fail, whatever it logs', async () => {
    const { listen, recorder } = createDetector()
    const circle: Record<string, unknown> = { big: 1n }
    circle.self = circle
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    const { events } = await listen([
      detecting('a', [
        function ship(_e, payload, options) {
          getJobLogger(payload, options).info('x', circle, 1n, Symbol('s'), undefined, null, hostile)
        },
      ]),
    ])
    expect(events[0]?.jobs[0]?.completed).toBe(true)
    expect(recorder.of('onLog')[0]?.[1]).toMatch('[ship] x <ref *1> { big: 1n, self: [Circular *1] } 1n Symbol(s)')
  })

  it('print nothing unless told to, and then only for that invocation', async () => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const modules = [
      detecting('a', [
        function ship(_e, payload, options) {
          getJobLogger(payload, options).info('shipping')
          getJobLogger(payload, options).warn('slow')
        },
      ]),
    ]
    const options = { eventModules: modules, pluginManager: new PluginManager() }
    await listenTo(orderChange(), { ...options, logToConsole: true })
    await listenTo(orderChange(), options)
    expect(printed.mock.calls).toEqual([['[ship] shipping']])
    expect(warned.mock.calls).toEqual([['[ship] slow']])
  })

  it('do not turn anything into text while nobody listens', async () => {
    const looked = vi.fn()
    const value = {
      get field() {
        return looked()
      },
    }
    const eventModules = [detecting('a', [(_e, payload, options) => getJobLogger(payload, options).info('x', value)])]
    await listenTo(orderChange(), { eventModules, pluginManager: new PluginManager() })
    expect(looked).not.toHaveBeenCalled()
  })
})

describe('log, logWarn and logError', () => {
  it("print while the process's own plugins do not listen, and go to them when they do", async () => {
    const spies = (['log', 'warn', 'error'] as const).map(name => vi.spyOn(console, name).mockImplementation(() => {}))
    log('app', 'one')
    logWarn('app', 'two', { a: 1 })
    logError('app', 'three', new Error('why'))
    expect(spies.map(spy => spy.mock.calls)).toEqual([[['[app] one']], [['[app] two { a: 1 }']], [['[app] three why']]])

    const recorder = new RecordingPlugin('for this test')
    pluginManager.register(recorder)
    await pluginManager.initialize()
    log('app', 'four')
    recorder.enabled = false
    expect(recorder.of('onLog')).toEqual([
      [
        'info',
        '[app] four',
        { source: 'event-detector', prefix: 'app', originalArgs: [], logType: 'system' },
        'system',
        '',
        undefined,
      ],
    ])
    expect(spies[0]?.mock.calls).toHaveLength(1)
  })
})

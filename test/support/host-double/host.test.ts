import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHost, type HostModule, type HostOptions } from './host.ts'

// biome-ignore lint/suspicious/noExplicitAny: hooks take whatever the host passes.
type Any = any
type Host = ReturnType<typeof createHost>

const HOOKS = [
  ...['initialize', 'flush', 'shutdown', 'onInvocationStart', 'onInvocationEnd', 'onEventDetectionStart'],
  ...['onEventDetectionEnd', 'onEventHandlerStart', 'onEventHandlerEnd', 'onJobStart', 'onJobEnd', 'onLog', 'onError'],
]

const change = (): Any => ({ event: { op: 'UPDATE', data: { old: {}, new: {} } } })
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** A host with a plugin that keeps its calls; given hooks take the place of the keeping ones. */
function createRecorded(hooks: Record<string, (...args: Any[]) => unknown> = {}, host: Host = createHost()) {
  const calls: [string, ...Any[]][] = []
  const plugin = new host.BasePlugin()
  plugin.name = 'Recorder'
  for (const hook of HOOKS)
    Object.assign(plugin, { [hook]: async (...args: Any[]) => void calls.push([hook, ...args]) })
  Object.assign(plugin, hooks)
  host.pluginManager.register(plugin)
  return {
    ...host,
    plugin,
    of: (hook: string) => calls.filter(call => call[0] === hook).map(call => call.slice(1)),
    order: () => calls.map(([hook, first]) => (typeof first === 'string' ? `${hook} ${first}` : hook)),
    listen: (modules: HostModule[], options: HostOptions = {}, payload = change()) =>
      host.listenTo(payload, { eventModules: modules, logToConsole: false, ...options }),
    detecting: (name: string, ...jobs: Any[]): HostModule => ({
      name,
      detector: async () => true,
      handler: (event, payload) =>
        host.run(
          event,
          payload,
          jobs.map(func => (typeof func === 'function' ? host.job(func) : func)),
        ),
    }),
  }
}
const undetected = (name: string): HostModule => ({ name, detector: async () => false, handler: () => undefined })
const boom = new Error('boom')
const fail = (..._: unknown[]): never => {
  throw boom
}

describe('the host double: plugins', () => {
  it('takes only plugins of its own copy', () => {
    const [one, other] = [createHost(), createHost()]
    expect(() => one.pluginManager.register(new other.BasePlugin())).toThrow('Plugin must extend BasePlugin')
    expect(() => one.pluginManager.register({ name: 'x' })).toThrow('Plugin must extend BasePlugin')
  })

  it('silently replaces a plugin by another of the same name', async () => {
    const host = createRecorded()
    const second = new host.BasePlugin()
    second.name = 'Recorder'
    host.pluginManager.register(second)
    await host.listen([undetected('a')])
    expect(host.order()).toEqual([])
  })

  it('initialises as often as invocations start at once', async () => {
    const host = createRecorded()
    await Promise.all([host.listen([undetected('a')]), host.listen([undetected('a')]), host.listen([undetected('a')])])
    expect(host.of('initialize')).toHaveLength(3)
    await host.listen([undetected('a')])
    expect(host.of('initialize')).toHaveLength(3)
  })

  it('never initialises a plugin that came later, but gives it hooks', async () => {
    const host = createHost()
    await host.listenTo(change(), { eventModules: [undetected('a')], logToConsole: false })
    const { of, listen } = createRecorded({}, host)
    await listen([undetected('a')])
    expect([of('initialize').length, of('onInvocationStart').length]).toEqual([0, 1])
  })

  it('disables a plugin whose initialize rejects', async () => {
    const host = createRecorded({ initialize: async () => fail() })
    await host.listen([undetected('a')])
    expect([host.plugin.enabled, host.order()]).toEqual([false, []])
  })

  it('stops asking plugins in onPreConfigure after one has failed, and merges what they return', async () => {
    const host = createHost()
    const seen: string[] = []
    const behaviours: [string, (payload: Any, options: Any) => Promise<unknown>][] = [
      ['one', async () => ({ context: { by: 'one' } })],
      ['two', async (_, { context }) => fail(seen.push(context.by))],
      ['three', async () => void seen.push('three')],
    ]
    for (const [name, onPreConfigure] of behaviours) {
      const plugin = new host.BasePlugin()
      host.pluginManager.register(Object.assign(plugin, { name, onPreConfigure }))
    }
    const payload = change()
    await host.listenTo(payload, { eventModules: [undetected('a')], logToConsole: false })
    expect([seen, payload.__context]).toEqual([['one'], { by: 'one' }])
  })

  it('swallows a rejected hook, but chokes on one that throws or returns no promise', async () => {
    for (const bad of [fail, () => undefined]) {
      await expect(createRecorded({ onInvocationStart: bad }).listen([undetected('a')])).rejects.toThrow()

      const onDetection = createRecorded({ onEventDetectionStart: bad })
      expect((await onDetection.listen([onDetection.detecting('a')])).events[0]?.detected).toBe(false)

      let ran = false
      const onStart = createRecorded({ onJobStart: bad })
      const started = await onStart.listen([onStart.detecting('a', () => (ran = true))])
      expect([ran, started.events[0]?.jobs[0]?.completed]).toEqual([false, false])

      const ends: boolean[] = []
      const onJobEnd = (_: string, result: Any): unknown => {
        ends.push(result.completed)
        return bad()
      }
      const onEnd = createRecorded({ onJobEnd })
      await onEnd.listen([onEnd.detecting('a', () => 1)])
      expect(ends).toEqual([true, false])
    }
    const rejecting = createRecorded({ onInvocationStart: async () => fail() })
    expect((await rejecting.listen([undetected('a')])).events).toHaveLength(1)
  })

  it('skips a hook that is undefined on the instance', async () => {
    const host = createRecorded()
    Object.assign(host.plugin, { onLog: undefined })
    await host.listen([undetected('a')])
    expect(host.of('onLog')).toEqual([])
    expect(host.of('onInvocationEnd')).toHaveLength(1)
  })

  it('lets a store entered in a hook be seen by the job, and leak to the caller', async () => {
    const store = new AsyncLocalStorage<number>()
    let jobs = 0
    const ends: unknown[] = []
    const host = createRecorded({
      onJobStart: async () => store.enterWith(++jobs),
      onJobEnd: async (_: string, { result }: Any) => void ends.push([result, store.getStore()]),
    })
    const ship = async (): Promise<unknown> => {
      await sleep(5)
      return store.getStore()
    }
    await host.listen([
      {
        name: 'a',
        detector: () => true,
        handler: async (event, payload) => {
          const results = await host.run(event, payload, [host.job(ship), host.job(ship)])
          ends.push(['handler', store.getStore()])
          return results
        },
      },
    ])
    expect(ends).toEqual([
      [1, 1],
      [2, 2],
      ['handler', 2],
    ])
  })
})

describe('the host double: an invocation', () => {
  it('calls hooks in the documented order', async () => {
    const host = createRecorded({ onLog: async () => {} })
    await host.listen([host.detecting('a', function ship() {})])
    expect(host.order()).toEqual([
      'initialize',
      'onInvocationStart',
      'onEventDetectionStart a',
      'onEventDetectionEnd a',
      'onEventHandlerStart a',
      'onJobStart ship',
      'onJobEnd ship',
      'onEventHandlerEnd a',
      'onInvocationEnd',
      'flush',
    ])
  })

  it('calls no hook for what is no Hasura event', async () => {
    const host = createRecorded()
    for (const payload of [null, {}, { event: { op: '', data: {} } }, { event: { op: 'INSERT' } }]) {
      expect((await host.listen([undetected('a')], {}, payload)).events).toEqual([])
    }
    expect(host.order()).toEqual([])
  })

  it('writes on the payload, and so rejects a frozen one', async () => {
    const host = createRecorded()
    const payload = change()
    await host.listen([undetected('a')], { context: { a: 1 }, correlationId: 'no uuid' }, payload)
    expect(payload.__context).toEqual({ a: 1 })
    expect(payload.__correlationId).toMatch(/^[0-9a-f]{8}-/)
    await expect(host.listen([undetected('a')], {}, Object.freeze(change()))).rejects.toThrow(TypeError)
  })

  it('passes the resolved options, with listenedEvents still empty', async () => {
    const host = createRecorded()
    await host.listen([undetected('a')])
    expect(host.of('onInvocationStart')[0]?.[1]).toMatchObject({
      eventModulesDirectory: expect.stringMatching(/\/events$/),
      listenedEvents: [],
      autoLoadEventModules: true,
      loadModulesFromIndex: false,
    })
  })

  it('without modules is never ended, and shuts plugins down even under others', async () => {
    const host = createRecorded()
    const other = host.listen([host.detecting('slow', () => sleep(20))])
    await sleep(5)
    expect(await host.listen([])).toEqual({ events: [], durationMs: expect.any(Number) })
    await other
    expect(host.of('shutdown')).toHaveLength(1)
    expect(host.of('onInvocationStart')).toHaveLength(2)
    expect([host.of('onJobEnd').length, host.of('onInvocationEnd').length]).toEqual([0, 0])
  })

  it('flushes at its end, unless in serverless mode: then it shuts down, and initialises again', async () => {
    const host = createRecorded({ onLog: async () => {} })
    await host.listen([undetected('a')])
    await host.listen([undetected('a')], { timeoutConfig: { serverlessMode: true } })
    await host.listen([undetected('a')])
    const lifecycle = host.order().filter(hook => !hook.startsWith('on'))
    expect(lifecycle).toEqual(['initialize', 'flush', 'shutdown', 'initialize', 'flush'])
  })

  it('skips the flushes behind one that fails', async () => {
    const host = createHost()
    host.pluginManager.register(Object.assign(new host.BasePlugin(), { name: 'Failing', flush: async () => fail() }))
    const { listen, of } = createRecorded({}, host)
    await listen([undetected('a')])
    expect(of('flush')).toEqual([])
  })

  it('rejects for a BigInt in a result, after everything was done', async () => {
    const host = createRecorded()
    await expect(host.listen([host.detecting('a', () => ({ big: 1n }))])).rejects.toThrow('BigInt')
    expect([host.of('onInvocationEnd').length, host.of('flush').length, host.of('shutdown').length]).toEqual([1, 1, 1])
  })

  it('talks 59 lines to onLog for 10 modules, 3 detected events and 5 jobs', async () => {
    const host = createRecorded()
    const modules = Array.from({ length: 10 }, (_, i) =>
      i < 3 ? host.detecting(`m${i}`, ...(i < 2 ? [() => 1, () => 2] : [() => 3])) : undetected(`m${i}`),
    )
    await host.listen(modules)
    expect(host.of('onLog')).toHaveLength(59)
    expect(
      host.of('onLog').filter(([, , data, name, id]) => data.logType === 'system' && name === 'system' && id === ''),
    ).toHaveLength(59)
  })

  it('prints when it is not told otherwise, and never calls onLog when the application initialised it', async () => {
    const host = createRecorded()
    await host.pluginManager.initialize()
    await host.listen([undetected('a')])
    expect(host.of('onLog')).toEqual([])
    expect(host.printed.length).toBeGreaterThan(0)
  })
})

describe('the host double: errors', () => {
  it('tells of a detector that throws only through onLog', async () => {
    const host = createRecorded()
    const payload = change()
    const { events } = await host.listen([{ ...undetected('a'), detector: fail }], {}, payload)
    expect(events).toEqual([{ name: 'a', detected: false, jobs: [] }])
    expect(host.of('onError')).toEqual([])
    expect(host.of('onEventDetectionEnd')[0]?.slice(0, 2)).toEqual(['a', false])
    const lines = host.of('onLog').filter(([, , data]) => data.logType === 'detector')
    expect(lines).toHaveLength(1)
    const [level, message, , , correlationId] = lines[0] ?? []
    expect([level, correlationId]).toEqual(['info', payload.__correlationId])
    expect(message).toMatch(/^\[a\] Error detecting event .*boom/)
  })

  it('tells twice of a handler that throws, does not end it, and forgets its jobs', async () => {
    const host = createRecorded()
    const handler = async (event: string, payload: Any): Promise<never> => {
      await host.run(event, payload, [host.job(() => 1)])
      return fail()
    }
    const { events } = await host.listen([{ name: 'a', detector: () => true, handler }])
    expect(events).toEqual([{ name: 'a', detected: false, jobs: [] }])
    const [first, second] = host.of('onError')
    expect(first?.slice(0, 2)).toEqual([boom, 'event_handler'])
    expect(second?.[1]).toBe('event_detection')
    expect(second?.[0].message).toContain(boom.stack)
    expect(host.of('onEventHandlerEnd')).toEqual([])
    expect(host.of('onJobEnd')).toHaveLength(1)
  })

  it('gives onError neither event, job nor payload', async () => {
    const host = createRecorded()
    const payload = change()
    await host.listen([host.detecting('a', fail)], {}, payload)
    expect(host.of('onError')).toEqual([[boom, 'job', payload.__correlationId]])
  })
})

describe('the host double: jobs', () => {
  it('passes undefined as results when no job ran', async () => {
    const host = createRecorded()
    expect((await host.listen([host.detecting('a')])).events[0]?.jobs).toEqual([])
    expect(host.of('onEventHandlerEnd')[0]?.[1]).toBeUndefined()
  })

  it('does not pass onJobEnd what would tell equal-named jobs apart', async () => {
    const host = createRecorded()
    const ship = { func: async () => sleep(1), options: { jobName: 'ship' } }
    await host.listen([host.detecting('a', ship, ship)])
    expect(host.of('onJobStart').map(([, options]) => Object.keys(options))).toEqual([
      ['jobName', 'correlationId', '__logger'],
      ['jobName', 'correlationId', '__logger'],
    ])
    for (const args of host.of('onJobEnd'))
      expect(args).toEqual(['ship', expect.anything(), 'a', expect.anything(), expect.any(Number)])
  })

  it('hands what a plugin adds to the options to the job', async () => {
    const host = createRecorded({
      onJobStart: async (_: string, options: Any) => void Object.assign(options, { jobExecutionId: 'j1' }),
    })
    const { events } = await host.listen([
      host.detecting('a', (_e: Any, _p: Any, options: Any) => options.jobExecutionId),
    ])
    expect(events[0]?.jobs[0]?.result).toBe('j1')
  })

  it('returns failures with another name, duration and result than it gave onJobEnd', async () => {
    const host = createRecorded()
    const { events } = await host.listen([host.detecting('a', { func: fail, options: { jobName: 'ship' } })])
    expect(host.of('onJobEnd')[0]?.[1]).toMatchObject({ name: 'ship', result: null, completed: false, error: boom })
    expect(events[0]?.jobs[0]).toMatchObject({ name: 'fail', durationMs: 0, result: 'Job fail crashed: boom' })
  })

  it('shifts the names of failures behind entries without a function', async () => {
    const host = createRecorded()
    const { events } = await host.listen([host.detecting('a', {}, fail)])
    expect(events[0]?.jobs.map(each => each.name)).toEqual(['anonymous'])
  })

  it('fails what is no function with all its hooks', async () => {
    const host = createRecorded()
    await host.listen([host.detecting('a', { func: 'text' })])
    expect(['onJobStart', 'onJobEnd', 'onError'].map(hook => host.of(hook).length)).toEqual([1, 1, 1])
  })

  it('ignores retries, and declares a timeout only when the job is over', async () => {
    const host = createRecorded()
    let calls = 0
    let done = false
    const slow = async (): Promise<void> => {
      calls++
      await sleep(20)
      done = true
    }
    const { events } = await host.listen([host.detecting('a', { func: slow, options: { timeout: 5, retries: 3 } })])
    expect([calls, done, events[0]?.jobs[0]?.completed]).toEqual([1, true, false])
  })

  it('fails a job that logs a circle', async () => {
    const host = createRecorded()
    const circle: Any = {}
    circle.self = circle
    const log = (_e: Any, payload: Any, options: Any): void => host.getJobLogger(payload, options).info('x', circle)
    const { events } = await host.listen([host.detecting('a', log)])
    expect(events[0]?.jobs[0]?.completed).toBe(false)
  })

  it('logs a job with its name and correlation id, but without a job id', async () => {
    const host = createRecorded()
    const payload = change()
    const ship = (_e: Any, p: Any, options: Any): void => host.getJobLogger(p, options).warn('slow', { ms: 7 })
    await host.listen([host.detecting('a', ship)], {}, payload)
    const line = host.of('onLog').find(([, , data]) => data.logType === 'job')
    expect(line).toEqual([
      'warn',
      '[ship] slow {"ms":7}',
      expect.objectContaining({ eventName: 'a' }),
      'ship',
      payload.__correlationId,
    ])
  })
})

describe('the host double: a timeout', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'Date'] }))
  afterEach(() => void vi.useRealTimers())
  const timeoutConfig = { serverlessMode: true, maxExecutionTime: 3000 }
  const responses = (host: ReturnType<typeof createRecorded>) =>
    host.of('onInvocationEnd').map(([, response]) => response)

  it('resolves without events, after flushing and before the end hook, and ends again when a detector is late', async () => {
    const host = createRecorded({ onLog: async () => {} })
    const detector = async (): Promise<boolean> => {
      await sleep(5000)
      return true
    }
    const listening = host.listen([{ ...host.detecting('late', () => 1), detector }, undetected('b')], {
      timeoutConfig,
    })
    await vi.advanceTimersByTimeAsync(1000)
    const response = await listening
    expect(response).toMatchObject({ events: [], timedOut: true, error: expect.any(Error) })
    expect(host.order().slice(-2)).toEqual(['flush', 'onInvocationEnd'])
    expect(host.of('shutdown')).toEqual([])

    await vi.advanceTimersByTimeAsync(5000)
    expect(responses(host).map(each => [each.timedOut, each.events.length])).toEqual([
      [true, 0],
      [undefined, 2],
    ])
    // The job was refused without any hook.
    expect(responses(host)[1].events[0].jobs[0].result).toBe('Job aborted due to timeout')
    expect(host.of('onJobStart')).toEqual([])
  })

  it('ends normally first when only jobs were pending', async () => {
    const host = createRecorded()
    const payload = change()
    const listening = host.listen(
      [host.detecting('a', () => sleep(60_000))],
      { timeoutConfig: { ...timeoutConfig, serverlessMode: false, getRemainingTimeInMillis: () => 2000 } },
      payload,
    )
    await vi.advanceTimersByTimeAsync(500)
    expect((await listening).timedOut).toBe(true)
    expect(payload.__abortSignal.aborted).toBe(true)
    expect(responses(host).map(each => each.timedOut)).toEqual([undefined, true])
    expect(host.of('onJobEnd')[0]?.[1]).toMatchObject({ completed: false })
  })

  it('lets hooks arrive after listenTo resolved', async () => {
    const host = createRecorded()
    const late: HostModule = {
      name: 'late',
      detector: () => true,
      handler: async () => {
        await sleep(9000)
        return []
      },
    }
    const listening = host.listen([late], { timeoutConfig })
    await vi.advanceTimersByTimeAsync(1000)
    await listening
    expect(host.of('onEventHandlerEnd')).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(9000)
    expect(host.of('onEventHandlerEnd')).toHaveLength(1)
  })
})

import { describe, expect, it, vi } from 'vitest'
import { BasePlugin, type HookReturn, PluginManager, pluginManager } from '../../src/detector/detector.ts'
import { createDetector, detecting, meeting, RecordingPlugin, sleep, undetected } from './support.ts'

describe('register', () => {
  it('refuses what does not extend BasePlugin, and can be chained', () => {
    const plugins = new PluginManager()
    expect(() => plugins.register({ name: 'x', enabled: true } as unknown as BasePlugin)).toThrow(
      'Plugin must extend BasePlugin',
    )
    expect(plugins.register(new RecordingPlugin('a')).register(new RecordingPlugin('b'))).toBe(plugins)
    expect(plugins.plugins.map(plugin => plugin.name)).toEqual(['a', 'b'])
  })

  it('refuses a second plugin of the same name', () => {
    const plugins = new PluginManager().register(new RecordingPlugin('a'))
    expect(() => plugins.register(new RecordingPlugin('a'))).toThrow('A plugin named "a" is already registered')
  })

  it('names a plugin after its class', () => {
    class Mine extends BasePlugin {}
    expect(new Mine().name).toBe('Mine')
  })

  it('is also there on the manager of the process', () => {
    expect(pluginManager).toBeInstanceOf(PluginManager)
  })
})

describe('hooks', () => {
  it('of all plugins run at the same time, and the host waits for the slowest', async () => {
    const both = meeting(2)
    let ended = 0
    class Slow extends BasePlugin {
      override async onInvocationStart(): Promise<void> {
        await both()
        await sleep(10)
        ended++
      }
    }
    const [one, two] = [new Slow(), new Slow()]
    two.name = 'Slow two'
    const { listen } = createDetector(one, two)
    let endedBefore = 0
    const detector = (): boolean => {
      endedBefore = ended
      return false
    }
    await listen([{ ...undetected('a'), detector }])
    expect(endedBefore).toBe(2)
  })

  const everyHook = [
    'onInvocationStart',
    'onEventDetectionStart',
    'onEventDetectionEnd',
    'onEventHandlerStart',
    'onEventHandlerEnd',
    'onJobStart',
    'onJobEnd',
    'onLog',
    'onError',
    'onInvocationEnd',
    'onPreConfigure',
    'flush',
  ] as const
  const badReturns: [string, () => unknown][] = [
    [
      'throw',
      () => {
        throw new Error('bad hook')
      },
    ],
    ['reject', () => Promise.reject(new Error('bad hook'))],
    ['return undefined', () => undefined],
    ['return a number', () => 7],
    [
      'return what throws when looked at',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a hostile thenable is the point.
        get then() {
          throw new Error('bad hook')
        },
      }),
    ],
  ]
  for (const [what, bad] of badReturns) {
    it(`that ${what} change nothing for the host and other plugins`, async () => {
      const plugin = new BasePlugin()
      plugin.name = 'Bad'
      for (const hook of everyHook) Object.assign(plugin, { [hook]: bad })
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const { listen, recorder } = createDetector(plugin)
      const fail = (): never => {
        throw new Error('job failure')
      }
      const { events } = await listen([detecting('a', [() => 1], [fail]), undetected('b')])
      expect(events.map(event => [event.name, event.detected, event.jobs.length])).toEqual([
        ['a', true, 2],
        ['b', false, 0],
      ])
      const hooks = new Set(recorder.calls.map(call => call.hook))
      for (const hook of everyHook) if (hook !== 'onPreConfigure') expect(hooks).toContain(hook)
      warned.mockRestore()
    })
  }

  it('that fail are logged once each, and counted', async () => {
    class Bad extends BasePlugin {
      override onEventDetectionStart(): never {
        throw new Error('bad hook')
      }
    }
    const { listen, recorder, plugins } = createDetector(new Bad())
    await listen([undetected('a'), undetected('b')])
    await listen([undetected('a')])
    const lines = recorder.of('onLog').map(([level, message]) => [level, message])
    expect(lines).toEqual([
      ['error', '[PluginManager] Plugin Bad: onEventDetectionStart failed; the host is not affected: bad hook'],
    ])
    expect(plugins.getStatus().plugins[0]).toMatchObject({ name: 'Bad', failedHooks: 3 })
  })

  it('that fail while no plugin listens to the log are a warning of the process', async () => {
    class Bad extends BasePlugin {
      override async onInvocationStart(): Promise<void> {
        throw new Error('bad hook')
      }
    }
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { listen, plugins } = createDetector(new Bad())
    for (const plugin of plugins.plugins) if (plugin.name === 'RecordingPlugin') plugin.enabled = false
    await listen([undetected('a')])
    expect(warned).toHaveBeenCalledOnce()
    expect(warned.mock.calls[0]?.[0]).toMatch(/Plugin Bad: onInvocationStart failed.*bad hook/)
    warned.mockRestore()
  })

  it('that are undefined on the instance are skipped', async () => {
    const { listen, recorder } = createDetector()
    Object.assign(recorder, { onJobStart: undefined, onEventDetectionStart: undefined })
    await listen([detecting('a', [() => 1])])
    expect(recorder.of('onJobStart')).toEqual([])
    expect(recorder.of('onJobEnd')).toHaveLength(1)
  })

  it('that are only inherited have nothing to wait for', async () => {
    const plugins = new PluginManager().register(new BasePlugin())
    await plugins.initialize()
    expect(plugins.listensTo('onLog')).toBe(false)
    expect(plugins.dispatch('onError', new Error('x'), 'job', '')).toBeUndefined()
  })

  it('follow the enabled flag at every call', async () => {
    const { listen, recorder } = createDetector()
    await listen([
      detecting('a', [
        () => {
          recorder.enabled = false
        },
      ]),
    ])
    expect(recorder.order.at(-1)).toMatch('onJobStart')
    recorder.enabled = true
    recorder.calls.length = 0
    await listen([undetected('a')])
    expect(recorder.order[0]).toBe('onInvocationStart')
  })

  it('can be called by plugins through their manager', async () => {
    class Forwarding extends BasePlugin {
      manager: PluginManager | undefined
      override setPluginManager(manager: PluginManager): void {
        this.manager = manager
      }
      override async onInvocationStart(): Promise<void> {
        const data = { source: 'console', prefix: 'x', originalArgs: [], logType: 'job' } as const
        await this.manager?.callHook('onLog', 'debug', 'forwarded', data, 'ship', 'c1')
      }
    }
    const { listen, recorder } = createDetector(new Forwarding())
    await listen([undetected('a')])
    expect(recorder.of('onLog')[0]?.slice(0, 2)).toEqual(['debug', 'forwarded'])
  })
})

describe('initialisation and shutdown', () => {
  it('initialises once, however many invocations start at once', async () => {
    class Slow extends RecordingPlugin {
      override async initialize(): Promise<void> {
        super.initialize()
        await sleep(10)
      }
    }
    const slow = new Slow('slow')
    const { listen } = createDetector(slow)
    await Promise.all([listen([undetected('a')]), listen([undetected('a')]), listen([undetected('a')])])
    expect(slow.of('initialize')).toHaveLength(1)
    expect(slow.of('onInvocationStart')).toHaveLength(3)
    expect(slow.order[0]).toBe('initialize')
  })

  it('initialises a plugin that came later before its first hook', async () => {
    const { listen, plugins } = createDetector()
    await listen([undetected('a')])
    const late = new RecordingPlugin('late')
    plugins.register(late)
    await listen([undetected('a')])
    expect(late.order.slice(0, 2)).toEqual(['initialize', 'onInvocationStart'])
  })

  it('keeps hooks of running invocations from a plugin that is not initialised yet', async () => {
    const { listen, plugins } = createDetector()
    const late = new RecordingPlugin('late')
    await listen([detecting('a', [() => plugins.register(late)])])
    expect(late.calls).toEqual([])
  })

  it('disables a plugin that cannot be initialised, says why, and tries again at the next initialisation', async () => {
    class Unlucky extends RecordingPlugin {
      lucky = false
      override initialize(): HookReturn {
        if (!this.lucky) throw new Error('no database')
        super.initialize()
      }
    }
    const unlucky = new Unlucky('unlucky')
    const { listen, recorder, plugins } = createDetector()
    plugins.register(unlucky)
    await listen([undetected('a')])
    expect(unlucky.enabled).toBe(false)
    expect(unlucky.calls).toEqual([])
    expect(plugins.getStatus().plugins[1]).toMatchObject({ initialized: false, initializeError: 'no database' })
    expect(recorder.of('onLog')[0]?.[1]).toMatch('no database')

    unlucky.lucky = true
    await listen([undetected('a')])
    expect(unlucky.calls).toEqual([])
    await plugins.shutdown()
    expect(unlucky.of('shutdown')).toEqual([])
    await listen([undetected('a')])
    expect(unlucky.enabled).toBe(true)
    expect(unlucky.order.slice(0, 2)).toEqual(['initialize', 'onInvocationStart'])
  })

  it('tries a disabled plugin again when asked to initialise', async () => {
    let attempts = 0
    class Unlucky extends BasePlugin {
      override async initialize(): Promise<void> {
        if (++attempts < 2) throw new Error('no')
      }
    }
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { plugins } = createDetector(new Unlucky())
    await plugins.initialize()
    await plugins.initialize()
    warned.mockRestore()
    expect([attempts, plugins.getStatus().plugins[0]?.initialized]).toEqual([2, true])
  })

  it('tries a plugin that cannot be initialised once for all invocations that start at once', async () => {
    let attempts = 0
    class Unlucky extends BasePlugin {
      override async initialize(): Promise<void> {
        attempts++
        await sleep(5)
        throw new Error('no')
      }
    }
    const { listen, plugins } = createDetector()
    await plugins.initialize()
    plugins.register(new Unlucky())
    await Promise.all([listen([undetected('a')]), listen([undetected('a')])])
    expect(attempts).toBe(1)
  })

  it('initialises again after a shutdown that was asked for during the initialisation', async () => {
    class Slow extends RecordingPlugin {
      override async initialize(): Promise<void> {
        super.initialize()
        await sleep(10)
      }
    }
    const slow = new Slow('slow')
    const { listen, plugins } = createDetector(slow)
    const initializing = plugins.initialize()
    await sleep(1)
    await Promise.all([initializing, plugins.shutdown()])
    expect(plugins.initialized).toBe(false)
    await listen([undetected('a')])
    expect(slow.order.slice(0, 4)).toEqual(['initialize', 'shutdown', 'initialize', 'onInvocationStart'])
  })

  it('initialises a plugin that was enabled only later', async () => {
    const { listen, recorder } = createDetector()
    recorder.enabled = false
    await listen([undetected('a')])
    expect(recorder.calls).toEqual([])
    recorder.enabled = true
    await listen([undetected('a')])
    expect(recorder.order.slice(0, 2)).toEqual(['initialize', 'onInvocationStart'])
  })

  it('waits for the flushes of all plugins, also when one of them fails', async () => {
    class Failing extends BasePlugin {
      override async flush(): Promise<void> {
        throw new Error('disk full')
      }
    }
    class Slow extends RecordingPlugin {
      override async flush(): Promise<void> {
        await sleep(10)
        super.flush()
      }
    }
    const slow = new Slow('slow')
    const { listen, recorder } = createDetector(new Failing(), slow)
    await listen([undetected('a')])
    expect([slow.of('flush').length, recorder.of('flush').length]).toEqual([1, 1])
    expect(recorder.of('onLog')[0]?.[1]).toMatch('Plugin Failing: flush failed')
  })

  it('shuts down instead of flushing in serverless mode, and initialises again', async () => {
    const { listen, recorder } = createDetector()
    const options = { timeoutConfig: { serverlessMode: true } }
    await listen([undetected('a')], options)
    await listen([undetected('a')], options)
    const lifecycle = recorder.calls.map(call => call.hook).filter(hook => !hook.startsWith('on'))
    expect(lifecycle).toEqual(['initialize', 'shutdown', 'initialize', 'shutdown'])
  })

  it('does not shut down under another invocation: that one does it at its end', async () => {
    const { listen, recorder } = createDetector()
    const options = { timeoutConfig: { serverlessMode: true } }
    const bothDone = meeting(2)
    const slow = listen([detecting('slow', [bothDone])], options)
    await listen([undetected('fast')], options)
    expect(recorder.of('shutdown')).toHaveLength(0)
    expect(recorder.of('flush')).toHaveLength(1)
    await Promise.all([bothDone(), slow])
    expect(recorder.order.slice(-2)).toEqual(['onInvocationEnd', 'shutdown'])
    expect(recorder.of('onJobEnd')).toHaveLength(1)
  })

  it('initialises again for an invocation that starts while plugins shut down', async () => {
    class Slow extends RecordingPlugin {
      override async shutdown(): Promise<void> {
        await sleep(20)
        super.shutdown()
      }
    }
    const slow = new Slow('slow')
    const { listen, plugins } = createDetector(slow)
    await listen([undetected('a')])
    const stopping = plugins.shutdown()
    await listen([undetected('b')])
    await stopping
    const shape = slow.calls.map(call => call.hook).filter(hook => /initialize|shutdown|InvocationStart/.test(hook))
    expect(shape).toEqual(['initialize', 'onInvocationStart', 'shutdown', 'initialize', 'onInvocationStart'])
  })

  it('still gives hooks to invocations that run while the application shuts plugins down', async () => {
    const { listen, recorder, plugins } = createDetector()
    await listen([detecting('a', [() => plugins.shutdown()])])
    expect(recorder.of('onJobEnd')).toHaveLength(1)
    expect(recorder.of('onInvocationEnd')).toHaveLength(1)
  })

  it('shuts the next plugin down when one fails to, and each once', async () => {
    class Failing extends BasePlugin {
      override shutdown(): never {
        throw new Error('stuck')
      }
    }
    const { listen, recorder, plugins } = createDetector(new Failing())
    await listen([undetected('a')])
    await Promise.all([plugins.shutdown(), plugins.shutdown()])
    await plugins.shutdown()
    expect(recorder.of('shutdown')).toHaveLength(1)
  })
})

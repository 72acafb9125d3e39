import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { BasePlugin, getJobLogger, type HasuraEventPayload, job, run } from '../../src/detector/detector.ts'
import { createDetector, detecting, orderChange, sleep } from './support.ts'

const createPlugin = () => {
  const store = new AsyncLocalStorage<string>()
  const seen: string[] = []
  const see = (hook: string): void => {
    seen.push(`${hook} ${store.getStore()}`)
  }
  let jobs = 0
  class Entering extends BasePlugin {
    override async onInvocationStart(payload: HasuraEventPayload): Promise<void> {
      store.enterWith(`invocation ${payload.id}`)
    }
    override async onEventDetectionStart(name: string): Promise<void> {
      see(`detection of ${name} in`)
    }
    override async onEventHandlerEnd(): Promise<void> {
      see('handler end in')
    }
    override async onJobStart(): Promise<void> {
      store.enterWith(`job ${++jobs}`)
      await undefined
    }
    override async onJobEnd(_: string, { result }: { result: unknown }): Promise<void> {
      see(`end of ${result} in`)
    }
    override async onError(): Promise<void> {
      see('error in')
    }
    override onLog(_level: string, message: string): void {
      see(`log ${message} in`)
    }
    override async onInvocationEnd(payload: HasuraEventPayload): Promise<void> {
      see(`end of ${payload.id} in`)
    }
  }
  return { plugin: new Entering(), store, seen }
}

describe('a store that a hook enters', () => {
  it('in onJobStart is seen by that job, its end, its error and its log lines', async () => {
    const { plugin, store, seen } = createPlugin()
    const { listen } = createDetector(plugin)
    const ship = async function ship(
      _e: string,
      payload: HasuraEventPayload,
      options: { jobName: string; ms?: unknown },
    ) {
      await sleep(Number(options.ms))
      getJobLogger(payload, options).info('x')
      return store.getStore()
    }
    const fail = function fail() {
      throw new Error('no')
    }
    await listen([detecting('a', [ship, { ms: 20 }], [ship, { ms: 10 }], [fail])])
    expect(seen).toContain('end of job 1 in job 1')
    expect(seen).toContain('end of job 2 in job 2')
    expect(seen).toContain('log [ship] x in job 1')
    expect(seen).toContain('log [ship] x in job 2')
    expect(seen).toContain('end of null in job 3')
    expect(seen).toContain('error in job 3')
  })

  it('in onInvocationStart is seen by everything of that invocation, also side by side with another', async () => {
    const { plugin, store, seen } = createPlugin()
    const { listen } = createDetector(plugin)
    const detector = async () => {
      await sleep(5)
      seen.push(`detector ${store.getStore()}`)
      return false
    }
    const call = (id: string) =>
      listen([{ name: id, detector, handler: async () => undefined }], {}, { ...orderChange(), id })
    await Promise.all([call('one'), call('two')])
    for (const id of ['one', 'two']) {
      expect(seen).toContain(`detection of ${id} in invocation ${id}`)
      expect(seen).toContain(`detector invocation ${id}`)
      expect(seen).toContain(`end of ${id} in invocation ${id}`)
    }
  })

  it('is not seen by the caller of listenTo, before or after the await', async () => {
    const { plugin, store } = createPlugin()
    const { listen, plugins } = createDetector(plugin)
    await plugins.initialize()
    store.enterWith("caller's own")
    const pending = listen([detecting('a', [() => 1])])
    expect(store.getStore()).toBe("caller's own")
    await pending
    expect(store.getStore()).toBe("caller's own")
  })

  it('by one job is not seen by a sibling, by the handler or by its end hook', async () => {
    const { plugin, store, seen } = createPlugin()
    const { listen } = createDetector(plugin)
    const own = new AsyncLocalStorage<string>()
    const afterRun: unknown[] = []
    await listen([
      {
        name: 'a',
        detector: () => true,
        handler: async (event, payload) => {
          const results = await run(event, payload, [
            job(() => own.enterWith('from the first job')),
            job(() => own.getStore()),
          ])
          afterRun.push(store.getStore(), own.getStore(), results[1]?.result)
          return results
        },
      },
    ])
    const invocation = `invocation ${orderChange().id}`
    expect(afterRun).toEqual([invocation, undefined, undefined])
    expect(seen).toContain(`handler end in ${invocation}`)
    expect(seen.at(-1)).toBe(`end of ${orderChange().id} in ${invocation}`)
  })

  it('in onPreConfigure is not seen by the caller either', async () => {
    const store = new AsyncLocalStorage<string>()
    class Entering extends BasePlugin {
      override onPreConfigure(): void {
        store.enterWith('entered')
      }
    }
    const { listen, plugins } = createDetector(new Entering())
    await plugins.initialize()
    const pending = listen([])
    expect(store.getStore()).toBeUndefined()
    await pending
    expect(store.getStore()).toBeUndefined()
  })

  it('in onEventDetectionStart is seen by that module alone', async () => {
    const store = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    class Entering extends BasePlugin {
      override onEventDetectionStart(name: string): void {
        seen.push(store.getStore())
        store.enterWith(name)
      }
      override onInvocationEnd(): void {
        seen.push(store.getStore())
      }
    }
    const { listen } = createDetector(new Entering())
    const module = (name: string) => detecting(name, [() => store.getStore()])
    const { events } = await listen([module('a'), module('b')])
    expect(seen).toEqual([undefined, undefined, undefined])
    expect(events.map(event => event.jobs[0]?.result)).toEqual(['a', 'b'])
  })

  it("by the caller is seen by jobs, whatever the plugins' own stores are", async () => {
    const { plugin } = createPlugin()
    const { listen } = createDetector(plugin)
    const request = new AsyncLocalStorage<string>()
    const { events } = await request.run('request 7', () => listen([detecting('a', [() => request.getStore()])]))
    expect(events[0]?.jobs[0]?.result).toBe('request 7')
  })
})

import { describe, expect, it } from 'vitest'
import { createObservabilityPlugin, ObservabilityPlugin } from '../plugin.ts'
import { silentLogger } from '../src/log.ts'
import { createHost } from './support/host-double/host.ts'

// Nobody is there: what is written does not matter here.
const options = { database: { connectionString: 'postgresql://nobody@127.0.0.1:1/none' } }

/** Runs one invocation in the original host, and counts the lines that reach the plugin. */
async function linesTaken(configuration: object): Promise<{ lines: string[]; jobLines: number }> {
  const host = createHost()
  const plugin = new (createObservabilityPlugin(host.BasePlugin))(
    { ...options, ...configuration },
    { logger: silentLogger },
  )
  const lines: string[] = []
  const shown = Object.getOwnPropertyDescriptor(plugin, 'onLog')
  Object.defineProperty(plugin, 'onLog', {
    get() {
      const hook = shown?.get?.call(plugin)
      return (
        hook &&
        ((level: string, message: string, data: unknown) => {
          lines.push(message)
          return hook.call(plugin, level, message, data)
        })
      )
    },
  })
  host.pluginManager.register(plugin)
  const work = (_event: string, hasuraEvent: unknown, jobOptions: unknown): void =>
    host.getJobLogger(hasuraEvent, jobOptions).info('done')
  const modules = Array.from({ length: 10 }, (_, n) => ({
    name: `module-${n}`,
    detector: () => n < 3,
    handler: (event: string, payload: unknown) =>
      host.run(event, payload, n < 2 ? [host.job(work), host.job(work)] : [host.job(work)]),
  }))
  const payload = { event: { op: 'INSERT', data: { old: null, new: { id: 1 } } } }
  await host.listenTo(payload, { eventModules: modules, logToConsole: false })
  return { lines, jobLines: lines.filter(line => line === '[work] done').length }
}

describe('hooks that are not needed', () => {
  it('are not there without console capture, so that no host calls them', () => {
    const without = { ...options, captureConsole: false }
    const { BasePlugin } = createHost()
    expect(new ObservabilityPlugin(without).onLog).toBeUndefined()
    expect(new (createObservabilityPlugin(BasePlugin))(without).onLog).toBeUndefined()
    expect(new ObservabilityPlugin({ ...without, recordReads: true }).onLog).toBeTypeOf('function')
    expect(new ObservabilityPlugin(options).onLog).toBeTypeOf('function')
  })

  it('may be replaced as any other hook', () => {
    const { BasePlugin } = createHost()
    const own = async (): Promise<void> => {}
    for (const Plugin of [ObservabilityPlugin, createObservabilityPlugin(BasePlugin)]) {
      class Extended extends Plugin {}
      Object.assign(Extended.prototype, { onLog: own })
      for (const configuration of [options, { ...options, captureConsole: false }]) {
        const plugin = new Plugin(configuration)
        plugin.onLog = own
        expect([plugin.onLog, Reflect.get(new Extended(configuration), 'onLog')]).toEqual([own, own])
      }
    }
  })

  it('take few of the original host’s 59 lines about itself, and all lines of jobs', async () => {
    const { lines, jobLines } = await linesTaken({})
    expect(jobLines).toBe(5)
    // Two at the end of each job, and what is said before the first hook of the next module or job: the host gives them no
    // frames of their own.
    expect(lines).toHaveLength(5 + 5 * 2 + 9 * 2 + 2 * 2)
    expect(await linesTaken({ captureConsole: false })).toEqual({ lines: [], jobLines: 0 })
  })
})

import { BasePlugin, job, listenTo, PluginManager, run } from '../../../src/detector/detector.ts'
import { createHost } from '../../support/host-double/host.ts'
import type { OrderPaid } from './hook-load.ts'

/** `ours` is the detector of this package; `original` a copy of the original host's dispatch, with its 59 log lines. */
export type HostName = 'ours' | 'original'

export interface BenchModule {
  name: string
  detector(event: string, payload: OrderPaid): boolean
  handler(event: string, payload: OrderPaid): unknown
}

/** A detector as the load sees it. */
export interface BenchHost {
  /** Plugins extend this one. The original's takes all that ours does. */
  readonly BasePlugin: typeof BasePlugin
  readonly run: (event: string, payload: OrderPaid, jobs: unknown[]) => unknown
  readonly job: (func: () => Promise<object>, options: { jobName: string }) => unknown
  register(plugin: unknown): void
  initialize(): Promise<void>
  invoke(payload: OrderPaid, modules: BenchModule[]): Promise<{ events: { jobs: unknown[] }[] }>
  shutdown(): Promise<void>
}

export function createBenchHost(name: HostName): BenchHost {
  return name === 'ours' ? ourHost() : originalHost()
}

function ourHost(): BenchHost {
  const pluginManager = new PluginManager()
  return {
    BasePlugin,
    run: run as never,
    job: job as never,
    register: plugin => pluginManager.register(plugin as BasePlugin),
    initialize: () => pluginManager.initialize(),
    invoke: (payload, modules) => listenTo(payload, { pluginManager, eventModules: modules as never }),
    shutdown: () => pluginManager.shutdown(),
  }
}

function originalHost(): BenchHost {
  const host = createHost()
  return {
    BasePlugin: host.BasePlugin as never,
    run: host.run as never,
    job: host.job as never,
    register: plugin => void host.pluginManager.register(plugin),
    // By its first invocation: only then its lines go to the plugins.
    initialize: () => Promise.resolve(),
    async invoke(payload, modules) {
      const response = await host.listenTo(payload, { eventModules: modules, logToConsole: false })
      // It keeps what it would have printed, which here is nothing: else that would be measured, too.
      if (host.printed.length > 0) throw new Error(`the host printed: ${host.printed[0]}`)
      return response
    },
    shutdown: () => host.pluginManager.shutdown(),
  }
}

import {
  createObservabilityPlugin,
  ObservabilityPlugin,
  type PluginOptions,
  type RecordingPlugin,
} from '../../plugin.ts'
import {
  BasePlugin,
  getJobLogger,
  listenTo,
  job as ourJob,
  run as ourRun,
  PluginManager,
} from '../../src/detector/detector.ts'
import { type Logger, silentLogger } from '../../src/log.ts'
import { createHost } from './host-double/host.ts'

// biome-ignore lint/suspicious/noExplicitAny: both detectors' own types are narrower than what they accept.
export type Any = any

/** A detector with the plugin in it, whichever it is. */
export interface Detector {
  listenTo(payload: Any, options: Any): Promise<Any>
  job: Any
  run: Any
  jobLogger(payload: Any, options: Any): { info(message: string): void }
  plugin: RecordingPlugin
  isOriginal: boolean
  shutdown(): Promise<void>
}

export interface DetectorSettings {
  /** Of the plugin, besides `database`. */
  options?: PluginOptions
  logger?: Logger
  /** Makes another plugin, which is asked before ours, or after it. */
  other?: { make: (Base: Any) => object; first: boolean }
}

export const DEFAULTS = { batchSize: 1_000, retryAttempts: 1, retryDelay: 50 }

function ours(url: string, { options, logger = silentLogger, other }: DetectorSettings = {}): Detector {
  const manager = new PluginManager()
  const plugin = new ObservabilityPlugin({ database: { connectionString: url }, ...DEFAULTS, ...options }, { logger })
  for (const each of inOrder(plugin, BasePlugin, other)) manager.register(each as Any)
  return {
    listenTo: (payload, given) => listenTo(payload, { ...given, pluginManager: manager }),
    job: ourJob,
    run: ourRun,
    jobLogger: (payload, given) => getJobLogger(payload, given),
    plugin,
    isOriginal: false,
    shutdown: () => manager.shutdown(),
  }
}

function originals(url: string, { options, logger = silentLogger, other }: DetectorSettings = {}): Detector {
  // As the original does; the wrapped console is looked up at each line.
  const host = createHost({ pollMs: 20, onPrint: line => console.log(line) })
  const Plugin = createObservabilityPlugin(host.BasePlugin as Any)
  const plugin = new Plugin({ database: { connectionString: url }, ...DEFAULTS, ...options }, { logger })
  for (const each of inOrder(plugin, host.BasePlugin, other)) host.pluginManager.register(each as Any)
  return {
    listenTo: (payload, given) => host.listenTo(payload, { logToConsole: false, ...given }),
    job: host.job,
    run: host.run,
    jobLogger: (payload, given) => host.getJobLogger(payload, given) as Any,
    plugin,
    isOriginal: true,
    shutdown: () => host.pluginManager.shutdown(),
  }
}

function inOrder(plugin: object, Base: Any, other: DetectorSettings['other']): object[] {
  if (!other) return [plugin]
  return other.first ? [other.make(Base), plugin] : [plugin, other.make(Base)]
}

/** Both detectors, by name, and how to make one whose plugin writes to a database. */
export const DETECTORS: [string, (url: string, settings?: DetectorSettings) => Detector][] = [
  ['our detector', ours],
  ['the original host', originals],
]

/** What Hasura sends when an order is inserted. */
export const orderPlaced = (changes: Any = {}): Any => ({
  id: '11111111-2222-4333-8444-555555555555',
  created_at: '2026-01-02T03:04:05.678901',
  table: { schema: 'public', name: 'orders' },
  trigger: { name: 'orders' },
  delivery_info: { current_retry: 0, max_retries: 3 },
  event: {
    op: 'INSERT',
    data: { old: null, new: { id: 42, updated_by: 'ann@shop.example' } },
    session_variables: { 'X-Hasura-Role': 'clerk' },
    trace_context: null,
  },
  ...changes,
})

export const fires = (handler: Any, moduleName = 'orders.placed'): Any => ({
  name: moduleName,
  detector: () => true,
  handler,
})

export const silent = (moduleName: string): Any => ({
  name: moduleName,
  detector: () => false,
  handler: () => undefined,
})

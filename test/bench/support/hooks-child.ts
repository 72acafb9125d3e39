// One kind of plugin in a process of its own: what one leaves behind (AsyncLocalStorage in use, code optimised for its
// objects) would change what another one costs. Measures what it is asked to, and answers.
import { setTimeout as sleep } from 'node:timers/promises'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { ObservabilityPlugin, type PluginOptions } from '../../../plugin.ts'
import { BasePlugin, PluginManager } from '../../../src/detector/detector.ts'
import { silentLogger } from '../../../src/log.ts'
import { invokeMany, type Load, orderPaid } from './hook-load.ts'
import { ForgettingExporter, OpenTelemetryPlugin } from './opentelemetry-plugin.ts'

/** The plugins that are compared. */
export type Kind =
  | { plugin: 'none' }
  | { plugin: 'empty' }
  | { plugin: 'ours'; options: PluginOptions }
  /** Without `url` spans are forgotten instead of sent. */
  | { plugin: 'OpenTelemetry'; url?: string }

export type Task = { do: 'load'; load: Load } | { do: 'memory'; rows: number } | { do: 'hooks'; invocations: number }

export interface LoadResult {
  /** CPU time of the process for each invocation, in microseconds, until everything is recorded. */
  cpuMicros: number
  /** Until the last invocation has been answered. */
  invocationsPerSecond: number
}

export interface MemoryResult {
  bytes: number
  rows: number
  invocations: number
}

/** CPU time of one call in microseconds, by the hook's name. */
export type HooksResult = Record<string, number>

class EmptyPlugin extends BasePlugin {}

const kind = JSON.parse(process.argv[2] as string) as Kind
const plugin = createPlugin()
const manager = new PluginManager()
if (plugin) manager.register(plugin)
await manager.initialize()

function createPlugin(): BasePlugin | null {
  switch (kind.plugin) {
    case 'none':
      return null
    case 'empty':
      return new EmptyPlugin()
    case 'ours':
      return new ObservabilityPlugin(kind.options, { logger: silentLogger })
    case 'OpenTelemetry':
      return new OpenTelemetryPlugin(kind.url ? new OTLPTraceExporter({ url: kind.url }) : new ForgettingExporter())
    default:
      return kind satisfies never
  }
}

async function measureLoad(load: Load): Promise<LoadResult> {
  const before = process.cpuUsage()
  const started = performance.now()
  await invokeMany(manager, load)
  const seconds = (performance.now() - started) / 1_000
  // What the invocations left to be written belongs to them.
  if (plugin instanceof OpenTelemetryPlugin) await plugin.forceFlush()
  if (plugin instanceof ObservabilityPlugin) await allWritten(plugin)
  const { user, system } = process.cpuUsage(before)
  return { cpuMicros: (user + system) / load.invocations, invocationsPerSecond: load.invocations / seconds }
}

async function allWritten(ours: ObservabilityPlugin): Promise<void> {
  for (;;) {
    const { bufferedRows, state, lastError, dropped, quarantined } = ours.getStatus()
    if (lastError !== null || dropped.bufferFull + quarantined > 0) throw new Error(`rows are missing: ${lastError}`)
    if (bufferedRows === 0 && state === 'idle') return
    await sleep(20)
  }
}

// The database of this one does not answer, so everything stays in memory.
async function measureMemory(rows: number): Promise<MemoryResult> {
  const ours = plugin as ObservabilityPlugin
  const invoke = (): Promise<void> => invokeMany(manager, { invocations: 100, concurrency: 16, jobMs: 0 })
  await invoke()
  const rowsBefore = ours.getStatus().bufferedRows
  const before = await memoryUsed()
  let invocations = 0
  while (ours.getStatus().bufferedRows < rowsBefore + rows) {
    await invoke()
    invocations += 100
  }
  return { bytes: (await memoryUsed()) - before, rows: ours.getStatus().bufferedRows - rowsBefore, invocations }
}

async function memoryUsed(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await sleep(50)
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  // Packs lie outside the heap.
  return heapUsed + external
}

// Invocations whose hooks are timed together: asking for the time costs more than a hook.
const TIMED_TOGETHER = 25

/** Calls the hooks themselves, in the host's order and without a host. */
async function measureHooks(invocations: number): Promise<HooksResult> {
  const ours = plugin as ObservabilityPlugin
  const result = { completed: true, result: { sent: true } }
  const eventOfJob = [0, 1, 1, 2, 2].map(n => `event-${n}`)
  let spent = new Map<string, { calls: number; micros: number }>()
  for (let done = -invocations; done < invocations; done += TIMED_TOGETHER) {
    if (done === 0) spent = new Map() // Warm now.
    const open = Array.from({ length: TIMED_TOGETHER }, () => ({
      payload: orderPaid(),
      jobs: eventOfJob.map((_, n) => ({ jobName: `job-${n}`, correlationId: 'x' })),
    }))
    const timed = (hook: string, calls: number, call: (of: (typeof open)[number], n: number) => unknown): void => {
      const before = process.cpuUsage()
      for (const each of open) for (let n = 0; n < calls; n++) call(each, n)
      const { user, system } = process.cpuUsage(before)
      const sum = spent.get(hook) ?? { calls: 0, micros: 0 }
      spent.set(hook, { calls: sum.calls + calls * TIMED_TOGETHER, micros: sum.micros + user + system })
    }
    timed('onPreConfigure', 1, ({ payload }) => ours.onPreConfigure(payload, {}))
    timed('onInvocationStart', 1, ({ payload }) => ours.onInvocationStart(payload, {}))
    timed('onEventDetectionStart', 10, ({ payload }, n) => ours.onEventDetectionStart(`event-${n}`, payload))
    timed('onEventDetectionEnd', 10, ({ payload }, n) => ours.onEventDetectionEnd(`event-${n}`, n < 3, payload, 1))
    timed('onEventHandlerStart', 3, ({ payload }, n) => ours.onEventHandlerStart(`event-${n}`, payload))
    timed('onJobStart', 5, ({ payload, jobs }, n) =>
      ours.onJobStart(`job-${n}`, jobs[n], eventOfJob[n] as string, payload),
    )
    timed('onJobEnd', 5, ({ payload, jobs }, n) =>
      ours.onJobEnd(`job-${n}`, result, eventOfJob[n] as string, payload, 1, jobs[n]),
    )
    timed('onEventHandlerEnd', 3, ({ payload }, n) => ours.onEventHandlerEnd(`event-${n}`, [], payload, 1))
    timed('onInvocationEnd', 1, ({ payload }) => ours.onInvocationEnd(payload, {}, 1))
    await sleep(1)
  }
  await allWritten(ours)
  return Object.fromEntries([...spent].map(([hook, { calls, micros }]) => [hook, micros / calls]))
}

function perform(task: Task): Promise<LoadResult | MemoryResult | HooksResult> {
  switch (task.do) {
    case 'load':
      return measureLoad(task.load)
    case 'memory':
      return measureMemory(task.rows)
    case 'hooks':
      return measureHooks(task.invocations)
    default:
      return task satisfies never
  }
}

process.on('message', (task: Task) => {
  perform(task).then(
    result => process.send?.(result),
    error => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', async () => {
  await manager.shutdown()
  process.exit()
})
process.send?.('ready')

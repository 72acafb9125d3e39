// One kind of plugin in a process of its own: what one leaves behind (AsyncLocalStorage in use, code optimised for its
// objects) would change what another one costs. Measures what it is asked to, and answers.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { createObservabilityPlugin, type PluginOptions, type RecordingPlugin } from '../../../plugin.ts'
import { silentLogger } from '../../../src/log.ts'
import { answerTasks } from './answer-tasks.ts'
import { createBenchHost, type HostName } from './bench-host.ts'
import { invokeMany, type Load, orderPaid } from './hook-load.ts'
import { createOpenTelemetryPlugin, ForgettingExporter, type SpanPlugin } from './opentelemetry-plugin.ts'
import { median } from './report.ts'

/** The plugins that are compared, and the detector that calls them. */
export type Kind = { host: HostName } & (
  | { plugin: 'none' }
  | { plugin: 'empty' }
  | { plugin: 'ours'; options: PluginOptions }
  /** Without `url` spans are forgotten instead of sent. */
  | { plugin: 'OpenTelemetry'; url?: string }
)

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

/** Time of one call in microseconds, by the hook's name. */
export type HooksResult = Record<string, number>

const kind = JSON.parse(process.argv[2] as string) as Kind
const host = createBenchHost(kind.host)
let ours: RecordingPlugin | null = null
let openTelemetry: SpanPlugin | null = null
registerPlugin()
await host.initialize()

function registerPlugin(): void {
  switch (kind.plugin) {
    case 'none':
      return
    case 'empty': {
      class EmptyPlugin extends host.BasePlugin {}
      host.register(new EmptyPlugin())
      return
    }
    case 'ours': {
      const plugin = new (createObservabilityPlugin(host.BasePlugin))(kind.options, { logger: silentLogger })
      ours = plugin
      host.register(plugin)
      return
    }
    case 'OpenTelemetry': {
      const exporter = kind.url ? new OTLPTraceExporter({ url: kind.url }) : new ForgettingExporter()
      const plugin = createOpenTelemetryPlugin(host.BasePlugin, exporter)
      openTelemetry = plugin
      host.register(plugin)
      return
    }
    default:
      kind satisfies never
  }
}

async function measureLoad(load: Load): Promise<LoadResult> {
  const before = process.cpuUsage()
  const started = performance.now()
  await invokeMany(host, load)
  const seconds = (performance.now() - started) / 1_000
  // What the invocations left to be written belongs to them.
  await openTelemetry?.forceFlush()
  if (ours) await allWritten(ours)
  const { user, system } = process.cpuUsage(before)
  return { cpuMicros: (user + system) / load.invocations, invocationsPerSecond: load.invocations / seconds }
}

async function allWritten(plugin: RecordingPlugin): Promise<void> {
  for (;;) {
    const { bufferedRows, state, lastError, dropped, quarantined } = plugin.getStatus()
    if (lastError !== null || dropped.bufferFull + quarantined > 0) throw new Error(`rows are missing: ${lastError}`)
    if (bufferedRows === 0 && state === 'idle') return
    await sleep(20)
  }
}

// The database of this one does not answer, so everything stays in memory.
async function measureMemory(rows: number): Promise<MemoryResult> {
  const plugin = ours as RecordingPlugin
  const invoke = (): Promise<void> => invokeMany(host, { invocations: 100, concurrency: 16, jobMs: 0 })
  await invoke()
  const rowsBefore = plugin.getStatus().bufferedRows
  const before = await memoryUsed()
  let invocations = 0
  while (plugin.getStatus().bufferedRows < rowsBefore + rows) {
    await invoke()
    invocations += 100
  }
  return { bytes: (await memoryUsed()) - before, rows: plugin.getStatus().bufferedRows - rowsBefore, invocations }
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

// Invocations whose hooks are timed together: asking for the time costs, too.
const TIMED_TOGETHER = 25

/**
 * Calls the hooks themselves, in the host's order and without a host. Medians of the clock: CPU time is that of all
 * threads, and what compiles and collects beside is counted with the load.
 */
async function measureHooks(invocations: number): Promise<HooksResult> {
  const plugin = ours as RecordingPlugin
  const result = { completed: true, result: { sent: true } }
  const eventOfJob = [0, 1, 1, 2, 2].map(n => `event-${n}`)
  let spent = new Map<string, number[]>()
  for (let done = -invocations; done < invocations; done += TIMED_TOGETHER) {
    if (done === 0) spent = new Map() // Warm now.
    const open = Array.from({ length: TIMED_TOGETHER }, () => ({
      payload: orderPaid(),
      jobs: eventOfJob.map((_, n) => ({ jobName: `job-${n}`, correlationId: 'x' })),
    }))
    const timed = (hook: string, calls: number, call: (of: (typeof open)[number], n: number) => unknown): void => {
      const before = performance.now()
      for (const each of open) for (let n = 0; n < calls; n++) call(each, n)
      const micros = ((performance.now() - before) * 1_000) / (calls * TIMED_TOGETHER)
      const all = spent.get(hook)
      if (all) all.push(micros)
      else spent.set(hook, [micros])
    }
    timed('onPreConfigure', 1, ({ payload }) => plugin.onPreConfigure(payload, {}))
    // As hosts do between the two.
    for (const { payload } of open) Object.assign(payload, { __context: {}, __correlationId: randomUUID() })
    timed('onInvocationStart', 1, ({ payload }) => plugin.onInvocationStart(payload, {}))
    timed('onEventDetectionStart', 10, ({ payload }, n) => plugin.onEventDetectionStart(`event-${n}`, payload))
    timed('onEventDetectionEnd', 10, ({ payload }, n) => plugin.onEventDetectionEnd(`event-${n}`, n < 3, payload, 1))
    timed('onEventHandlerStart', 3, ({ payload }, n) => plugin.onEventHandlerStart(`event-${n}`, payload))
    timed('onJobStart', 5, ({ payload, jobs }, n) =>
      plugin.onJobStart(`job-${n}`, jobs[n], eventOfJob[n] as string, payload),
    )
    timed('onJobEnd', 5, ({ payload, jobs }, n) =>
      plugin.onJobEnd(`job-${n}`, result, eventOfJob[n] as string, payload, 1, jobs[n]),
    )
    timed('onEventHandlerEnd', 3, ({ payload }, n) => plugin.onEventHandlerEnd(`event-${n}`, [], payload, 1))
    timed('onInvocationEnd', 1, ({ payload }) => plugin.onInvocationEnd(payload, {}, 1))
    await sleep(1)
  }
  await allWritten(plugin)
  return Object.fromEntries([...spent].map(([hook, micros]) => [hook, median(micros)]))
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

answerTasks(perform, () => host.shutdown())

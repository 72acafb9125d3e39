// An application that records, in a process of its own: `recording-child.ts load|crash <options as JSON>`.
// It tells its parent over IPC; what its jobs print is its own business.
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ObservabilityPlugin, type PluginOptions } from '../../plugin.ts'
import { job, listenTo, type NamedEventModule, PluginManager, run } from '../../src/detector/detector.ts'
import { silentLogger } from '../../src/log.ts'

export interface ChildOptions {
  plugin: PluginOptions
  invocations: number
  concurrency: number
  /** Of the payloads: a new one for each, or the same ones in each process, as Hasura delivers a change again. @default new */
  ids?: 'new' | 'same'
  /** One in so many jobs throws. */
  failOneIn: number
  /** File that gets a line for each hook that has returned. */
  ledger: string | null
}

/** A line of the ledger: when, what, of which payload, and the name of the event, the job, or the output. */
export type LedgerLine = [atMs: number, what: LedgerEntry, payload: string, name: string]
export type LedgerEntry = 'tick' | 'invocation' | 'ended' | 'asked' | 'job' | 'job ended' | 'output'

const options = JSON.parse(process.argv[2] ?? '') as ChildOptions
const ledger = options.ledger === null ? null : openSync(options.ledger, 'a')

function note(what: LedgerEntry, payload = '', name = ''): void {
  if (ledger !== null) writeSync(ledger, `${JSON.stringify([Date.now(), what, payload, name] satisfies LedgerLine)}\n`)
}

const idOf = (payload: object): string => (payload as { id: string }).id

class NotingPlugin extends ObservabilityPlugin {
  override onInvocationStart(...args: Parameters<ObservabilityPlugin['onInvocationStart']>): Promise<void> {
    const done = super.onInvocationStart(...args)
    note('invocation', idOf(args[0]))
    return done
  }
  override onInvocationEnd(...args: Parameters<ObservabilityPlugin['onInvocationEnd']>): Promise<void> {
    const done = super.onInvocationEnd(...args)
    note('ended', idOf(args[0]))
    return done
  }
  override onEventDetectionEnd(...args: Parameters<ObservabilityPlugin['onEventDetectionEnd']>): Promise<void> {
    const done = super.onEventDetectionEnd(...args)
    note('asked', idOf(args[2]), args[0])
    return done
  }
  override onJobStart(...args: Parameters<ObservabilityPlugin['onJobStart']>): Promise<void> {
    const done = super.onJobStart(...args)
    note('job', idOf(args[3]), args[0])
    return done
  }
  override onJobEnd(...args: Parameters<ObservabilityPlugin['onJobEnd']>): Promise<void> {
    const done = super.onJobEnd(...args)
    note('job ended', idOf(args[3]), args[0])
    return done
  }
}

let jobs = 0
const work = (name: string) =>
  job(
    async (_event, payload) => {
      const { id } = payload as { id: string }
      const fails = ++jobs % options.failOneIn === 0
      await sleep(jobs % 5)
      console.log(`${id} ${name}`)
      note('output', id, name)
      await sleep(jobs % 3)
      if (fails) throw new Error(`${id} ${name} was to fail`)
      return { id, name }
    },
    { jobName: name },
  )

const eventModules: NamedEventModule[] = [
  {
    name: 'orders.placed',
    detector: () => true,
    handler: (event, payload) => run(event, payload, [work('reserveStock'), work('sendReceipt')]),
  },
  { name: 'orders.paid', detector: () => false, handler: async () => undefined as never },
  { name: 'orders.shipped', detector: async () => false, handler: async () => undefined as never },
]

function payload(id: string): object {
  return {
    id,
    created_at: '2026-01-02T03:04:05.678901',
    table: { schema: 'public', name: 'orders' },
    trigger: { name: 'orders' },
    delivery_info: { current_retry: 0, max_retries: 3 },
    event: {
      op: 'INSERT',
      data: { old: null, new: { id, note: 'x'.repeat(300) } },
      session_variables: { 'x-hasura-role': 'user' },
      trace_context: null,
    },
  }
}

const plugin = new NotingPlugin(options.plugin, { logger: silentLogger })
const pluginManager = new PluginManager()
pluginManager.register(plugin)
await pluginManager.initialize()
process.send?.({ started: true })
if (ledger !== null) setInterval(() => note('tick'), 5)

let begun = 0
async function worker(): Promise<void> {
  while (begun < options.invocations) {
    const n = begun++
    const id = options.ids === 'same' ? `11111111-2222-4333-8444-${String(n).padStart(12, '0')}` : crypto.randomUUID()
    await listenTo(payload(id) as never, { pluginManager, eventModules })
  }
}
await Promise.all(Array.from({ length: options.concurrency }, worker))
for (;;) {
  await plugin.flush()
  const { bufferedRows, journal, state } = plugin.getStatus()
  if (bufferedRows === 0 && state === 'idle' && (journal?.waitingSegments ?? 0) === 0) break
  await sleep(20)
}
await pluginManager.shutdown()
process.send?.({ ended: plugin.getStatus(), jobs })
process.disconnect?.()

import { vi } from 'vitest'
import {
  BasePlugin,
  type HasuraEventPayload,
  type HookName,
  type HookReturn,
  type JobFunction,
  type JobOptions,
  job,
  type ListenToOptions,
  type ListenToResponse,
  listenTo,
  type NamedEventModule,
  PluginManager,
  run,
} from '../../src/detector/detector.ts'

export function orderChange(): HasuraEventPayload {
  return {
    id: '3c1f3f6e-3b63-4a1a-8a55-0f3f4a6c9d10',
    created_at: '2025-03-01T10:00:00.000Z',
    table: { schema: 'public', name: 'orders' },
    trigger: { name: 'orders_changed' },
    event: {
      op: 'UPDATE',
      data: { old: { id: 1, status: 'new' }, new: { id: 1, status: 'paid' } },
      session_variables: { 'x-hasura-role': 'user', 'x-hasura-user-email': 'ada@example.com' },
    },
  }
}

/** A module that says yes and runs the given jobs. */
export function detecting(name: string, ...jobs: [JobFunction, JobOptions?][]): NamedEventModule {
  return {
    name,
    detector: () => true,
    handler: (event, hasuraEvent) =>
      run(
        event,
        hasuraEvent,
        jobs.map(([func, options]) => job(func, options)),
      ),
  }
}

export const undetected = (name: string): NamedEventModule => ({
  name,
  detector: () => false,
  handler: async () => undefined,
})

export interface Call {
  hook: HookName | 'initialize' | 'flush' | 'shutdown' | 'onPreConfigure'
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of all hooks in one list.
  args: any[]
}

/** Keeps what it is called with, in order. */
export class RecordingPlugin extends BasePlugin {
  readonly calls: Call[] = []

  constructor(name = 'RecordingPlugin') {
    super()
    this.name = name
  }

  /** The names of the hooks that were called, with the event's or job's name where there is one. */
  get order(): string[] {
    return this.calls.map(({ hook, args }) => (typeof args[0] === 'string' ? `${hook} ${args[0]}` : hook))
  }

  of(hook: Call['hook']): Call['args'][] {
    return this.calls.filter(call => call.hook === hook).map(call => call.args)
  }

  override initialize(): HookReturn {
    this.calls.push({ hook: 'initialize', args: [] })
  }
  override flush(): HookReturn {
    this.calls.push({ hook: 'flush', args: [] })
  }
  override shutdown(): HookReturn {
    this.calls.push({ hook: 'shutdown', args: [] })
  }
}

const HOOKS = [
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
] as const
for (const hook of HOOKS) {
  Object.assign(RecordingPlugin.prototype, {
    async [hook](this: RecordingPlugin, ...args: unknown[]) {
      this.calls.push({ hook, args })
    },
  })
}

export interface Detector {
  plugins: PluginManager
  recorder: RecordingPlugin
  listen(modules: NamedEventModule[], options?: ListenToOptions, payload?: unknown): Promise<ListenToResponse>
}

/** A detector with a manager of its own, in which a recorder is registered behind the given plugins. */
export function createDetector(...others: BasePlugin[]): Detector {
  const plugins = new PluginManager()
  const recorder = new RecordingPlugin()
  for (const plugin of [...others, recorder]) plugins.register(plugin)
  return {
    plugins,
    recorder,
    listen: (eventModules, options = {}, payload = orderChange()) =>
      listenTo(payload, { eventModules, pluginManager: plugins, ...options }),
  }
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Lets (fake) time pass, then gives what has come of the promise. */
export async function after<T>(ms: number, promise: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(ms)
  return promise
}

/** Something that many await, and that happens once `count` of them do. */
export function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = deferred()
  let present = 0
  return () => {
    if (++present === count) resolve()
    return promise
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}

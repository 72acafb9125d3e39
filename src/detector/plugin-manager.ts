import { messageOf } from '../errors.ts'
import { BasePlugin, type PluginStatus } from './base-plugin.ts'
import { writeLine } from './log-line.ts'
import type { HookName, PluginHooks } from './plugin-hooks.ts'
import { isThenable } from './thenable.ts'
import type { HasuraEventPayload, ListenToOptions } from './types.ts'

interface Entry {
  plugin: BasePlugin
  /** `waiting` for its initialisation; `failed` until it is tried again. */
  state: 'waiting' | 'ready' | 'failed'
  /** Initialised and not shut down since. */
  open: boolean
  /** Was initialised once, so hooks may be given to it. They still are after a shutdown, by what was running then. */
  known: boolean
  failure?: string
}

export interface ManagerStatus {
  initialized: boolean
  /** Invocations that have not ended. */
  running: number
  plugins: (PluginStatus & { initialized: boolean; initializeError?: string; failedHooks: number })[]
}

/** Keeps plugins, calls their hooks, and sees to it that no plugin can harm the host or another plugin. */
export class PluginManager {
  #entries: Entry[] = []
  #known: BasePlugin[] = []
  /** The initialisation or shutdown that was asked for last, until it is done; they never overlap. */
  #step: { kind: 'initialize' | 'shutdown'; done: Promise<void> } | undefined
  #failedHooks = new Map<BasePlugin, Map<string, number>>()
  #running = 0

  register(plugin: BasePlugin): this {
    if (!(plugin instanceof BasePlugin)) throw new TypeError('Plugin must extend BasePlugin')
    if (this.#entries.some(entry => entry.plugin.name === plugin.name)) {
      throw new Error(
        `A plugin named "${plugin.name}" is already registered: give this one another name before registering it`,
      )
    }
    this.#entries.push({ plugin, state: 'waiting', open: false, known: false })
    return this
  }

  get plugins(): readonly BasePlugin[] {
    return this.#entries.map(entry => entry.plugin)
  }

  /** Whether no enabled plugin waits for its initialisation. */
  get initialized(): boolean {
    return !this.#entries.some(entry => entry.state === 'waiting' && entry.plugin.enabled)
  }

  /** How many invocations have not ended. */
  get running(): number {
    return this.#running
  }

  /** Initialises the plugins that wait for it, and tries those again that failed before. Safe to call at any time. */
  initialize(): Promise<void> {
    return this.#next('initialize', () => this.#initializeAll())
  }

  /** Shuts every initialised plugin down. The next invocation initialises them again. */
  shutdown(): Promise<void> {
    // At once, so that an invocation that starts while plugins shut down knows that it must initialise them again.
    for (const entry of this.#entries) reset(entry)
    return this.#next('shutdown', () => this.#shutdownAll())
  }

  /** Lets all plugins flush at the same time. */
  async flush(): Promise<void> {
    let pending: Promise<void>[] | undefined
    for (const { open, plugin } of this.#entries) {
      if (!open || !plugin.enabled) continue
      try {
        const returned: unknown = plugin.flush()
        if (!isThenable(returned)) continue
        pending ??= []
        pending.push(this.#settle(plugin, 'flush', returned))
      } catch (error) {
        this.#report(plugin, 'flush', error)
      }
    }
    if (pending) await Promise.all(pending)
  }

  /** An invocation begins; `leave` ends it. In between the plugins are not shut down by other invocations. */
  enter(): void {
    this.#running++
  }

  /** An invocation ends: plugins write out what they hold or, if it was the last one and `stop` is set, shut down. */
  async leave(stop: boolean): Promise<void> {
    this.#running--
    await (stop && this.#running === 0 ? this.shutdown() : this.flush())
  }

  /** Whether a hook of this name would reach any plugin. */
  listensTo(hook: HookName): boolean {
    return this.#known.some(plugin => plugin.enabled && hookOf(plugin, hook) !== undefined)
  }

  /** Calls a hook of all enabled plugins. Never throws; resolves when all are done. */
  async callHook<Name extends HookName>(hook: Name, ...args: Parameters<PluginHooks[Name]>): Promise<void> {
    await this.dispatch(hook, ...args)
  }

  /**
   * As `callHook`, but returns undefined when there is nothing to wait for: that is the usual case and costs nothing.
   * The hooks are called before this returns, so a store they enter is inherited by the calling frame.
   */
  dispatch<Name extends HookName>(hook: Name, ...args: Parameters<PluginHooks[Name]>): Promise<unknown> | undefined {
    let pending: Promise<void>[] | undefined
    for (const plugin of this.#known) {
      if (!plugin.enabled) continue
      try {
        const returned: unknown = hookOf(plugin, hook)?.apply(plugin, args)
        if (isThenable(returned)) {
          pending ??= []
          pending.push(this.#settle(plugin, hook, returned))
        }
      } catch (error) {
        this.#report(plugin, hook, error)
      }
    }
    return pending?.length === 1 ? pending[0] : pending && Promise.all(pending)
  }

  /** Lets each plugin in turn lay options over the given ones. */
  async preConfigure(hasuraEvent: HasuraEventPayload, given: ListenToOptions): Promise<ListenToOptions> {
    let options = given
    for (const plugin of this.#known) {
      if (!plugin.enabled || typeof plugin.onPreConfigure !== 'function') continue
      try {
        const changes = await plugin.onPreConfigure(hasuraEvent, options)
        if (changes && typeof changes === 'object') options = { ...options, ...changes }
      } catch (error) {
        this.#report(plugin, 'onPreConfigure', error)
      }
    }
    return options
  }

  getStatus(): ManagerStatus {
    return {
      initialized: this.initialized,
      running: this.#running,
      plugins: this.#entries.map(({ plugin, state, failure }) => ({
        ...plugin.getStatus(),
        initialized: state === 'ready',
        ...(failure === undefined ? {} : { initializeError: failure }),
        failedHooks: [...(this.#failedHooks.get(plugin)?.values() ?? [])].reduce((sum, count) => sum + count, 0),
      })),
    }
  }

  // Steps wait for each other; asking for what is already under way gives the same promise.
  #next(kind: 'initialize' | 'shutdown', work: () => Promise<void>): Promise<void> {
    if (this.#step?.kind === kind) return this.#step.done
    const step = { kind, done: Promise.resolve(this.#step?.done).then(work) }
    this.#step = step
    step.done = step.done.finally(() => {
      if (this.#step === step) this.#step = undefined
    })
    return step.done
  }

  async #initializeAll(): Promise<void> {
    for (const entry of this.#entries) {
      if (entry.state === 'failed') reset(entry)
      if (entry.state !== 'waiting' || !entry.plugin.enabled) continue
      await this.#initializeOne(entry)
    }
  }

  // In the order of registration, because a plugin may rely on an earlier one.
  async #initializeOne(entry: Entry): Promise<void> {
    const { plugin } = entry
    this.#failedHooks.delete(plugin)
    try {
      plugin.setPluginManager?.(this)
      await plugin.initialize()
      entry.state = 'ready'
      entry.open = true
      entry.known = true
      this.#known = this.#entries.filter(each => each.known).map(each => each.plugin)
    } catch (error) {
      entry.state = 'failed'
      entry.failure = messageOf(error)
      plugin.enabled = false
      this.#complain(`Plugin ${plugin.name} is disabled until plugins are initialised again: initialize failed:`, error)
    }
  }

  async #shutdownAll(): Promise<void> {
    for (const entry of this.#entries) {
      reset(entry)
      if (!entry.open) continue
      entry.open = false
      await this.#guard(entry.plugin, 'shutdown', () => entry.plugin.shutdown())
    }
  }

  async #guard(plugin: BasePlugin, method: string, call: () => unknown): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.#report(plugin, method, error)
    }
  }

  async #settle(plugin: BasePlugin, hook: HookName | 'flush', returned: PromiseLike<unknown>): Promise<void> {
    try {
      await returned
    } catch (error) {
      this.#report(plugin, hook, error)
    }
  }

  // Said once for each hook: a hook that fails, fails thousands of times. getStatus() has the count.
  #report(plugin: BasePlugin, method: string, error: unknown): void {
    const counts = this.#failedHooks.get(plugin) ?? new Map<string, number>()
    this.#failedHooks.set(plugin, counts)
    const count = (counts.get(method) ?? 0) + 1
    counts.set(method, count)
    if (count === 1) this.#complain(`Plugin ${plugin.name}: ${method} failed; the host is not affected:`, error)
  }

  #complain(message: string, error: unknown): void {
    const line = { level: 'error', prefix: 'PluginManager', message, args: [error], logType: 'system' } as const
    if (!writeLine(this, false, line)) {
      process.emitWarning(`${message} ${messageOf(error)}`, { type: 'EventDetectorWarning' })
    }
  }
}

/** The process's own plugins: `listenTo` uses these unless told otherwise. */
export const pluginManager = new PluginManager()

function reset(entry: Entry): void {
  if (entry.state === 'failed') {
    entry.plugin.enabled = true
    delete entry.failure
  }
  entry.state = 'waiting'
}

// A plugin that sets a hook to undefined does not want it, and the inherited one does nothing.
function hookOf(plugin: BasePlugin, hook: HookName): ((...args: unknown[]) => unknown) | undefined {
  const method: unknown = plugin[hook]
  if (typeof method !== 'function' || method === BasePlugin.prototype[hook]) return undefined
  return method as (...args: unknown[]) => unknown
}

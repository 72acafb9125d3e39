import type { HostLogger } from './logger.ts'

/** A plugin of the original host. Its hooks are looked up by name and take whatever the host passes. */
export type HostPlugin = InstanceType<HostClasses['BasePlugin']>
export type HostPluginManager = InstanceType<HostClasses['PluginManager']>
export type HostClasses = ReturnType<typeof createPluginClasses>

/** Each copy of the original host has classes of its own: ESM and CJS refuse each other's plugins. */
export function createPluginClasses(logger: HostLogger) {
  class BasePlugin {
    name: string
    enabled: boolean
    config: Record<string, unknown>
    onPreConfigure?(hasuraEvent: unknown, options: unknown): Promise<unknown>
    setPluginManager?(manager: unknown): void

    constructor(config: Record<string, unknown> = {}) {
      this.name = this.constructor.name
      this.enabled = config.enabled !== false
      this.config = config
    }
    async initialize(..._args: unknown[]): Promise<void> {}
    async onInvocationStart(..._args: unknown[]): Promise<void> {}
    async onInvocationEnd(..._args: unknown[]): Promise<void> {}
    async onEventDetectionStart(..._args: unknown[]): Promise<void> {}
    async onEventDetectionEnd(..._args: unknown[]): Promise<void> {}
    async onEventHandlerStart(..._args: unknown[]): Promise<void> {}
    async onEventHandlerEnd(..._args: unknown[]): Promise<void> {}
    async onJobStart(..._args: unknown[]): Promise<void> {}
    async onJobEnd(..._args: unknown[]): Promise<void> {}
    async onLog(..._args: unknown[]): Promise<void> {}
    async onError(..._args: unknown[]): Promise<void> {}
    async flush(..._args: unknown[]): Promise<void> {}
    async shutdown(..._args: unknown[]): Promise<void> {}
    getStatus(): unknown {
      return { name: this.name, enabled: this.enabled, config: this.config }
    }
  }

  class PluginManager {
    initialized = false
    #plugins = new Map<string, BasePlugin>()

    get #enabled(): BasePlugin[] {
      return [...this.#plugins.values()].filter(plugin => plugin.enabled)
    }

    register(plugin: unknown): this {
      if (!(plugin instanceof BasePlugin)) throw new Error('Plugin must extend BasePlugin')
      // Quirk: a second plugin of the same name silently takes the place of the first.
      this.#plugins.set(plugin.name, plugin)
      return this
    }

    async initialize(): Promise<void> {
      for (const plugin of this.#enabled) {
        try {
          plugin.setPluginManager?.(this)
          await plugin.initialize()
        } catch (error) {
          // Quirk: for the rest of the process.
          plugin.enabled = false
          logger.print(`Plugin ${plugin.name} failed to initialize: ${error}`)
        }
      }
      // Quirk: only here, so that callers who come meanwhile initialise again.
      this.initialized = true
    }

    /** Quirk: an async frame of the caller, and what a hook throws or returns instead of a promise rejects it. */
    async callHook(hook: string, ...args: unknown[]): Promise<void> {
      if (!this.initialized) return logger.print(`PluginManager is not initialized, ${hook} is skipped`)
      const pending: Promise<unknown>[] = []
      for (const plugin of this.#plugins.values()) {
        if (!plugin.enabled) continue
        const method: unknown = plugin[hook as keyof BasePlugin]
        if (typeof method !== 'function') continue
        const returned = method.apply(plugin, args) as Promise<unknown>
        pending.push(returned.catch(error => logger.print(`Plugin ${plugin.name} hook ${hook} failed: ${error}`)))
      }
      // Nobody waits where nobody listens.
      if (pending.length > 0) await Promise.allSettled(pending)
    }

    /** How the detector calls all hooks but onLog: through one more async function. */
    async hook(name: string, ...args: unknown[]): Promise<void> {
      return this.callHook(name, ...args)
    }

    async preConfigure(hasuraEvent: unknown, given: object): Promise<object> {
      let options = given
      try {
        for (const plugin of this.#enabled) {
          const changes = await plugin.onPreConfigure?.(hasuraEvent, options)
          if (changes && typeof changes === 'object') options = { ...options, ...changes }
        }
      } catch (error) {
        // Quirk: later plugins are not asked any more.
        logger.print(`onPreConfigure failed: ${error}`)
      }
      return options
    }

    /** Quirk: one after the other, and a plugin that fails keeps the later ones from flushing. */
    async flush(): Promise<void> {
      try {
        for (const plugin of this.#enabled) await plugin.flush()
      } catch (error) {
        logger.print(`flush failed: ${error}`)
      }
    }

    /** Quirk: whoever else is still running loses its hooks. */
    async shutdown(): Promise<void> {
      for (const plugin of this.#enabled) {
        try {
          await plugin.shutdown()
        } catch (error) {
          logger.print(`Plugin ${plugin.name} failed to shut down: ${error}`)
        }
      }
      this.initialized = false
    }
  }

  return { BasePlugin, PluginManager }
}

import type {
  ErrorContext,
  HookDetail,
  HookReturn,
  LogData,
  LogLevel,
  PluginHooks,
  PreConfigured,
} from './plugin-hooks.ts'
import type { PluginManager } from './plugin-manager.ts'
import type {
  HasuraEventPayload,
  JobResult,
  JobRunOptions,
  ListenToOptions,
  ListenToResponse,
  ResolvedOptions,
} from './types.ts'

export interface PluginConfig {
  /** @default true */
  enabled?: boolean
}

export interface PluginStatus {
  name: string
  enabled: boolean
  config?: unknown
}

/**
 * What every plugin extends. Each method does nothing until a plugin overrides it, and is then not even called.
 * A hook may return a promise or nothing; what it throws is logged and harms neither the host nor other plugins.
 */
export class BasePlugin<Config extends PluginConfig = PluginConfig> implements PluginHooks {
  /** Unique in a manager. Assign it where minification would change the class's name. */
  name: string
  /** Read at every hook, so it may be changed at any time. */
  enabled: boolean
  readonly config: Config

  constructor(config: Config = {} as Config) {
    this.name = this.constructor.name
    this.enabled = config.enabled !== false
    this.config = config
  }

  /** Called before the first invocation, and again after every shutdown. If it fails, the plugin is disabled. */
  initialize(): HookReturn {}
  /** Called at the end of every invocation, which waits for it. */
  flush(): HookReturn {}
  shutdown(): HookReturn {}

  /** Called before everything else, one plugin after the other; what it returns is laid over the options. */
  onPreConfigure?(
    hasuraEvent: HasuraEventPayload,
    options: Partial<ListenToOptions>,
  ): void | PreConfigured | Promise<void> | Promise<PreConfigured>
  /** Called before `initialize`. */
  setPluginManager?(manager: PluginManager): void

  onInvocationStart(_hasuraEvent: HasuraEventPayload, _options: ResolvedOptions): HookReturn {}
  onEventDetectionStart(_eventName: string, _hasuraEvent: HasuraEventPayload): HookReturn {}
  onEventDetectionEnd(
    _eventName: string,
    _detected: boolean,
    _hasuraEvent: HasuraEventPayload,
    _durationMs: number,
  ): HookReturn {}
  onEventHandlerStart(_eventName: string, _hasuraEvent: HasuraEventPayload): HookReturn {}
  onEventHandlerEnd(
    _eventName: string,
    _jobResults: JobResult[],
    _hasuraEvent: HasuraEventPayload,
    _durationMs: number,
  ): HookReturn {}
  onJobStart(
    _jobName: string,
    _jobOptions: JobRunOptions,
    _eventName: string,
    _hasuraEvent: HasuraEventPayload,
  ): HookReturn {}
  onJobEnd(
    _jobName: string,
    _result: JobResult,
    _eventName: string,
    _hasuraEvent: HasuraEventPayload,
    _durationMs: number,
    _jobOptions: JobRunOptions,
  ): HookReturn {}
  onLog(
    _level: LogLevel,
    _message: string,
    _data: LogData,
    _jobName: string,
    _correlationId: string,
    _detail?: HookDetail,
  ): HookReturn {}
  onError(_error: Error, _context: ErrorContext, _correlationId: string, _detail?: HookDetail): HookReturn {}
  onInvocationEnd(_hasuraEvent: HasuraEventPayload, _response: ListenToResponse, _durationMs: number): HookReturn {}

  getStatus(): PluginStatus {
    return { name: this.name, enabled: this.enabled, config: this.config }
  }
}

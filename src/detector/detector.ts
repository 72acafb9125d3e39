/** The package's export `./detector`: an event detector with the public API of hasura-event-detector. */
export { BasePlugin, type PluginConfig, type PluginStatus } from './base-plugin.ts'
export { columnHasChanged } from './column-has-changed.ts'
export { type DryRunOptions, dryRun, type Verdict } from './dry-run.ts'
export { listenTo } from './listen-to.ts'
export { getEventLogger, getJobLogger, type Logger, log, logError, logWarn } from './loggers.ts'
export { type ParsedHasuraEvent, parseHasuraEvent } from './parse-hasura-event.ts'
export type {
  ErrorContext,
  HookDetail,
  HookName,
  HookReturn,
  LogData,
  LogLevel,
  PluginHooks,
  PreConfigured,
} from './plugin-hooks.ts'
export { type ManagerStatus, PluginManager, pluginManager } from './plugin-manager.ts'
export { job, run } from './run.ts'
export type {
  DetectorFunction,
  EventModule,
  EventResult,
  HandlerFunction,
  HasuraEventData,
  HasuraEventPayload,
  HasuraOperation,
  Job,
  JobFunction,
  JobOptions,
  JobResult,
  JobRunOptions,
  ListenToOptions,
  ListenToResponse,
  NamedEventModule,
  ResolvedOptions,
  Row,
  TimeoutConfig,
} from './types.ts'

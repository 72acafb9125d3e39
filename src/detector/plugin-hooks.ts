import type {
  HasuraEventPayload,
  JobResult,
  JobRunOptions,
  ListenToOptions,
  ListenToResponse,
  ResolvedOptions,
} from './types.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Where an error came from. */
export type ErrorContext = 'job' | 'event_handler' | 'event_detection'

/** What an error or a log line belongs to, as far as it is known. */
export interface HookDetail {
  hasuraEvent: HasuraEventPayload
  eventName?: string
  jobName?: string
  /** The very object that `onJobStart` got. */
  jobOptions?: JobRunOptions
}

export interface LogData {
  source: string
  prefix: string
  originalArgs: readonly unknown[]
  /** Whose line it is: the runtime's, an event module's or a job's. */
  logType: 'system' | 'detector' | 'job'
  eventName?: string
  error?: { name: string; message: string; stack?: string }
}

export type HookReturn = void | Promise<void>

/** What `onPreConfigure` may return: options to lay over the caller's. */
export type PreConfigured = Partial<ListenToOptions> | null | undefined

/**
 * The hooks around an invocation, in the order in which they are called. Modules and jobs run side by side, so theirs
 * interleave. All plugins get a hook at the same time, and it is awaited, except `onLog`.
 */
export interface PluginHooks {
  onInvocationStart(hasuraEvent: HasuraEventPayload, options: ResolvedOptions): HookReturn
  onEventDetectionStart(eventName: string, hasuraEvent: HasuraEventPayload): HookReturn
  onEventDetectionEnd(
    eventName: string,
    detected: boolean,
    hasuraEvent: HasuraEventPayload,
    durationMs: number,
  ): HookReturn
  onEventHandlerStart(eventName: string, hasuraEvent: HasuraEventPayload): HookReturn
  /** Called with the results that the handler returned, else with those of the jobs it ran. Not called when it throws. */
  onEventHandlerEnd(
    eventName: string,
    jobResults: JobResult[],
    hasuraEvent: HasuraEventPayload,
    durationMs: number,
  ): HookReturn
  /** What is added to `jobOptions` here reaches the job's function. */
  onJobStart(jobName: string, jobOptions: JobRunOptions, eventName: string, hasuraEvent: HasuraEventPayload): HookReturn
  /** `jobOptions` is the object that `onJobStart` got: it tells jobs of one name apart. */
  onJobEnd(
    jobName: string,
    result: JobResult,
    eventName: string,
    hasuraEvent: HasuraEventPayload,
    durationMs: number,
    jobOptions: JobRunOptions,
  ): HookReturn
  /** `jobName` is `system` and `correlationId` empty when the line belongs to no job or invocation. */
  onLog(
    level: LogLevel,
    message: string,
    data: LogData,
    jobName: string,
    correlationId: string,
    detail?: HookDetail,
  ): HookReturn
  onError(error: Error, context: ErrorContext, correlationId: string, detail?: HookDetail): HookReturn
  /** Called exactly once for each `onInvocationStart`. */
  onInvocationEnd(hasuraEvent: HasuraEventPayload, response: ListenToResponse, durationMs: number): HookReturn
}

export type HookName = keyof PluginHooks

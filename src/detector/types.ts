import type { PluginManager } from './plugin-manager.ts'

export type HasuraOperation = 'INSERT' | 'UPDATE' | 'DELETE' | 'MANUAL'

export type Row = Record<string, unknown>

/** The row before and after a change; null where there was or is none. */
export interface HasuraEventData<R = Row> {
  old: R | null
  new: R | null
}

/**
 * What Hasura sends for one row change. Only `event.op` and `event.data` are checked; everything else may be missing.
 * The fields that start with `__` are added by `listenTo` and by plugins.
 */
export interface HasuraEventPayload<R = Row> {
  id?: string
  created_at?: string
  table?: { schema: string; name: string }
  trigger?: { name: string }
  delivery_info?: { current_retry: number; max_retries: number }
  event: {
    op: HasuraOperation
    data: HasuraEventData<R>
    session_variables?: Record<string, string> | null
    trace_context?: { trace_id: string; span_id: string; sampling_state?: string } | null
  }
  /** `options.context`, or an empty object. */
  __context?: Record<string, unknown>
  /** The UUID that the invocation, its jobs and everything they cause share. */
  __correlationId?: string
  /** Aborted when the invocation's time is up; only with a time limit. */
  __abortSignal?: AbortSignal
  /** The job whose write fired this invocation, if a plugin found it. */
  __sourceJobId?: string
  __invocationId?: string
  [key: string]: unknown
}

/** Whether an event happened. */
export type DetectorFunction = (event: string, hasuraEvent: HasuraEventPayload) => boolean | Promise<boolean>

/** What to do when it did; returns what `run` gave it, so that the jobs are in the response. */
export type HandlerFunction = (event: string, hasuraEvent: HasuraEventPayload) => Promise<JobResult[] | undefined>

export interface EventModule {
  detector: DetectorFunction
  handler: HandlerFunction
}

export interface NamedEventModule extends EventModule {
  name: string
}

/** One job's work; what it returns (or resolves to) is the job's result. */
export type JobFunction = (event: string, hasuraEvent: HasuraEventPayload, options: JobRunOptions) => unknown

export interface JobOptions {
  /** @default the function's name, or `anonymous` */
  jobName?: string
  /** Longest the job may take with all its attempts, in milliseconds; it is then reported as failed. @default none */
  timeout?: number
  /** How often the function is called again after it failed. @default 0 */
  retries?: number
  /** Pause before it is called again, in milliseconds. @default 200 */
  retryDelay?: number
  [key: string]: unknown
}

/** A job's own options and what it needs to know of its run. Made anew for each run; `onJobStart` may add to it. */
export interface JobRunOptions extends JobOptions {
  jobName: string
  /** The function's own name, if it has one. */
  functionName?: string
  correlationId?: string
  /** Aborted when the job's or the invocation's time is up; only when either has a limit. */
  abortSignal?: AbortSignal
  /** The job's id in a plugin's records, if a plugin keeps any. */
  jobExecutionId?: string
  /** The tracking token that came with the change, if a plugin found one. */
  sourceTrackingToken?: string
}

export interface Job {
  func: JobFunction
  options?: JobOptions
}

export interface JobResult {
  name: string
  /** Whole milliseconds, all attempts together. */
  durationMs: number
  /** What the function returned; null when the job failed. */
  result: unknown
  completed: boolean
  /** Why the job failed. Something thrown that is no Error is its `cause`. A timeout's `name` is `TimeoutError`. */
  error?: Error
  startTime: Date
  endTime: Date
}

export interface TimeoutConfig {
  /** @default true, if `getRemainingTimeInMillis` or `serverlessMode` is given */
  enabled?: boolean
  /** The platform's own clock: milliseconds until it stops the function. */
  getRemainingTimeInMillis?: () => number
  /** The process may freeze after the answer: plugins are shut down at the end instead of flushed. @default false */
  serverlessMode?: boolean
  /** How long before the end the invocation is answered, in milliseconds. @default 2000 */
  safetyMargin?: number
  /** Time from the call until the end, in milliseconds; used without `getRemainingTimeInMillis`. @default 10000 */
  maxExecutionTime?: number
}

export interface ListenToOptions {
  /** Anything the detectors, jobs and plugins should know; they find it as `hasuraEvent.__context`. */
  context?: Record<string, unknown> | undefined
  /** Used if it is a UUID, otherwise a new one is made. */
  correlationId?: string | undefined
  /** For plugins: the id of this invocation in their records. */
  invocationId?: string | undefined
  sourceTrackingToken?: string | undefined
  /** For plugins: the function that was called. */
  sourceFunction?: string | undefined
  /** Event modules, or names of files in `eventModulesDirectory`. */
  eventModules?: readonly (NamedEventModule | string)[] | undefined
  /** Resolved against the working directory. @default events */
  eventModulesDirectory?: string | undefined
  /** Whether every module in the directory is asked. @default true, unless `eventModules` is given */
  autoLoadEventModules?: boolean | undefined
  /** Whether the modules are the default export of the directory's `index` file instead. @default false */
  loadModulesFromIndex?: boolean | undefined
  /** If not empty, only the modules of these names are asked. @default [] */
  listenedEvents?: readonly string[] | undefined
  timeoutConfig?: TimeoutConfig | undefined
  /** Whether log lines of this invocation are printed, too. @default false */
  logToConsole?: boolean | undefined
  /** Whose plugins are called. @default the process's own `pluginManager` */
  pluginManager?: PluginManager | undefined
}

/** The options with every default filled in; `onInvocationStart` gets this. */
export interface ResolvedOptions extends Omit<ListenToOptions, 'pluginManager'> {
  /** Absolute. */
  eventModulesDirectory: string
  autoLoadEventModules: boolean
  loadModulesFromIndex: boolean
  /** From the end of `onInvocationStart` on: the names of the modules that are asked. */
  listenedEvents: readonly string[]
}

export interface EventResult {
  name: string
  detected: boolean
  /** Empty for an event that was not detected. */
  jobs: JobResult[]
  /** What the detector or the handler threw, or why the module could not be loaded. */
  error?: Error
}

export interface ListenToResponse {
  events: EventResult[]
  /** Whole milliseconds. */
  durationMs: number
  /** The time was up: `events` holds what was known by then. */
  timedOut?: true
  error?: Error
}

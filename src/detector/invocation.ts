import { createAttachment } from '../attachment.ts'
import { writeLine } from './log-line.ts'
import type { ErrorContext, HookDetail, LogData, LogLevel } from './plugin-hooks.ts'
import { type PluginManager, pluginManager } from './plugin-manager.ts'
import type { EventResult, HasuraEventPayload, JobResult, JobRunOptions } from './types.ts'

/** One call of `listenTo`, as its modules and jobs see it. */
export interface Invocation {
  plugins: PluginManager
  hasuraEvent: HasuraEventPayload
  correlationId: string
  logToConsole: boolean
  abortSignal: AbortSignal | undefined
  /** In the order in which the modules are asked. */
  events: AskedEvent[]
  /** Detectors are only asked: jobs that one of them starts by itself do not run. */
  isDryRun?: true
}

/** What is known so far of one event module's answer. */
export interface AskedEvent {
  name: string
  /** Undefined until the detector has answered. */
  detected: boolean | undefined
  error?: Error
  /** What the handler returned, if it was a list. */
  returned?: JobResult[]
  /** The jobs that were started, in that order; a place is empty until its job has ended. */
  jobs: (JobResult | undefined)[]
}

// Payloads are the only thing that tells invocations apart: correlation ids are shared by design.
const invocations = createAttachment<Invocation>()

export function openInvocation(invocation: Invocation): void {
  invocations.set(invocation.hasuraEvent, invocation)
}

/** The invocation of a payload. A payload that did not go through `listenTo` gets one of the process's own plugins. */
export function invocationOf(hasuraEvent: HasuraEventPayload): Invocation {
  return invocations.get(hasuraEvent) ?? withoutListenTo(hasuraEvent)
}

function withoutListenTo(hasuraEvent: HasuraEventPayload | undefined): Invocation {
  return {
    plugins: pluginManager,
    hasuraEvent: hasuraEvent as HasuraEventPayload,
    correlationId: hasuraEvent?.__correlationId ?? '',
    logToConsole: false,
    abortSignal: hasuraEvent?.__abortSignal,
    events: [],
  }
}

/** What an event contributes to the response. */
export function toEventResult(event: AskedEvent): EventResult {
  const jobs = event.returned ?? event.jobs.filter(job => job !== undefined)
  const result: EventResult = { name: event.name, detected: event.detected === true, jobs }
  if (event.error) result.error = event.error
  return result
}

/** What an error or a log line of this invocation belongs to. */
export function detailOf(
  invocation: Invocation,
  eventName?: string,
  jobName?: string,
  jobOptions?: JobRunOptions,
): HookDetail {
  const detail: HookDetail = { hasuraEvent: invocation.hasuraEvent }
  if (eventName !== undefined) detail.eventName = eventName
  if (jobName !== undefined) detail.jobName = jobName
  if (jobOptions !== undefined) detail.jobOptions = jobOptions
  return detail
}

/** Tells the plugins of an error, and waits for them. */
export async function reportError(
  invocation: Invocation,
  error: Error,
  context: ErrorContext,
  detail: HookDetail,
): Promise<void> {
  const pending = invocation.plugins.dispatch('onError', error, context, invocation.correlationId, detail)
  if (pending) await pending
}

export function writeInvocationLine(
  invocation: Invocation,
  logType: LogData['logType'],
  level: LogLevel,
  prefix: string,
  message: unknown,
  args: readonly unknown[],
  detail: HookDetail,
): void {
  const { plugins, logToConsole, correlationId } = invocation
  writeLine(plugins, logToConsole, { level, prefix, message, args, logType, correlationId, detail })
}

import { createAttachment } from '../attachment.ts'
import { detailOf, invocationOf, writeInvocationLine } from './invocation.ts'
import { type LogLine, writeLine } from './log-line.ts'
import type { LogData, LogLevel } from './plugin-hooks.ts'
import { pluginManager } from './plugin-manager.ts'
import type { HasuraEventPayload, JobRunOptions } from './types.ts'

/** Its methods may be taken off it: `const { info } = getJobLogger(…)`. They never throw. */
export interface Logger {
  debug(message: unknown, ...args: unknown[]): void
  info(message: unknown, ...args: unknown[]): void
  warn(message: unknown, ...args: unknown[]): void
  error(message: unknown, ...args: unknown[]): void
  /** The same as `info`. */
  log(message: unknown, ...args: unknown[]): void
}

// Which event a job belongs to, so that its log lines name it.
const eventOfJob = createAttachment<string>()

export function rememberEventOfJob(options: JobRunOptions, eventName: string): void {
  eventOfJob.set(options, eventName)
}

/** For a job's function: lines carry the job's name and correlation id. */
export function getJobLogger(hasuraEvent: HasuraEventPayload, options: JobRunOptions): Logger {
  return createLogger(hasuraEvent, 'job', options.jobName, eventOfJob.get(options), options)
}

/** For a detector or handler: lines carry the event's name and the correlation id. */
export function getEventLogger(eventName: string, hasuraEvent: HasuraEventPayload): Logger {
  return createLogger(hasuraEvent, 'detector', eventName, eventName)
}

/** Logs outside of any invocation: to the process's own plugins, or to the console if none of them listens. */
export function log(prefix: string, message: unknown, ...args: unknown[]): void {
  writeSystemLine('info', prefix, message, args)
}

export function logWarn(prefix: string, message: unknown, ...args: unknown[]): void {
  writeSystemLine('warn', prefix, message, args)
}

export function logError(prefix: string, message: unknown, ...args: unknown[]): void {
  writeSystemLine('error', prefix, message, args)
}

function createLogger(
  hasuraEvent: HasuraEventPayload,
  logType: LogData['logType'],
  prefix: string,
  eventName: string | undefined,
  jobOptions?: JobRunOptions,
): Logger {
  const invocation = invocationOf(hasuraEvent)
  const detail = detailOf(invocation, eventName, jobOptions?.jobName, jobOptions)
  const at =
    (level: LogLevel) =>
    (message: unknown, ...args: unknown[]) =>
      writeInvocationLine(invocation, logType, level, prefix, message, args, detail)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), log: at('info') }
}

function writeSystemLine(level: LogLevel, prefix: string, message: unknown, args: unknown[]): void {
  const line: LogLine = { level, prefix, message, args, logType: 'system' }
  if (!writeLine(pluginManager, false, line)) writeLine(pluginManager, true, line)
}

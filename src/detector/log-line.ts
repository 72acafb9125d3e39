import { inspect } from 'node:util'
import type { HookDetail, LogData, LogLevel } from './plugin-hooks.ts'
import type { PluginManager } from './plugin-manager.ts'

export interface LogLine {
  level: LogLevel
  /** Who speaks: an event, a job, a part of the runtime. */
  prefix: string
  message: unknown
  args: readonly unknown[]
  logType: LogData['logType']
  correlationId?: string | undefined
  detail?: HookDetail
}

/** Gives a line to the plugins, and prints it if wanted. Returns whether anybody was listening; never throws. */
export function writeLine(plugins: PluginManager, toConsole: boolean, line: LogLine): boolean {
  const listened = plugins.listensTo('onLog')
  if (!listened && !toConsole) return false

  const message = `[${line.prefix}] ${[line.message, ...line.args].map(toText).join(' ')}`
  if (toConsole) print(line.level, message)
  if (listened) {
    const data: LogData = {
      source: 'event-detector',
      prefix: line.prefix,
      originalArgs: line.args,
      logType: line.logType,
    }
    if (line.detail?.eventName !== undefined) data.eventName = line.detail.eventName
    const error = line.args.find(arg => arg instanceof Error)
    if (error) data.error = describe(error)
    // Nobody waits for a log line.
    void plugins.dispatch(
      'onLog',
      line.level,
      message,
      data,
      line.detail?.jobName ?? 'system',
      line.correlationId ?? '',
      line.detail,
    )
  }
  return true
}

function print(level: LogLevel, message: string): void {
  if (level === 'error') console.error(message)
  else if (level === 'warn') console.warn(message)
  else console.log(message)
}

// Whatever a job logs must not make the job fail: a circular object, a BigInt, a getter that throws.
function toText(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return value instanceof Error ? value.message : inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY })
  } catch {
    return `(a ${typeof value} that cannot be shown)`
  }
}

function describe(error: Error): NonNullable<LogData['error']> {
  const { name, message, stack } = error
  return stack === undefined ? { name, message } : { name, message, stack }
}

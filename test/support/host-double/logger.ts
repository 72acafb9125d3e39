interface Listener {
  initialized: boolean
  callHook(hook: string, ...args: unknown[]): Promise<void>
}

interface Line {
  level: string
  prefix: string
  message: unknown
  args: unknown[]
  logType?: 'system' | 'detector' | 'job'
  eventName?: string
  jobName?: string
  correlationId?: string
}

/** The original host's logger. It collects what would be on the console, and prints it if it is told how. */
export class HostLogger {
  /** Quirk: one flag for the whole process, and on by default. */
  toConsole = true
  readonly printed: string[] = []
  #listener: Listener | undefined
  readonly #onPrint: ((line: string) => void) | undefined

  constructor(onPrint?: (line: string) => void) {
    this.#onPrint = onPrint
  }

  /** Quirk: done only by listenTo's own initialisation, so an application that initialises itself gets no onLog. */
  connect(listener: Listener): void {
    this.#listener = listener
  }

  print(line: string): void {
    this.printed.push(line)
    this.#onPrint?.(line)
  }

  write(line: Line): void {
    const { level, prefix, args, logType = 'system', jobName = 'system', correlationId = '' } = line
    // Quirk: JSON.stringify throws for a circular object, in whoever logs it.
    const texts = [line.message, ...args].map(arg => (typeof arg === 'object' ? JSON.stringify(arg) : String(arg)))
    const message = `[${prefix}] ${texts.join(' ')}`
    const connected = this.#listener?.initialized === true
    if (this.toConsole || !connected) this.print(message)
    if (!connected) return
    const data: Record<string, unknown> = { source: 'internal_logger', prefix, originalArgs: args, logType }
    if (line.eventName !== undefined) data.eventName = line.eventName
    // Not awaited: it may arrive in any order, and after the invocation has ended.
    this.#listener?.callHook('onLog', level, message, data, jobName, correlationId).catch(() => this.print(message))
  }

  /** The talk of the host about itself. */
  chatter(prefix: string, ...messages: string[]): void {
    for (const message of messages) this.write({ level: 'info', prefix, message, args: [] })
  }

  scoped(scope: Pick<Line, 'prefix'> & Partial<Line>): ScopedLogger {
    const at =
      (level: string) =>
      (message: unknown, ...args: unknown[]) =>
        this.write({ ...scope, level, message, args })
    return { info: at('info'), warn: at('warn'), error: at('error'), log: at('info') }
  }
}

export type ScopedLogger = Record<'info' | 'warn' | 'error' | 'log', (message: unknown, ...args: unknown[]) => void>

import { format, type InspectOptions, inspect } from 'node:util'
import type { LogLevel } from './records.ts'

type Method = 'debug' | 'log' | 'info' | 'warn' | 'error' | 'trace' | 'dir' | 'dirxml'

// The methods that others (table, group, count, assert, timeEnd …) print with.
const LEVELS: Readonly<Record<Method, LogLevel>> = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  trace: 'trace',
  dir: 'info',
  dirxml: 'info',
}

/**
 * Listens to `console.*` from now on and returns how to stop. The application's output is exactly what it was: the
 * original method is called first, with the same arguments and `this`, and whatever `onLine` does cannot reach the caller.
 */
export function captureConsole(
  onLine: (level: LogLevel, message: string) => void,
  target: Console = console,
): () => void {
  const undo: (() => void)[] = []
  let listening = true
  let inside = false
  let lines = 0
  // Of the outermost call: console.trace prints with console.error.
  let level: LogLevel | null = null
  for (const method of Object.keys(LEVELS) as Method[]) {
    const original = target[method] as (...args: unknown[]) => void
    const wrapped = function (this: unknown, ...args: unknown[]): void {
      const outer = level
      const linesBefore = lines
      level ??= LEVELS[method]
      const lineLevel = level
      try {
        original.apply(this, args)
      } finally {
        level = outer
      }
      // What it printed with another of these methods is recorded.
      if (inside || !listening || lines !== linesBefore) return
      // Formatting runs toString and inspect of the caller's objects, which may print in turn.
      inside = true
      lines++
      try {
        onLine(lineLevel, method === 'dir' ? shown(args) : format(...args))
      } catch {
        // What cannot be formatted was printed by the original, or failed there; it is only not recorded.
      } finally {
        inside = false
      }
    }
    target[method] = wrapped
    undo.push(() => {
      // Someone may have wrapped ours since; then ours stays beneath and goes quiet with its listener.
      if (target[method] === wrapped) target[method] = original
    })
  }
  return () => {
    listening = false
    for (const restore of undo) restore()
  }
}

// As console.dir does it.
function shown([value, options]: readonly unknown[]): string {
  return inspect(value, { customInspect: false, ...(options as InspectOptions | undefined), colors: false })
}

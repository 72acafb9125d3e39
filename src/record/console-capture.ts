import { format } from 'node:util'
import type { LogLevel } from './records.ts'

const LEVELS = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  trace: 'trace',
} as const satisfies Record<string, LogLevel>
type Method = keyof typeof LEVELS

/**
 * Listens to `console.*` from now on and returns how to stop. The application's output is exactly what it was: the
 * original method is called first, with the same arguments and `this`, and whatever `onLine` does cannot reach the caller.
 */
export function captureConsole(
  onLine: (level: LogLevel, message: string) => void,
  target: Console = console,
): () => void {
  const undo: (() => void)[] = []
  let inside = false
  for (const method of Object.keys(LEVELS) as Method[]) {
    const original = target[method]
    const wrapped = function (this: unknown, ...args: unknown[]): void {
      original.apply(this, args)
      if (inside) return
      // Formatting runs toString and inspect of the caller's objects, which may print in turn.
      inside = true
      try {
        onLine(LEVELS[method], format(...args))
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
  let listening = true
  const listener = onLine
  onLine = (level, message) => {
    if (listening) listener(level, message)
  }
  return () => {
    listening = false
    for (const restore of undo) restore()
  }
}

import { SECOND } from '../units.ts'
import { msSince } from './ms-since.ts'
import { timeoutError } from './timeout-error.ts'
import type { TimeoutConfig } from './types.ts'

const SAFETY_MARGIN_MS = 2 * SECOND
const MAX_EXECUTION_MS = 10 * SECOND
/** The platform's clock need not run as ours does, so it is asked this often. */
const POLL_MS = SECOND / 2

export interface TimeLimit {
  /** Fires when the time is up. */
  signal: AbortSignal
  /** Resolves when the time is up. */
  reached: Promise<Error>
  stop(): void
}

/** Watches the time an invocation has left, if it has a limit. `startedAt` is a `performance.now()`. */
export function watchTimeLimit(config: TimeoutConfig | undefined, startedAt: number): TimeLimit | undefined {
  const { enabled = true, getRemainingTimeInMillis, serverlessMode, safetyMargin = SAFETY_MARGIN_MS } = config ?? {}
  if (!enabled || !(getRemainingTimeInMillis || serverlessMode)) return undefined
  const maxExecutionMs = config?.maxExecutionTime ?? MAX_EXECUTION_MS

  const remainingMs = (): number => {
    try {
      const told = getRemainingTimeInMillis?.()
      if (Number.isFinite(told)) return told as number
    } catch {
      // A platform without a clock has the configured one.
    }
    return maxExecutionMs - msSince(startedAt)
  }

  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const reached = new Promise<Error>(resolve => {
    const check = (): void => {
      const leftMs = remainingMs()
      if (leftMs > safetyMargin) {
        timer = setTimeout(check, Math.min(leftMs - safetyMargin, POLL_MS))
        return
      }
      const error = timeoutError(
        `The invocation was answered after ${msSince(startedAt)} ms, before all of it was done: ${Math.round(leftMs)} ms were left, and ${safetyMargin} ms are kept as a margin`,
      )
      resolve(error)
      controller.abort(error)
    }
    check()
  })
  return { signal: controller.signal, reached, stop: () => clearTimeout(timer) }
}

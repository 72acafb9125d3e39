import { toError } from './to-error.ts'
import type { HasuraEventPayload, JobFunction, JobRunOptions } from './types.ts'

const RETRY_DELAY_MS = 200

/** Calls a job's function until it succeeds, has no retries left, or is aborted; then throws what it threw last. */
export async function attemptJob(
  func: JobFunction,
  eventName: string,
  hasuraEvent: HasuraEventPayload,
  options: JobRunOptions,
  warn: (message: string, error: Error) => void,
): Promise<unknown> {
  const { abortSignal, retries = 0, retryDelay = RETRY_DELAY_MS } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await func(eventName, hasuraEvent, options)
    } catch (thrown) {
      if (attempt > retries || abortSignal?.aborted) throw thrown
      warn(`attempt ${attempt} of ${retries + 1} failed, the next is in ${retryDelay} ms:`, toError(thrown))
      await pause(retryDelay, abortSignal)
      if (abortSignal?.aborted) throw thrown
    }
  }
}

/** Resolves after the time, or as soon as the signal fires. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}

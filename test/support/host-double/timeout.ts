import type { HostOptions } from './host.ts'

/** The original's timeout manager: it looks at the clock now and then, and tells when the end is near. */
export function startTimeout(config: HostOptions['timeoutConfig'], pollMs: number) {
  const {
    enabled,
    getRemainingTimeInMillis,
    serverlessMode,
    safetyMargin = 2000,
    maxExecutionTime = 10_000,
  } = config ?? {}
  if (enabled === false || !(getRemainingTimeInMillis || serverlessMode)) return undefined
  const startedAt = Date.now()
  const controller = new AbortController()
  let poll: NodeJS.Timeout | undefined
  const near = new Promise<Error>(resolve => {
    poll = setInterval(() => {
      const leftMs = getRemainingTimeInMillis?.() ?? maxExecutionTime - (Date.now() - startedAt)
      if (leftMs > safetyMargin) return
      clearInterval(poll)
      controller.abort()
      resolve(new Error(`Timeout: ${leftMs}ms left`))
    }, pollMs)
  })
  return { signal: controller.signal, near, stop: () => clearInterval(poll) }
}

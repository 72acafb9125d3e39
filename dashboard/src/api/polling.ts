const MAX_BACKOFF_MS = 10_000
/** What takes long is asked less often, so that many who look do not slow the database: reads take a fifth of the time. */
const REST_PER_READ = 4
const MAX_REST_MS = 15_000

export interface PollOptions {
  /** One read. Its own errors end in `onError`. */
  read: (signal: AbortSignal) => Promise<void>
  onError: (error: unknown) => void
  /** Asked after each read; null means: not again. */
  nextDelayMs: () => number | null
}

export interface Polling {
  stop: () => void
  /** Read now, whatever was planned. */
  kick: () => void
  /** Ask anew when to read next: the answer has changed. */
  replan: () => void
}

/**
 * Reads at once, then again `nextDelayMs` after each answer, later after a slow one; a slow server is never asked twice at
 * a time. A hidden tab asks nothing and reads again the moment it is shown. After an error the pause doubles, up to ten
 * seconds.
 */
export function startPolling({ read, onError, nextDelayMs }: PollOptions): Polling {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: AbortController | null = null
  let stopped = false
  let failures = 0
  let tookMs = 0

  const run = async () => {
    clearTimeout(timer)
    if (stopped || running) return
    const controller = new AbortController()
    running = controller
    const startedAt = performance.now()
    try {
      await read(controller.signal)
      failures = 0
    } catch (error) {
      if (controller.signal.aborted) return
      failures += 1
      onError(error)
    } finally {
      if (running === controller) running = null
      tookMs = performance.now() - startedAt
    }
    plan()
  }

  const plan = () => {
    clearTimeout(timer)
    const delay = nextDelayMs()
    if (stopped || document.hidden) return
    if (failures > 0) timer = setTimeout(run, Math.min(MAX_BACKOFF_MS, Math.max(500, delay ?? 1000) * 2 ** failures))
    else if (delay !== null) timer = setTimeout(run, Math.max(delay, Math.min(MAX_REST_MS, tookMs * REST_PER_READ)))
  }

  const onVisibility = () => {
    if (document.hidden) clearTimeout(timer)
    else if (failures > 0 || nextDelayMs() !== null) void run()
  }
  document.addEventListener('visibilitychange', onVisibility)
  void run()

  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      running?.abort()
      document.removeEventListener('visibilitychange', onVisibility)
    },
    kick: () => void run(),
    replan: plan,
  }
}

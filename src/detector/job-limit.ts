import { timeoutError } from './timeout-error.ts'

/** Longer waits than this make a timer fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The time that one job may take. Its signal fires when that is over, and when the invocation's signal fires. */
export class JobLimit {
  #controller = new AbortController()
  #jobName: string
  #timeoutMs: number
  #outer: AbortSignal | undefined

  /** Undefined for a job without a limit: it needs no signal of its own. */
  static of(jobName: string, timeoutMs: unknown, outer: AbortSignal | undefined): JobLimit | undefined {
    if (typeof timeoutMs !== 'number' || !(timeoutMs > 0) || timeoutMs > LONGEST_TIMER_MS) return undefined
    return new JobLimit(jobName, timeoutMs, outer)
  }

  private constructor(jobName: string, timeoutMs: number, outer: AbortSignal | undefined) {
    this.#jobName = jobName
    this.#timeoutMs = timeoutMs
    this.#outer = outer
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Settles as `work` does, or rejects when the time is over; what becomes of `work` then is nobody's concern. */
  race(work: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const forward = (): void => this.#controller.abort(this.#outer?.reason)
      const timer = setTimeout(() => {
        const error = timeoutError(
          `Job "${this.#jobName}" was stopped waiting for after ${this.#timeoutMs} ms: its signal was fired, and whatever it still does is not awaited`,
        )
        // Before the signal fires, so that a function that obeys it cannot settle the job first.
        reject(error)
        this.#controller.abort(error)
      }, this.#timeoutMs)
      this.#outer?.addEventListener('abort', forward)
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer)
        this.#outer?.removeEventListener('abort', forward)
      })
    })
  }
}

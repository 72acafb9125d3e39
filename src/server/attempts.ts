export interface AttemptLimits {
  /** Most failures of one caller within the window. */
  readonly perCaller: number
  /** Most failures of all callers together. */
  readonly inAll: number
  /** In milliseconds. */
  readonly windowMs: number
}

// Beyond, all callers share one count: whoever has so many addresses is held back by the limit for all.
const MAX_CALLERS = 10_000

/** Counts failures within a window of time, for each caller and for all, so that passwords cannot be tried out. */
export class Attempts {
  readonly #limits: AttemptLimits
  readonly #byCaller = new Map<string, number>()
  #inAll = 0
  #windowStartedAt: number

  constructor(limits: AttemptLimits, now: number) {
    this.#limits = limits
    this.#windowStartedAt = now
  }

  /** How long the caller has to wait, in milliseconds; 0 when it may try. */
  waitFor(caller: string, now: number): number {
    this.#turn(now)
    const { perCaller, inAll, windowMs } = this.#limits
    const isTooMuch = (this.#byCaller.get(caller) ?? 0) >= perCaller || this.#inAll >= inAll
    return isTooMuch ? this.#windowStartedAt + windowMs - now : 0
  }

  failed(caller: string, now: number): void {
    this.#turn(now)
    this.#inAll++
    if (this.#byCaller.size < MAX_CALLERS) this.#byCaller.set(caller, (this.#byCaller.get(caller) ?? 0) + 1)
  }

  #turn(now: number): void {
    if (now - this.#windowStartedAt < this.#limits.windowMs) return
    this.#windowStartedAt = now
    this.#inAll = 0
    this.#byCaller.clear()
  }
}

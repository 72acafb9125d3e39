import { GraphqlError } from './errors.ts'

const MINUTE_MS = 60_000
// Beyond, all others share one count: an attacker with many addresses takes no more memory, and no more requests.
const MAX_CALLERS = 10_000
const OTHERS = ''

/** Counts the requests of each caller within a minute. */
export class RequestRate {
  readonly #nowMs: () => number
  readonly #counts = new Map<string, number>()
  #startedAt: number

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
    this.#startedAt = nowMs()
  }

  /** Throws GraphqlError when `caller` has made `perMinute` requests already. */
  count(caller: string, perMinute: number): void {
    const now = this.#nowMs()
    if (now - this.#startedAt >= MINUTE_MS) {
      this.#startedAt = now
      this.#counts.clear()
    }
    const key = this.#counts.has(caller) || this.#counts.size < MAX_CALLERS ? caller : OTHERS
    const count = this.#counts.get(key) ?? 0
    if (count >= perMinute) {
      const seconds = Math.ceil((this.#startedAt + MINUTE_MS - now) / 1_000)
      throw new GraphqlError(
        'rate-limit-exceeded',
        `rate limit exceeded: at most ${perMinute} requests per minute; wait ${seconds} s`,
      )
    }
    this.#counts.set(key, count + 1)
  }
}

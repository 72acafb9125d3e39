import { HttpError } from '../http-error.ts'

interface Bucket {
  tokens: number
  atMs: number
}

// So many are remembered: an attacker with many addresses takes no more memory.
const MAX_BUCKETS = 10_000
/** Seconds of the rate that may come at once. */
const BURST_SECONDS = 10

/** Events per second, for each key or address: a bucket that holds ten seconds' worth and fills all the time. */
export class RateLimit {
  readonly #perSecond: number
  readonly #nowMs: () => number
  readonly #buckets = new Map<string, Bucket>()

  /** `perSecond` 0: no limit. */
  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
  }

  /**
   * Takes `count` events of `who`'s share. A request may take more than is left, which is known only when it was read: then
   * the next ones wait. Throws INGEST_RATE_LIMITED when nothing is left.
   */
  take(who: string, count: number): void {
    if (this.#perSecond === 0) return
    const capacity = this.#perSecond * BURST_SECONDS
    const atMs = this.#nowMs()
    const bucket = this.#buckets.get(who) ?? { tokens: capacity, atMs }
    bucket.tokens = Math.min(capacity, bucket.tokens + ((atMs - bucket.atMs) / 1_000) * this.#perSecond)
    bucket.atMs = atMs
    // The one that was asked for last goes last.
    this.#buckets.delete(who)
    this.#buckets.set(who, bucket)
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value as string)
    if (bucket.tokens <= 0) {
      const seconds = Math.max(1, Math.ceil(-bucket.tokens / this.#perSecond))
      throw new HttpError(
        429,
        'INGEST_RATE_LIMITED',
        `more than ${this.#perSecond} events per second; wait ${seconds} s`,
        {
          retryAfterSeconds: seconds,
        },
      )
    }
    bucket.tokens -= count
  }
}

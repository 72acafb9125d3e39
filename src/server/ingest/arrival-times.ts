import type { Timestamp } from '../../event/unified-event.ts'

const MAX_IDS = 100_000

/**
 * When events without a time of their own arrived first, so that the same event sent again is the same row. Known as long as
 * the process runs, for the last 100,000 of them.
 */
export class ArrivalTimes {
  readonly #times = new Map<string, Timestamp>()

  of(id: string, now: Timestamp): Timestamp {
    const known = this.#times.get(id)
    if (known !== undefined) return known
    if (this.#times.size >= MAX_IDS) this.#times.delete(this.#times.keys().next().value as string)
    this.#times.set(id, now)
    return now
  }
}

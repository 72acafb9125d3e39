import { messageOf } from '../../errors.ts'
import type { Timestamp } from '../../event/unified-event.ts'
import { forgetOldest } from '../../forget-oldest.ts'
import type { Logger } from '../../log.ts'
import { SECOND } from '../../units.ts'

export interface ArrivalTimesOptions {
  /** When events arrived first, as far as they are stored. Rejects while the database is away. */
  readStored: (ids: readonly string[]) => Promise<ReadonlyMap<string, Timestamp>>
  logger: Logger
  /** Longest wait for the database, in milliseconds. @default 1000 */
  patienceMs?: number
}

const MAX_IDS = 100_000
const FORGOTTEN_AT_ONCE = 10_000
const PATIENCE_MS = 1 * SECOND
// While the database is away, not every request has to find that out.
const PAUSE_MS = 5 * SECOND

/**
 * When events without a time of their own arrived first, so that the same event sent again is the same row: the last 100,000
 * from memory, others from the database. While that is away, an event that only it knows counts as new.
 */
export class ArrivalTimes {
  readonly #options: ArrivalTimesOptions
  readonly #times = new Map<string, Timestamp>()
  /** Ids that are being looked for: who asks for one of them again has to wait for the same answer. */
  readonly #lookups = new Map<string, Promise<void>>()
  #pausedUntil = Number.NEGATIVE_INFINITY

  constructor(options: ArrivalTimesOptions) {
    this.#options = options
  }

  /** Undefined when it has to be looked for. */
  known(id: string): Timestamp | undefined {
    return this.#times.get(id)
  }

  /** The times of events, `now` for those that arrive for the first time. Never rejects. */
  async find(ids: readonly string[], now: Timestamp): Promise<ReadonlyMap<string, Timestamp>> {
    // While this waits they may be forgotten.
    const known = ids.map(id => this.#times.get(id))
    const mine = [...new Set(ids)].filter(id => !this.#times.has(id) && !this.#lookups.has(id))
    if (mine.length > 0) {
      const lookup = this.#lookUp(mine, now)
      for (const id of mine) this.#lookups.set(id, lookup)
    }
    await Promise.all(new Set(ids.map(id => this.#lookups.get(id))))
    return new Map(ids.map((id, place) => [id, known[place] ?? this.#times.get(id) ?? now]))
  }

  async #lookUp(ids: readonly string[], now: Timestamp): Promise<void> {
    const stored = await this.#stored(ids)
    for (const id of ids) {
      if (this.#times.size >= MAX_IDS) forgetOldest(this.#times, FORGOTTEN_AT_ONCE)
      this.#times.set(id, stored.get(id) ?? now)
      this.#lookups.delete(id)
    }
  }

  async #stored(ids: readonly string[]): Promise<ReadonlyMap<string, Timestamp>> {
    if (performance.now() < this.#pausedUntil) return NONE
    let timer: NodeJS.Timeout | undefined
    try {
      return await Promise.race([
        this.#options.readStored(ids),
        new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(new Error('the database did not answer in time')),
            this.#options.patienceMs ?? PATIENCE_MS,
          )
        }),
      ])
    } catch (error) {
      this.#pausedUntil = performance.now() + PAUSE_MS
      this.#options.logger.warn(
        { events: ids.length, error: messageOf(error) },
        'whether events without a time came before could not be looked up; they count as new',
      )
      return NONE
    } finally {
      clearTimeout(timer)
    }
  }
}

const NONE: ReadonlyMap<string, Timestamp> = new Map()

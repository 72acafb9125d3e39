import type { IdParts } from '../correlation/uuid.ts'

// So many are remembered at least, and twice as many at most: a few minutes of a busy process.
const MIN_JOBS = 5_000
// A power of two, of which a good third stays empty, so that looking for a place is short. Takes 190 KB, twice at most.
const PLACES = 8_192

// The database that stamps a change and this process may read different clocks.
const TOLERANCE_MS = 25

type JobId = Pick<IdParts, 'idHigh' | 'idLow'>

/** When the jobs of this process ran lately: tells whether a job can have made a change. */
export class JobTimes {
  // Two halves, of which the older one goes as a whole.
  #recent: Times | null = null
  #older: Times | null = null

  started(id: JobId, atMs: number): void {
    this.#recent ??= new Times()
    if (this.#recent.count >= MIN_JOBS) {
      const oldest = this.#older ?? new Times()
      oldest.clear()
      this.#older = this.#recent
      this.#recent = oldest
    }
    this.#recent.add(id, atMs)
  }

  ended(id: JobId, atMs: number): void {
    if (!this.#recent?.end(id, atMs)) this.#older?.end(id, atMs)
  }

  /** Whether the job ran at an instant, the `created_at` of a payload; without one, whether it runs now. */
  wasRunning(id: string, at: unknown, nowMs: number): boolean {
    const job = idOf(id)
    const atMs = toMs(at) ?? nowMs
    return this.#recent?.ran(job, atMs) ?? this.#older?.ran(job, atMs) ?? false
  }
}

/**
 * A table of numbers, found by an id's random bits. As objects in a map they cost more than all else about a job: each lives long
 * enough to be moved by every collection of garbage.
 */
class Times {
  count = 0
  readonly #high = new Int32Array(PLACES)
  readonly #low = new Int32Array(PLACES)
  readonly #startedMs = new Float64Array(PLACES)
  readonly #endedMs = new Float64Array(PLACES)

  clear(): void {
    this.count = 0
    this.#high.fill(0)
  }

  add({ idHigh, idLow }: JobId, atMs: number): void {
    const place = this.#placeOf(idHigh, idLow)
    this.#high[place] = idHigh
    this.#low[place] = idLow
    this.#startedMs[place] = atMs
    this.#endedMs[place] = Number.POSITIVE_INFINITY
    this.count++
  }

  /** False when the job is not here. */
  end({ idHigh, idLow }: JobId, atMs: number): boolean {
    const place = this.#placeOf(idHigh, idLow)
    if (this.#high[place] === 0) return false
    this.#endedMs[place] = atMs
    return true
  }

  /** Null when the job is not here. */
  ran({ idHigh, idLow }: JobId, atMs: number): boolean | null {
    const place = this.#placeOf(idHigh, idLow)
    if (this.#high[place] === 0) return null
    const [startedMs, endedMs] = [this.#startedMs[place] as number, this.#endedMs[place] as number]
    return atMs >= startedMs - TOLERANCE_MS && atMs <= endedMs + TOLERANCE_MS
  }

  // Where the job is, or the empty place where it would be. The variant of a UUID is in its high half: that is never 0.
  #placeOf(idHigh: number, idLow: number): number {
    let place = idLow & (PLACES - 1)
    while (this.#high[place] !== 0 && (this.#high[place] !== idHigh || this.#low[place] !== idLow)) {
      place = (place + 1) & (PLACES - 1)
    }
    return place
  }
}

/** The second half of a UUID. */
function idOf(id: string): JobId {
  return {
    idHigh: Number.parseInt(id.slice(19, 23) + id.slice(24, 28), 16) | 0,
    idLow: Number.parseInt(id.slice(28), 16) | 0,
  }
}

// Hasura writes the time of the change in UTC without saying so.
function toMs(at: unknown): number | null {
  if (typeof at !== 'string') return null
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(at) ? at : `${at}Z`)
  return Number.isNaN(ms) ? null : ms
}

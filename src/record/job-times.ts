// A few minutes of a busy process; each takes about 150 bytes.
const MAX_JOBS = 5_000

// The database that stamps a change and this process may read different clocks.
const TOLERANCE_MS = 25

/** When the jobs of this process ran lately: tells whether a job can have made a change. */
export class JobTimes {
  readonly #jobs = new Map<string, { startedMs: number; endedMs: number }>()
  /** Their ids in the order they started, in a circle: asking a Map for its oldest key gets slow as keys come and go. */
  readonly #ids: string[] = []
  #place = 0

  started(id: string, atMs: number): void {
    const oldest = this.#ids[this.#place]
    if (oldest !== undefined) this.#jobs.delete(oldest)
    this.#ids[this.#place] = id
    this.#place = (this.#place + 1) % MAX_JOBS
    this.#jobs.set(id, { startedMs: atMs, endedMs: Number.POSITIVE_INFINITY })
  }

  ended(id: string, atMs: number): void {
    const job = this.#jobs.get(id)
    if (job) job.endedMs = atMs
  }

  /** Whether the job ran at an instant, the `created_at` of a payload; without one, whether it runs now. */
  wasRunning(id: string, at: unknown, nowMs: number): boolean {
    const job = this.#jobs.get(id)
    if (!job) return false
    const atMs = toMs(at) ?? nowMs
    return atMs >= job.startedMs - TOLERANCE_MS && atMs <= job.endedMs + TOLERANCE_MS
  }
}

// Hasura writes the time of the change in UTC without saying so.
function toMs(at: unknown): number | null {
  if (typeof at !== 'string') return null
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(at) ? at : `${at}Z`)
  return Number.isNaN(ms) ? null : ms
}

// A few minutes of a busy process; each takes about 150 bytes.
const MAX_JOBS = 5_000

// The database that stamps a change and this process may read different clocks.
const TOLERANCE_MS = 25

/** When the jobs of this process ran lately: tells whether a job can have made a change. */
export class JobTimes {
  readonly #jobs = new Map<string, { startedMs: number; endedMs: number }>()

  started(id: string, atMs: number): void {
    this.#jobs.set(id, { startedMs: atMs, endedMs: Number.POSITIVE_INFINITY })
    if (this.#jobs.size <= MAX_JOBS) return
    const oldest = this.#jobs.keys().next().value
    if (oldest !== undefined) this.#jobs.delete(oldest)
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

// So many are remembered at least, and twice as many at most: a few minutes of a busy process. Each takes about 150 bytes.
const MIN_JOBS = 5_000

// The database that stamps a change and this process may read different clocks.
const TOLERANCE_MS = 25

/** When the jobs of this process ran lately: tells whether a job can have made a change. */
export class JobTimes {
  // Two halves, of which the older one goes as a whole: taking single keys out of a map costs more than all else here.
  #recent = new Map<string, Times>()
  #older = new Map<string, Times>()

  started(id: string, atMs: number): void {
    if (this.#recent.size >= MIN_JOBS) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(id, { startedMs: atMs, endedMs: Number.POSITIVE_INFINITY })
  }

  ended(id: string, atMs: number): void {
    const job = this.#times(id)
    if (job) job.endedMs = atMs
  }

  /** Whether the job ran at an instant, the `created_at` of a payload; without one, whether it runs now. */
  wasRunning(id: string, at: unknown, nowMs: number): boolean {
    const job = this.#times(id)
    if (!job) return false
    const atMs = toMs(at) ?? nowMs
    return atMs >= job.startedMs - TOLERANCE_MS && atMs <= job.endedMs + TOLERANCE_MS
  }

  #times(id: string): Times | undefined {
    return this.#recent.get(id) ?? this.#older.get(id)
  }
}

interface Times {
  startedMs: number
  endedMs: number
}

// Hasura writes the time of the change in UTC without saying so.
function toMs(at: unknown): number | null {
  if (typeof at !== 'string') return null
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(at) ? at : `${at}Z`)
  return Number.isNaN(ms) ? null : ms
}

import { type Clock, toTimestamp } from './clock.ts'
import { MAX_MESSAGE_LENGTH, toLogRow } from './log-line.ts'
import type { OpenJob } from './open-job.ts'
import type { LogLevel } from './records.ts'
import type { ValueCapture } from './value-capture.ts'
import type { Emitted, Line } from './work.ts'

// What follows it runs as soon as the caller lets go: a quarter of the price of queueMicrotask, which makes an AsyncResource.
const NEXT = Promise.resolve()

/**
 * The output of jobs, line by line. A host may print what it is told through its logger, in either order: such a line is
 * recorded once.
 */
export class JobOutput {
  readonly #maxLines: number
  readonly #values: ValueCapture
  readonly #emit: (record: Emitted) => void
  readonly #clock: Clock

  constructor(maxLines: number, values: ValueCapture, emit: (record: Emitted) => void, clock: Clock) {
    this.#maxLines = maxLines
    this.#values = values
    this.#emit = emit
    this.#clock = clock
  }

  /** A line that the job printed. */
  printed(job: OpenJob, level: LogLevel, message: string): void {
    if (job.isOver || (job.logged !== null && message.includes(job.logged))) return
    this.flush(job)
    if (job.lines > this.#maxLines) return
    job.printed = { level, message, logger: 'console' }
    // Until the host has had its turn to say that the line is its own: it does so before it returns.
    void NEXT.then(() => this.flush(job))
  }

  /** A line that came through the host's logger; `isJobs` when the job itself wrote it. */
  logged(job: OpenJob, level: string, message: string, isJobs: boolean): void {
    // A host that prints its lines, too, has just printed this one: it is no output of the job's own.
    if (job.printed?.message.includes(message)) job.printed = null
    else this.#expectPrinted(job, message)
    if (isJobs) this.#line(job, { level: toLevel(level), message, logger: 'detector' })
  }

  /** Records a printed line that nobody said was the host's. */
  flush(job: OpenJob): void {
    const line = job.printed
    if (!line) return
    job.printed = null
    this.#line(job, line)
  }

  // The other order: told first, printed then.
  #expectPrinted(job: OpenJob, message: string): void {
    if (job.logged === null) {
      void NEXT.then(() => {
        job.logged = null
      })
    }
    job.logged = message
  }

  #line(job: OpenJob, line: Line): void {
    if (job.isOver || job.lines > this.#maxLines) return
    if (line.logger !== 'console') this.flush(job)
    job.lines++
    const full = job.lines > this.#maxLines
    this.#emit({
      table: 'events',
      row: toLogRow(job, {
        level: full ? 'warn' : line.level,
        message: full
          ? `output after ${this.#maxLines} lines is not recorded`
          : this.#values.text(line.message, MAX_MESSAGE_LENGTH),
        logger: line.logger,
        at: toTimestamp(this.#clock()),
      }),
    })
  }
}

function toLevel(level: string): LogLevel {
  return level === 'trace' || level === 'debug' || level === 'warn' || level === 'error' ? level : 'info'
}

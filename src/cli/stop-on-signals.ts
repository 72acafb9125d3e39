import { messageOf } from '../errors.ts'
import { SECOND } from '../units.ts'

// Everything has ended by then, or is ended.
const SHUTDOWN_DEADLINE_MS = 4.5 * SECOND
// A wrapper such as npm may hand on a signal that the terminal has already sent to us: that is still the first one.
const SAME_SIGNAL_MS = 1 * SECOND

/** Ends the program properly on SIGINT, SIGTERM and SIGHUP. Returns whether that has begun. */
export function stopOnSignals(stop: () => Promise<void>): () => boolean {
  let stopping = false
  let askedAt = 0
  const shutDown = (signal: string): void => {
    if (stopping) {
      // Asked again: whoever asks knows that something may be cut off. Postgres ends with us all the same.
      if (Date.now() - askedAt > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    stopping = true
    askedAt = Date.now()
    console.log(`\n${signal}: stopping …`)
    const deadline = setTimeout(() => {
      console.error('stopping took too long; ending now')
      process.exit(1)
    }, SHUTDOWN_DEADLINE_MS)
    deadline.unref()
    stop().then(
      () => {
        console.log('stopped')
        process.exit(0)
      },
      error => {
        console.error(`stopping failed: ${messageOf(error)}`)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => shutDown(signal))
  return () => stopping
}

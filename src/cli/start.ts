import { readServerConfig } from '../config.ts'
import { messageOf } from '../errors.ts'
import { createLogger } from '../log.ts'
import { startServer } from '../server/main.ts'
import { SECOND } from '../units.ts'
import { acquireRunningLock } from './running-lock.ts'

// Everything has ended by then, or is ended.
const SHUTDOWN_DEADLINE_MS = 4.5 * SECOND
// A wrapper such as npm may hand on a signal that the terminal has already sent to us: that is still the first one.
const SAME_SIGNAL_MS = 1 * SECOND

/** Runs the server until SIGINT or SIGTERM. Prints `ready <address>` when everything answers. */
export async function start(): Promise<void> {
  const config = readServerConfig()
  const logger = createLogger('hasura-observability', config.logLevel)
  const lock = await acquireRunningLock(config.dataDir, `http://localhost:${config.port}`)
  let stopping = false
  let askedAt = 0
  const stopEarly = new AbortController()
  let stopServer = async (): Promise<void> => stopEarly.abort()

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
    stopServer()
      .then(() => lock.release())
      .then(
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

  try {
    const server = await startServer({ config, logger, announce: line => console.log(line), signal: stopEarly.signal })
    stopServer = () => server.stop()
    await lock.setUrl(server.url)
    console.log(`ready ${server.url}`)
  } catch (error) {
    if (stopping) return
    await lock.release()
    throw error
  }
}

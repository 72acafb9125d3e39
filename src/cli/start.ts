import { readServerConfig } from '../config.ts'
import { createLogger } from '../log.ts'
import { startServer } from '../server/main.ts'
import { acquireRunningLock } from './running-lock.ts'
import { stopOnSignals } from './stop-on-signals.ts'

/** Runs the server until SIGINT or SIGTERM. Prints `ready <address>` when everything answers. */
export async function start(): Promise<void> {
  const config = readServerConfig()
  const logger = createLogger('hasura-observability', config.logLevel)
  const lock = await acquireRunningLock(config.dataDir, `http://localhost:${config.port}`)
  const stopEarly = new AbortController()
  let stopServer = async (): Promise<void> => stopEarly.abort()
  const isStopping = stopOnSignals(() => stopServer().then(() => lock.release()))

  try {
    const server = await startServer({ config, logger, announce: line => console.log(line), signal: stopEarly.signal })
    stopServer = () => server.stop()
    await lock.setUrl(server.url)
    console.log(`ready ${server.url}`)
  } catch (error) {
    if (isStopping()) return
    await lock.release()
    throw error
  }
}

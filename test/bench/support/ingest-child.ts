// The server that the bench sends to, in a process of its own: `ingest-child.js <Postgres> <folder>`. Answers every message
// with what it has used so far.
import { readServerConfig } from '../../../src/config.ts'
import { createLogger } from '../../../src/log.ts'
import { startServer } from '../../../src/server/main.ts'

export interface ServerUsage {
  /** Resident memory, in bytes. */
  readonly rss: number
  readonly heapUsed: number
  /** CPU time of all threads, in microseconds. */
  readonly cpuMicros: number
}

const [url = '', dataDir = ''] = process.argv.slice(2)
const config = readServerConfig({
  PORT: '0',
  DATA_DIR: dataDir,
  OBSERVABILITY_DB_URL: url,
  EXAMPLE_SHOP: 'off',
  INGEST_EVENTS_PER_SECOND_PER_ADDRESS: '0',
})
const server = await startServer({ config, logger: createLogger('bench', 'error') })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ rss, heapUsed, cpuMicros: user + system } satisfies ServerUsage)
})
const stop = (): void => void server.stop().then(() => process.exit(0))
process.on('SIGTERM', stop)
process.on('disconnect', stop)
process.send?.(server.url)

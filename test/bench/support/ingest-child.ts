// The server that the bench sends to, in a process of its own: `ingest-child.ts <Postgres> <folder>`.
import { readServerConfig } from '../../../src/config.ts'
import { createLogger } from '../../../src/log.ts'
import { startServer } from '../../../src/server/main.ts'

const [url = '', dataDir = ''] = process.argv.slice(2)
const config = readServerConfig({
  PORT: '0',
  DATA_DIR: dataDir,
  OBSERVABILITY_DB_URL: url,
  EXAMPLE_SHOP: 'off',
  INGEST_EVENTS_PER_SECOND_PER_ADDRESS: '0',
})
const server = await startServer({ config, logger: createLogger('bench', 'error') })
process.on('message', () => process.send?.(process.memoryUsage().rss))
const stop = (): void => void server.stop().then(() => process.exit(0))
process.on('SIGTERM', stop)
process.on('disconnect', stop)
process.send?.(server.url)

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readServerConfig, type ServerConfig } from '../../src/config.ts'
import { type Logger, silentLogger } from '../../src/log.ts'
import { type RunningServer, startServer } from '../../src/server/main.ts'
import { createTestDatabase, type TestDatabase } from './postgres.ts'

export interface TestServer extends RunningServer {
  observability: TestDatabase
  shop: TestDatabase
  /** Everything the server warned about. */
  warnings: string[]
}

/** The whole server in this process, on databases of its own and a free port; without demo orders unless asked for. */
export async function startTestServer(changes: Partial<ServerConfig> = {}): Promise<TestServer> {
  const [observability, shop, dataDir] = await Promise.all([
    createTestDatabase(),
    createTestDatabase({ migrated: false }),
    mkdtemp(path.join(tmpdir(), 'server-test-')),
  ])
  const warnings: string[] = []
  const warn = (details: object, message: string): void => {
    warnings.push(`${message} ${JSON.stringify(details)}`)
  }
  const logger: Logger = { ...silentLogger, warn, error: warn }
  const config: ServerConfig = {
    ...readServerConfig({}),
    port: 0,
    dataDir,
    observabilityDbUrl: observability.url,
    shopDbUrl: shop.url,
    demoOrdersPerMinute: 0,
    dashboardPollIntervalMs: 500,
    ...changes,
  }
  const server = await startServer({ config, logger })
  return {
    ...server,
    observability,
    shop,
    warnings,
    async stop() {
      await server.stop()
      await Promise.all([observability.drop(), shop.drop(), rm(dataDir, { recursive: true, force: true })])
    },
  }
}

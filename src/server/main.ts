import path from 'node:path'
import { ObservabilityPlugin, type PluginStatus } from '../../plugin.ts'
import { DEFAULT_DATABASE, DEFAULT_SCHEMA, type ServerConfig } from '../config.ts'
import { startEmbeddedPostgres } from '../db/embedded.ts'
import { listenTo, PluginManager } from '../detector/detector.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import { createGraphqlEngine } from '../graphql/engine.ts'
import { readMetadata } from '../hasura/metadata.ts'
import type { Logger } from '../log.ts'
import { DASHBOARD_DIR, METADATA_DIR, packageVersion } from '../package-files.ts'
import { announceInserted } from '../store/announce.ts'
import { createApp } from './app.ts'
import { createEventsServer } from './events-server.ts'
import { createExampleShop } from './example-shop.ts'
import { addGraphqlEndpoint } from './graphql-endpoint.ts'
import { isLoopbackAddress, listen, refuseTakenPort } from './listen.ts'
import { addLiveEvents } from './live-events.ts'
import { startMaintenance } from './maintenance.ts'
import { openObservabilityDatabase, QUERY_TIMEOUT_MS } from './observability-database.ts'
import { readAccess } from './read-access.ts'
import { createReplays } from './replay/replays.ts'
import { processTarget, type ReplayTarget, webhookTarget } from './replay/targets.ts'
import { dashboardRoutes } from './routes/dashboard.ts'
import { healthRoutes } from './routes/health.ts'
import { recorderRoute } from './routes/recorder.ts'
import { replayRoute } from './routes/replay.ts'
import { sessionRoutes } from './routes/session.ts'
import { webhookRoute } from './routes/webhook.ts'
import { createSessions, hasLogin } from './sessions.ts'

export interface ServerOptions {
  config: ServerConfig
  logger: Logger
  /** Told what is being done while it takes time, in a line each. */
  announce?: (line: string) => void
  /** Aborted when the start is to be given up. */
  signal?: AbortSignal
}

export interface RunningServer {
  url: string
  recorder(): PluginStatus
  stop(): Promise<void>
}

/**
 * Puts the product together and starts it: databases, plugin, detector, GraphQL, dashboard and shop. Resolves when every
 * part answers. What was started is stopped again when a later part fails.
 */
export async function startServer({
  config,
  logger,
  announce = () => {},
  signal,
}: ServerOptions): Promise<RunningServer> {
  const closers: (() => Promise<void>)[] = []
  const closeAll = async (): Promise<void> => {
    // One part that cannot be closed must not keep the others open.
    const failures: unknown[] = []
    for (const close of closers.splice(0).reverse()) await close().catch(error => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, failures.map(messageOf).join('; '))
  }
  try {
    return await assemble()
  } catch (error) {
    await closeAll().catch(failure => logger.error({ error: messageOf(failure) }, 'stopping after a failed start'))
    throw error
  }

  async function assemble(): Promise<RunningServer> {
    refuseUnguarded(config)
    await refuseTakenPort(config)
    const urls = await databases()
    const database = await openObservabilityDatabase({
      connectionString: urls.observability,
      schema: config.schema,
    })
    closers.push(() => database.close())
    const maintenance = startMaintenance({
      connectionString: urls.observability,
      schema: config.schema,
      retention: config,
      logger,
    })
    closers.push(() => maintenance.stop())
    const metadata = await readMetadata(METADATA_DIR, { renameSchema: { from: DEFAULT_SCHEMA, to: config.schema } })
    const engine = await createGraphqlEngine({
      pool: database.pool,
      metadata,
      sourceName: 'observability',
      statementTimeoutMs: QUERY_TIMEOUT_MS,
      allowList: config.endpoint.allowList,
      maxRows: config.endpoint.maxRows,
      preparedStatements: config.endpoint.preparedStatements,
      subscriptions: { live: config.endpoint.liveQueries, streaming: config.endpoint.streamingQueries },
      onInserted: async (client, { schema, name }, rows) => {
        if (schema === config.schema && name === 'events') await announceInserted(client, schema, rows)
      },
      onUnexpected: error => logger.error({ error: messageOf(error) }, 'a GraphQL query failed unexpectedly'),
    })

    const plugin = new ObservabilityPlugin(
      {
        enabled: true,
        database: { connectionString: urls.observability },
        schema: config.schema,
        journalDir: path.resolve(config.dataDir, 'journal'),
        // The shop's detectors are few and small: what they read is worth seeing more than it costs.
        recordReads: true,
      },
      { logger },
    )
    const pluginManager = new PluginManager()
    pluginManager.register(plugin)
    await pluginManager.initialize()
    closers.push(() => pluginManager.shutdown())

    const shop =
      urls.shop === null
        ? null
        : await createExampleShop({
            connectionString: urls.shop,
            ordersPerMinute: config.demoOrdersPerMinute,
            logger,
            observability: { pool: database.pool, schema: config.schema },
          })
    if (shop) closers.push(() => shop.close())

    // With an endpoint elsewhere the secret is that one's.
    const adminSecret = config.hasuraGraphqlEndpoint === null ? config.hasuraAdminSecret : null
    const sessions = hasLogin(config.login) ? createSessions(config.login) : null
    const callers = { loopbackOnly: isLoopbackAddress(config.host), allowedOrigins: config.endpoint.allowedOrigins }
    const events = await createEventsServer({ config, connectionString: urls.observability, callers, logger })
    closers.push(() => events.close())

    const app = createApp({ logger, callers })
    await app.register(healthRoutes, { pool: database.pool, version: packageVersion() })
    const authenticate = await addGraphqlEndpoint(app, {
      engine,
      config: config.endpoint,
      callers,
      adminSecret,
      sessions: sessions?.authenticate ?? null,
      logger,
    })
    await app.register(sessionRoutes, { sessions, isGuarded: isGuarded(config) })
    const live = await addLiveEvents(app, {
      pool: database.pool,
      connectionString: urls.observability,
      schema: config.schema,
      callers,
      authorize: readAccess(authenticate, events.access, metadata, config.schema),
      ownBatches: events.ownBatches,
      logger,
    })
    closers.push(() => live.close())
    await app.register(recorderRoute, {
      status: () => plugin.getStatus(),
      isAllowed: async headers => !isGuarded(config) || (await sessions?.read(headers)) !== undefined,
    })
    const detect = (payload: object) =>
      listenTo(payload, {
        pluginManager,
        ...(shop ? { eventModulesDirectory: shop.eventModulesDirectory } : { eventModules: [] }),
      })
    await app.register(webhookRoute, { detect })
    const { webhookUrl } = config.replay
    const target: ReplayTarget | null =
      webhookUrl !== null
        ? webhookTarget({ ...config.replay, webhookUrl })
        : shop && processTarget({ eventModulesDirectory: shop.eventModulesDirectory, detect })
    const replays = target && createReplays({ pool: database.pool, schema: config.schema, target, logger })
    if (replays) closers.push(() => replays.idle())
    await app.register(replayRoute, { replays, authenticate, logger })
    await events.addRoutes(app)
    if (shop) await shop.addRoutes(app)
    await app.register(dashboardRoutes, {
      directory: DASHBOARD_DIR,
      config: {
        graphqlEndpoint: config.dashboard.graphqlEndpoint ?? config.hasuraGraphqlEndpoint ?? '/v1/graphql',
        graphqlPrefix: (config.dashboard.graphqlEndpoint ?? config.hasuraGraphqlEndpoint) ? config.graphqlPrefix : '',
        pollIntervalMs: config.dashboardPollIntervalMs,
        overviewPollIntervalMs: config.dashboard.overviewPollIntervalMs,
        defaultRange: toRange(config.dashboard.defaultRangeHours),
        subscriptions: true,
        features: {
          correlationChains: config.dashboard.showCorrelationChains,
          rawPayloads: config.dashboard.showRawPayloads,
        },
        replay: target && { target: target.kind, name: target.name, dryRun: target.ask !== null },
        retention: { days: config.retentionDays, failedDays: config.failedRetentionDays },
        shopUrl: shop ? '/shop' : null,
      },
    })
    signal?.throwIfAborted()
    const port = await listen(app, config)
    closers.push(() => app.close())
    if (shop) {
      // Last in, first out: no new work, then what is under way, then the doors.
      closers.push(() => shop.quiesce())
      await shop.open(`http://127.0.0.1:${port}/webhooks/hasura`)
    }
    signal?.throwIfAborted()
    return { url: `http://localhost:${port}`, recorder: () => plugin.getStatus(), stop: closeAll }
  }

  async function databases(): Promise<{ observability: string; shop: string | null }> {
    const shop = config.shop ? config.shopDbUrl : null
    if (config.observabilityDbUrl !== null && (shop !== null || !config.shop)) {
      return { observability: config.observabilityDbUrl, shop }
    }
    announce('Starting Postgres …')
    const postgres = await startEmbeddedPostgres({ dataDir: path.resolve(config.dataDir), logger })
    closers.push(() => postgres.stop())
    signal?.throwIfAborted()
    const embedded = async (name: string): Promise<string> => {
      await postgres.ensureDatabase(name)
      return postgres.connectionString(name)
    }
    return {
      observability: config.observabilityDbUrl ?? (await embedded(DEFAULT_DATABASE)),
      shop: config.shop ? (shop ?? (await embedded('shop'))) : null,
    }
  }
}

function toRange(hours: number): string {
  return Number.isInteger(hours) ? `now-${hours}h` : `now-${Math.round(hours * 60)}m`
}

/** Whether the embedded endpoint asks who someone is. */
function isGuarded({ endpoint, login, hasuraAdminSecret, hasuraGraphqlEndpoint }: ServerConfig): boolean {
  const hasSecret = hasuraAdminSecret !== null && hasuraGraphqlEndpoint === null
  return hasSecret || endpoint.jwt !== null || hasLogin(login)
}

function refuseUnguarded(config: ServerConfig): void {
  if (isLoopbackAddress(config.host) || isGuarded(config)) return
  throw new ObservabilityError(
    'CONFIG_INVALID',
    `HOST is ${config.host}, which serves other machines, and nothing asks who they are: set OBSERVABILITY_VIEWER_PASSWORD ` +
      'or OBSERVABILITY_OPERATOR_PASSWORD for people to log in with, HASURA_GRAPHQL_ADMIN_SECRET, or HASURA_GRAPHQL_JWT_SECRET',
  )
}

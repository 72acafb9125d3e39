import { explainUnreachable } from '../db/explain-unreachable.ts'
import { createPool, type Pool } from '../db/pool.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import { createGraphqlEngine, type GraphqlEngine } from '../graphql/engine.ts'
import { experimentalFeatures } from '../graphql/experimental-features.ts'
import type { GraphqlConfig } from '../graphql-config.ts'
import { type HasuraMetadata, type MetadataSource, readMetadata } from '../hasura/metadata.ts'
import type { Logger } from '../log.ts'
import { packageVersion } from '../package-files.ts'
import { createApp } from './app.ts'
import { addGraphqlEndpoint } from './graphql-endpoint.ts'
import { isLoopbackAddress, listen } from './listen.ts'
import { QUERY_TIMEOUT_MS } from './observability-database.ts'
import { healthRoutes } from './routes/health.ts'

export interface GraphqlServerOptions {
  config: GraphqlConfig
  /** Where the metadata's `from_env` is looked up. */
  env: Readonly<Record<string, string | undefined>>
  logger: Logger
  /** Told what the metadata mentions and the database does not have, in a line each. */
  announce: (line: string) => void
}

export interface GraphqlServer {
  url: string
  stop(): Promise<void>
}

/** Serves the metadata of a directory over a Postgres, and nothing else. Resolves when it answers. */
export async function startGraphqlServer({
  config,
  env,
  logger,
  announce,
}: GraphqlServerOptions): Promise<GraphqlServer> {
  const metadata = await readMetadata(config.metadataDir)
  const source = pickSource(metadata, config)
  const features = experimentalFeatures(config.experimentalFeatures)
  const { url, setting } = databaseUrl(config, source, env)
  const pool = createPool({
    connectionString: url,
    max: 10,
    applicationName: 'hasura-observability graphql',
    statementTimeoutMs: QUERY_TIMEOUT_MS,
  })
  try {
    const engine = await openEngine(pool)
    for (const line of engine.inconsistencies) announce(`left out: ${line}`)
    for (const line of features.warnings) announce(line)
    const callers = { loopbackOnly: isLoopbackAddress(config.host), allowedOrigins: config.allowedOrigins }
    const app = createApp({ logger, callers })
    const { inconsistencies } = engine
    await app.register(healthRoutes, { pool, version: packageVersion(), inconsistencies })
    await addGraphqlEndpoint(app, { engine, config, callers, adminSecret: config.adminSecret, logger })
    const port = await listen(app, config)
    const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      async stop() {
        await app.close()
        await pool.end()
      },
    }
  } catch (error) {
    await pool.end()
    throw error
  }

  async function openEngine(pool: Pool): Promise<GraphqlEngine> {
    try {
      return await createGraphqlEngine({
        pool,
        metadata,
        sourceName: source.name,
        statementTimeoutMs: QUERY_TIMEOUT_MS,
        allowList: config.allowList,
        maxRows: config.maxRows,
        preparedStatements: config.preparedStatements,
        subscriptions: { live: config.liveQueries, streaming: config.streamingQueries },
        stringifyNumericTypes: config.stringifyNumericTypes,
        inferFunctionPermissions: config.inferFunctionPermissions,
        defaultNamingConvention: config.defaultNamingConvention,
        hidden: features.hidden,
        onUnexpected: error => logger.error({ error: messageOf(error) }, 'a GraphQL request failed unexpectedly'),
      })
    } catch (error) {
      throw explainUnreachable(error, url, setting)
    }
  }
}

function pickSource({ sources }: HasuraMetadata, { source: name, metadataDir }: GraphqlConfig): MetadataSource {
  const source = name === null ? sources[0] : sources.find(item => item.name === name)
  if (source !== undefined) return source
  const known = sources.map(item => item.name).join(', ')
  throw new ObservabilityError(
    'METADATA_INVALID',
    name === null
      ? `the metadata in ${metadataDir} has no source: databases/databases.yaml lists them`
      : `the metadata in ${metadataDir} has no source ${name}; it has ${known || 'none'}`,
  )
}

/** The address from the command line or the environment, else the metadata's own. */
function databaseUrl(
  { databaseUrl }: GraphqlConfig,
  { name, configuration }: MetadataSource,
  env: GraphqlServerOptions['env'],
): { url: string; setting: string } {
  if (databaseUrl !== null) return { url: databaseUrl, setting: '--database-url' }
  const connection = (configuration.connection_info ?? {}) as { database_url?: unknown }
  const given = connection.database_url
  const fromEnv = typeof given === 'object' && given !== null ? (given as { from_env?: unknown }).from_env : undefined
  const url = typeof fromEnv === 'string' ? env[fromEnv] : given
  if (typeof url === 'string' && /^postgres(?:ql)?:/.test(url) && URL.canParse(url)) {
    return { url, setting: typeof fromEnv === 'string' ? fromEnv : `the metadata's source ${name}` }
  }
  const reason =
    typeof fromEnv === 'string'
      ? `the metadata's source ${name} takes its address from ${fromEnv}, which is ${url === undefined ? 'not set' : 'no postgresql:// address'}`
      : `the metadata's source ${name} has no postgresql:// address`
  throw new ObservabilityError('CONFIG_INVALID', `${reason}: set it, or give --database-url`)
}

import { parseArgs } from 'node:util'
import { ENVIRONMENT } from '../config.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import { type GraphqlOptions, readGraphqlConfig } from '../graphql-config.ts'
import { createLogger } from '../log.ts'
import { startGraphqlServer } from '../server/graphql-server.ts'
import { stopOnSignals } from './stop-on-signals.ts'

/** `graphql`: serves a metadata directory over a Postgres until SIGINT or SIGTERM. */
export async function graphql(args: string[]): Promise<void> {
  const config = readGraphqlConfig(parseOptions(args), ENVIRONMENT)
  const logger = createLogger('hasura-observability graphql', config.logLevel)
  const server = await startGraphqlServer({
    config,
    env: ENVIRONMENT,
    logger,
    announce: line => console.log(line),
  })
  stopOnSignals(() => server.stop())
  console.log(`ready ${server.url}`)
}

function parseOptions(args: string[]): GraphqlOptions {
  const type = 'string' as const
  try {
    const { values } = parseArgs({
      args,
      options: {
        'database-url': { type },
        metadata: { type },
        source: { type },
        port: { type },
        host: { type },
        'admin-secret': { type },
      },
    })
    return values
  } catch (cause) {
    throw new ObservabilityError('CONFIG_INVALID', `${messageOf(cause)}; see --help`, { cause })
  }
}

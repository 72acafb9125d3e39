import type { FastifyInstance } from 'fastify'
import type { EndpointConfig } from '../config/endpoint.ts'
import { messageOf } from '../errors.ts'
import { type AuthOptions, createAuthenticate } from '../graphql/auth/authenticate.ts'
import type { Authenticate } from '../graphql/auth/session-of.ts'
import type { GraphqlEngine } from '../graphql/engine.ts'
import type { Logger } from '../log.ts'
import type { CallerRules } from './caller.ts'
import { graphqlRoute } from './routes/graphql.ts'
import { restRoute } from './routes/rest.ts'
import { addGraphqlSocket } from './socket/graphql-socket.ts'

export interface GraphqlEndpointOptions {
  engine: GraphqlEngine
  config: EndpointConfig
  callers: CallerRules
  adminSecret: string | null
  /** Sessions of those who logged in. */
  sessions?: AuthOptions['sessions']
  logger: Logger
}

/** `/v1/graphql` over HTTP and WebSocket, and `/api/rest`: all ask in the same way who someone is, and so may others. */
export async function addGraphqlEndpoint(app: FastifyInstance, options: GraphqlEndpointOptions): Promise<Authenticate> {
  const { engine, config, callers, adminSecret, sessions, logger } = options
  const authenticate = createAuthenticate({
    adminSecret,
    unauthorizedRole: config.unauthorizedRole,
    unauthorizedSessionVariables: config.unauthorizedSessionVariables,
    jwt: config.jwt,
    ...(sessions ? { sessions } : {}),
    onUnexpected: error => logger.error({ error: messageOf(error) }, 'a token could not be checked'),
  })
  await app.register(graphqlRoute, { engine, authenticate })
  await app.register(restRoute, { engine, authenticate })
  addGraphqlSocket(app, {
    engine,
    callers,
    authenticate,
    keepAliveMs: config.keepAliveMs,
    initTimeoutMs: config.initTimeoutMs,
  })
  return authenticate
}

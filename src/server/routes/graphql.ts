import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../../graphql/auth/session-of.ts'
import type { GraphqlEngine } from '../../graphql/engine.ts'
import { errorBody, GraphqlError } from '../../graphql/errors.ts'
import type { Session } from '../../graphql/execute/session.ts'
import { clientGone, readGraphqlRequests } from '../graphql-requests.ts'
import { statusOf } from '../graphql-status.ts'

export interface GraphqlRouteOptions {
  engine: GraphqlEngine
  authenticate: Authenticate
}

const JSON_TYPE = 'application/json; charset=utf-8'
/** Its errors have an HTTP status of their own, and are the same otherwise. Some clients of Hasura still ask there. */
const ALPHA_PATH = '/v1alpha1/graphql'

/** `POST /v1/graphql` as Hasura answers it: always status 200, errors in the body. */
export async function graphqlRoute(app: FastifyInstance, { engine, authenticate }: GraphqlRouteOptions): Promise<void> {
  readGraphqlRequests(app, { authenticate, guardsTypes: true })

  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof GraphqlError)) throw error
    if (request.routeOptions.url === ALPHA_PATH) reply.code(statusOf(error.code))
    return reply.type(JSON_TYPE).send(errorBody(error, request.session?.role ?? 'anonymous'))
  })

  app.post('/v1/graphql', async (request, reply) => {
    const body = await engine.execute(request.body, request.session as Session, clientGone(reply))
    // The body is JSON text already, made by Postgres: parsing it here would damage large numbers.
    return reply.type(JSON_TYPE).send(body)
  })

  app.post(ALPHA_PATH, async (request, reply) => {
    const session = request.session as Session
    const isBatch = Array.isArray(request.body)
    const signal = clientGone(reply)
    const body = isBatch
      ? await engine.execute(request.body, session, signal)
      : `{"data":${await engine.data(request.body, session, signal)}}`
    return reply.type(JSON_TYPE).send(body)
  })
}

import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../../graphql/auth/session-of.ts'
import type { GraphqlEngine } from '../../graphql/engine.ts'
import { errorBody, GraphqlError } from '../../graphql/errors.ts'
import type { Session } from '../../graphql/execute/session.ts'

export interface GraphqlRouteOptions {
  engine: GraphqlEngine
  authenticate: Authenticate
}

/** `POST /v1/graphql` as Hasura answers it: always status 200, errors in the body. */
export async function graphqlRoute(app: FastifyInstance, { engine, authenticate }: GraphqlRouteOptions): Promise<void> {
  const json = 'application/json; charset=utf-8'

  // Answered before the body is read: nobody uploads anything to a door that stays closed.
  app.addHook('onRequest', async (request, reply) => {
    try {
      const { session } = await authenticate(request.headers)
      request.session = session
    } catch (error) {
      if (!(error instanceof GraphqlError)) throw error
      return reply.type(json).send(errorBody(error, 'anonymous'))
    }
  })
  app.decorateRequest('session')

  app.setErrorHandler((error: { code?: unknown }, _request, reply) => {
    if (error.code !== 'FST_ERR_CTP_INVALID_JSON_BODY' && error.code !== 'FST_ERR_CTP_EMPTY_JSON_BODY') throw error
    return reply.type(json).send(errorBody(new GraphqlError('invalid-json', 'the body is not valid JSON'), 'anonymous'))
  })

  app.post('/v1/graphql', async (request, reply) => {
    const body = await engine.execute(request.body, request.session as Session)
    // The body is JSON text already, made by Postgres: parsing it here would damage large numbers.
    return reply.type(json).send(body)
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks GraphQL; set before the body is read. */
    session?: Session
  }
}

import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../../graphql/auth/session-of.ts'
import type { GraphqlEngine } from '../../graphql/engine.ts'
import { errorBody, GraphqlError } from '../../graphql/errors.ts'
import type { Session } from '../../graphql/execute/session.ts'

export interface GraphqlRouteOptions {
  engine: GraphqlEngine
  authenticate: Authenticate
}

const SECRETS = ['x-hasura-admin-secret', 'x-hasura-access-key', 'authorization']
const INVALID_JSON = 'the body is not valid JSON'
const NO_JSON = 'send the body as JSON, with the header "content-type: application/json"'

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

  // Hasura reads JSON whatever the body says it is. Here the asker has to show first that no page of another site sends it:
  // such a page can send the other types unasked, but neither these headers nor JSON that says so.
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (!SECRETS.some(name => name in request.headers)) return done(new GraphqlError('bad-request', NO_JSON))
    try {
      done(null, JSON.parse(String(body)))
    } catch {
      done(new GraphqlError('invalid-json', INVALID_JSON))
    }
  })

  app.setErrorHandler((error: { code?: unknown }, _request, reply) => {
    const isInvalid = error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY'
    const told = isInvalid ? new GraphqlError('invalid-json', INVALID_JSON) : error
    if (!(told instanceof GraphqlError)) throw error
    return reply.type(json).send(errorBody(told, 'anonymous'))
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

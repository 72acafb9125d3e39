import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Authenticate } from '../../graphql/auth/session-of.ts'
import type { GraphqlEngine } from '../../graphql/engine.ts'
import { GraphqlError, pathText } from '../../graphql/errors.ts'
import type { Session } from '../../graphql/execute/session.ts'
import { restVariables } from '../../graphql/rest/variables.ts'
import { clientGone, readGraphqlRequests } from '../graphql-requests.ts'
import { statusOf } from '../graphql-status.ts'

export interface RestRouteOptions {
  engine: GraphqlEngine
  authenticate: Authenticate
}

const JSON_TYPE = 'application/json; charset=utf-8'
const PREFIX = '/api/rest/'

/** `/api/rest/…`: the saved queries of the metadata by their URLs. Answers and errors are Hasura's: no `data` around the fields. */
export async function restRoute(app: FastifyInstance, { engine, authenticate }: RestRouteOptions): Promise<void> {
  // GET takes no body, and what a page of another site sends is refused before.
  readGraphqlRequests(app, { authenticate, whenEmpty: {}, guardsTypes: false })
  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof GraphqlError)) throw error
    const isAdmin = request.session?.role === 'admin'
    const internal = isAdmin && error.internal !== undefined ? { internal: error.internal } : {}
    const { message, code, path } = error
    return refuse(reply, statusOf(code), { path: pathText(path), error: message, code, ...internal })
  })

  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${PREFIX}*`,
    handler: async (request, reply) => {
      const { pathname, searchParams: search } = new URL(request.url, 'http://localhost')
      const match = engine.rest.match(request.method, pathname.slice(PREFIX.length))
      switch (match.kind) {
        case 'not-found':
          return refuse(reply, 404, { path: '$', error: 'Endpoint not found', code: 'not-found' })
        case 'ambiguous':
          return refuse(reply, 500, { path: '$', error: 'Multiple endpoints match request', code: 'unexpected' })
        case 'other-method': {
          const error = `Allowed methods: ${match.allowed.join(', ')}`
          reply.header('allow', match.allowed.join(', '))
          return refuse(reply, 405, { path: '$', error, code: 'method-not-allowed' })
        }
      }
      const { endpoint, parameters: path } = match
      const body = request.body ?? {}
      if (typeof body !== 'object' || Array.isArray(body)) {
        throw new GraphqlError('bad-request', 'the body must be a JSON object with the variables')
      }
      const variables = restVariables(endpoint.operation, { path, search, body: body as Record<string, unknown> })
      const data = await engine.data(
        { query: endpoint.query, variables },
        request.session as Session,
        clientGone(reply),
      )
      // JSON text made by Postgres: parsing it here would damage large numbers.
      return reply.type(JSON_TYPE).send(data)
    },
  })
}

const refuse = (reply: FastifyReply, status: number, body: object) =>
  reply.code(status).type(JSON_TYPE).send(JSON.stringify(body))

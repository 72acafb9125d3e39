import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Authenticate } from '../graphql/auth/session-of.ts'
import { GraphqlError } from '../graphql/errors.ts'
import type { Session } from '../graphql/execute/session.ts'
import { parseJson } from '../graphql/json-text.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks GraphQL; set before the body is read. */
    session?: Session
  }
}

// What can be a header without harm; others get an id of ours.
const REQUEST_ID = /^[\x20-\x7e]{1,200}$/

/**
 * What all routes of GraphQL have in common: bodies are JSON whatever they say they are, as Hasura reads them, and their
 * numbers keep all digits; requests have an id; and who asks is known before the body is read: nobody uploads anything to a
 * door that stays closed. Refusals and bodies that cannot be read are thrown as GraphqlError. An empty body is `whenEmpty`,
 * or no JSON.
 */
export function readGraphqlRequests(app: FastifyInstance, authenticate: Authenticate, whenEmpty?: object): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '' && whenEmpty !== undefined) return done(null, whenEmpty)
    try {
      done(null, parseJson(String(body)))
    } catch (error) {
      done(
        error instanceof RangeError
          ? new GraphqlError('validation-failed', 'the request is nested too deeply')
          : new GraphqlError('invalid-json', 'the body is not valid JSON'),
      )
    }
  })
  app.decorateRequest('session')
  app.addHook('onRequest', async (request, reply) => {
    const given = request.headers['x-request-id']
    reply.header('x-request-id', typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID())
    const { session } = await authenticate(request.headers)
    request.session = { ...session, address: request.ip }
  })
}

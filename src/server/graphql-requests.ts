import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticate } from '../graphql/auth/session-of.ts'
import { GraphqlError } from '../graphql/errors.ts'
import type { Session } from '../graphql/execute/session.ts'
import { givenUp } from '../graphql/execute/timed-out.ts'
import { parseJson } from '../graphql/json-text.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks GraphQL; set before the body is read. */
    session?: Session
  }
}

// What can be a header without harm; others get an id of ours.
const REQUEST_ID = /^[\x20-\x7e]{1,200}$/

const SECRETS = ['x-hasura-admin-secret', 'x-hasura-access-key', 'authorization']

export interface GraphqlRequestOptions {
  authenticate: Authenticate
  /** What an empty body is. @default no JSON */
  whenEmpty?: object
  /**
   * Whether a body has to say that it is JSON, unless a secret or token comes with it: a page of another site can send the
   * other types unasked, but neither these headers nor JSON that says so.
   */
  guardsTypes: boolean
}

/**
 * What all routes of GraphQL have in common: numbers in their bodies keep all digits, requests have an id, and who asks is
 * known before the body is read: nobody uploads anything to a door that stays closed. Refusals, and bodies that cannot be
 * read, are thrown as GraphqlError.
 */
export function readGraphqlRequests(app: FastifyInstance, options: GraphqlRequestOptions): void {
  const { authenticate, whenEmpty, guardsTypes } = options
  const read = async (body: string): Promise<unknown> => {
    if (body === '' && whenEmpty !== undefined) return whenEmpty
    try {
      return parseJson(body)
    } catch (error) {
      if (error instanceof RangeError) throw new GraphqlError('validation-failed', 'the request is nested too deeply')
      throw new GraphqlError('invalid-json', 'the body is not valid JSON')
    }
  }
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_: FastifyRequest, body: string) => read(body))
  // Hasura reads JSON whatever the body says it is.
  app.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, body: string) => {
    if (!guardsTypes || SECRETS.some(name => name in request.headers)) return read(body)
    const message = 'send the body as JSON, with the header "content-type: application/json"'
    throw new GraphqlError('bad-request', message)
  })
  app.decorateRequest('session')
  app.addHook('onRequest', async (request, reply) => {
    const given = request.headers['x-request-id']
    reply.header('x-request-id', typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID())
    const { session } = await authenticate(request.headers)
    request.session = { ...session, address: request.ip }
  })
}

/** Comes when the client goes away before it has its answer. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(givenUp())
  })
  return controller.signal
}

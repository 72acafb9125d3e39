import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { messageOf, ObservabilityError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { MIB } from '../units.ts'
import { HttpError } from './http-error.ts'

export interface AppOptions {
  logger: Logger
  /** Answer only requests that name this machine: a web page elsewhere must not reach a server on loopback. */
  loopbackOnly: boolean
}

const MAX_BODY_BYTES = 10 * MIB

/** An HTTP server without routes: errors as JSON with a message, limits, and nothing about our insides. */
export function createApp({ logger, loopbackOnly }: AppOptions): FastifyInstance {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true, logger: false })
  if (loopbackOnly) {
    app.addHook('onRequest', async (request, reply) => {
      if (isLoopback(request.hostname)) return
      // A name that resolves to 127.0.0.1 (DNS rebinding) would let any page read what is here.
      await reply.code(403).send({
        error: `this server answers only as localhost, not as "${request.hostname}": set HOST to serve others`,
      })
    })
  }
  app.setErrorHandler((error: FastifyError | ObservabilityError, request, reply) => {
    const status = statusOf(error)
    if (error instanceof HttpError && error.retryAfterSeconds !== null)
      reply.header('retry-after', error.retryAfterSeconds)
    // What is left of the body is not wanted.
    if (!request.raw.complete) reply.header('connection', 'close')
    if (status >= 500 && !(error instanceof HttpError)) {
      logger.error({ method: request.method, url: request.url, error: messageOf(error) }, 'a request failed')
    }
    return reply
      .code(status)
      .send(
        error instanceof HttpError
          ? { error: error.message, code: error.code }
          : { error: status >= 500 ? 'internal error; the server log says more' : error.message },
      )
  })
  return app
}

function statusOf(error: FastifyError | ObservabilityError): number {
  if (error instanceof HttpError) return error.status
  if (error instanceof ObservabilityError) return error.code === 'PAYLOAD_INVALID' ? 400 : 500
  return error.statusCode ?? 500
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(hostname) || hostname.endsWith('.localhost')
}

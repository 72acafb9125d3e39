import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { messageOf, ObservabilityError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { MIB } from '../units.ts'
import { type CallerRules, isNamedOrigin, refusal } from './caller.ts'
import { HttpError } from './http-error.ts'
import { letFinish } from './let-finish.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route itself decides which pages may call it. */
    judgesOrigins?: boolean
  }
}

export interface AppOptions {
  logger: Logger
  /** Who may call at all. */
  callers: CallerRules
}

const MAX_BODY_BYTES = 10 * MIB

/** An HTTP server without routes: errors as JSON with a message, limits, and nothing about our insides. */
export function createApp({ logger, callers }: AppOptions): FastifyInstance {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true, logger: false })
  app.addHook('onRequest', async ({ headers, method, routeOptions }, reply) => {
    const ownRules = routeOptions.config.judgesOrigins === true
    const mayChange = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && !ownRules
    const reason = refusal(headers, callers, mayChange)
    if (reason !== null) return reply.code(403).send({ error: reason })
    const { origin } = headers
    if (ownRules || origin === undefined || !isNamedOrigin(origin, callers)) return
    reply.headers({
      'access-control-allow-origin': origin,
      // Not for everybody's pages: they must not use a login that is not theirs.
      ...(callers.allowedOrigins.includes(origin) ? { 'access-control-allow-credentials': 'true' } : {}),
      vary: 'Origin',
    })
    if (method !== 'OPTIONS') return
    return reply
      .headers({
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': headers['access-control-request-headers'] ?? 'content-type',
        'access-control-max-age': '600',
      })
      .code(204)
      .send()
  })
  app.setErrorHandler((error: FastifyError | ObservabilityError, request, reply) => {
    const status = statusOf(error)
    if (error instanceof HttpError && error.retryAfterSeconds !== null)
      reply.header('retry-after', error.retryAfterSeconds)
    letFinish(request.raw)
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

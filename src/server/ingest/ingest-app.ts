import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from './access.ts'
import type { BodyReader } from './body.ts'
import type { Ingest } from './ingest.ts'

/** What the routes that take events share. */
export interface IngestParts {
  ingest: Ingest
  access: Access
  bodies: BodyReader
}

const OWN_RULES = { judgesOrigins: true }
const ALLOWED_HEADERS = 'authorization, content-type, content-encoding, x-api-key, traceparent, tracestate'

/**
 * Makes a scope of the server one that takes events: bodies are read by its routes themselves, within their limits, and pages
 * of welcome origins may send.
 */
export function prepareIngestScope(app: FastifyInstance, access: Access): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onRequest', async (request, reply) => {
    const origin = access.allowedOrigin(request)
    if (origin === null) return
    reply.header('access-control-allow-origin', origin).header('vary', 'origin')
    // sendBeacon() sends along what cookies there are, and asks whether it may.
    if (access.isNamed(origin)) reply.header('access-control-allow-credentials', 'true')
    reply.header('access-control-expose-headers', 'retry-after')
  })
}

/** A route that takes events, and the answer to browsers that ask first whether they may. */
export function ingestRoute(
  app: FastifyInstance,
  path: string,
  handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.post(path, { config: OWN_RULES }, handle)
  app.options(path, { config: OWN_RULES }, async (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'POST')
      .header('access-control-allow-headers', ALLOWED_HEADERS)
      .header('access-control-max-age', '600')
      .code(204)
      .send(),
  )
}

/** The kind of a body, without its parameters, in lower case. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** The address of whoever is at the other end of the connection. */
export const addressOf = (request: FastifyRequest): string => request.socket.remoteAddress ?? ''

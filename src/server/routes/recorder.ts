import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { PluginStatus } from '../../../plugin.ts'

export interface RecorderRouteOptions {
  status: () => PluginStatus
  /** Whether the caller may look: the same people as may ask GraphQL. */
  isAllowed: (headers: IncomingHttpHeaders) => Promise<boolean>
}

/** `GET /api/recorder`: how the plugin in this process is doing, in counts and states. No passwords. */
export async function recorderRoute(app: FastifyInstance, { status, isAllowed }: RecorderRouteOptions): Promise<void> {
  app.get('/api/recorder', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    if (!(await isAllowed(request.headers))) return reply.code(401).send({ error: 'log in first: POST /login' })
    return status()
  })
}

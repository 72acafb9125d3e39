import type { FastifyInstance } from 'fastify'
import type { PluginStatus } from '../../../plugin.ts'

/** `GET /api/recorder`: how the plugin in this process is doing. Counts and states; no names of databases, no secrets. */
export async function recorderRoute(app: FastifyInstance, { status }: { status: () => PluginStatus }): Promise<void> {
  app.get('/api/recorder', async (_request, reply) => reply.header('cache-control', 'no-store').send(status()))
}

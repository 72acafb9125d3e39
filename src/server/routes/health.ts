import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ping } from '../../db/ping.ts'
import type { Pool } from '../../db/pool.ts'
import { messageOf } from '../../errors.ts'

export interface HealthRouteOptions {
  pool: Pool
  version: string
  /** What the metadata mentions and the database does not have; `?strict=true` then fails. */
  inconsistencies?: readonly string[]
}

/** `/healthz`, also `/hasura/healthz` (can the database be asked?), and `/v1/version`, at the places where Hasura has them. */
export async function healthRoutes(app: FastifyInstance, options: HealthRouteOptions): Promise<void> {
  const { pool, version, inconsistencies = [] } = options
  const health = async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      await ping(pool)
      if (inconsistencies.length === 0) return reply.type('text/plain').send('OK')
      const strict = (request.query as Record<string, unknown>).strict === 'true'
      return reply
        .code(strict ? 500 : 200)
        .type('text/plain')
        .send(`${strict ? 'ERROR' : 'WARN'}: inconsistent objects in schema`)
    } catch (error) {
      return reply
        .code(500)
        .type('text/plain')
        .send(`ERROR: the database does not answer: ${messageOf(error)}`)
    }
  }
  app.get('/healthz', health)
  app.get('/hasura/healthz', health)
  // The type says that this is not Hasura itself.
  app.get('/v1/version', async () => ({ version, server_type: 'hasura-event-detector-observability' }))
}

import type { FastifyInstance } from 'fastify'
import type { Pool } from '../../db/pool.ts'
import { messageOf } from '../../errors.ts'

export interface HealthRouteOptions {
  pool: Pool
  version: string
}

/** `/healthz` (can the database be asked?) and `/v1/version`, at the places where Hasura has them. */
export async function healthRoutes(app: FastifyInstance, { pool, version }: HealthRouteOptions): Promise<void> {
  app.get('/healthz', async (_request, reply) => {
    try {
      await pool.query('SELECT 1')
      return reply.type('text/plain').send('OK')
    } catch (error) {
      return reply
        .code(500)
        .type('text/plain')
        .send(`ERROR: the observability database does not answer: ${messageOf(error)}`)
    }
  })
  // The type says that this is not Hasura itself.
  app.get('/v1/version', async () => ({ version, server_type: 'hasura-event-detector-observability' }))
}

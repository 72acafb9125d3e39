import type { FastifyInstance } from 'fastify'
import type { GraphqlEngine } from '../../graphql/engine.ts'

export interface GraphqlRouteOptions {
  engine: GraphqlEngine
}

/** `POST /v1/graphql` as Hasura answers it: always status 200, errors in the body. */
export async function graphqlRoute(app: FastifyInstance, { engine }: GraphqlRouteOptions): Promise<void> {
  app.post('/v1/graphql', async (request, reply) => {
    const variables: Record<string, string> = {}
    for (const [name, value] of Object.entries(request.headers)) {
      if (name.startsWith('x-hasura-') && typeof value === 'string') variables[name] = value
    }
    const role = variables['x-hasura-role'] ?? 'admin'
    const body = await engine.execute(request.body, { role, variables })
    // The body is JSON text already, made by Postgres: parsing it here would damage large numbers.
    return reply.type('application/json; charset=utf-8').send(body)
  })
}

import type { FastifyInstance } from 'fastify'
import type { HasuraEventPayload } from '../../hasura/event-payload.ts'
import { parseHasuraEventPayload } from '../../hasura/event-payload.ts'

/** What the detector answered: the events it asked about and the jobs that ran. */
export interface DetectionResponse {
  events: { name: string; detected: boolean }[]
  durationMs: number
}

export interface WebhookRouteOptions {
  detect: (payload: HasuraEventPayload) => Promise<DetectionResponse>
}

/** `POST /webhooks/hasura`: event trigger deliveries. 400 with what is wrong when the body is not one. */
export async function webhookRoute(app: FastifyInstance, { detect }: WebhookRouteOptions): Promise<void> {
  app.post('/webhooks/hasura', async request => {
    const { events, durationMs } = await detect(parseHasuraEventPayload(request.body))
    return {
      detected: events.filter(event => event.detected).map(event => event.name),
      asked: events.length,
      durationMs,
    }
  })
}

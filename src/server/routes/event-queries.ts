import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ObservabilityError } from '../../errors.ts'
import type { EventQueries } from '../../event-query/query-events.ts'
import { readEventQuery } from '../../event-query/read-query.ts'
import type { Hub } from '../../live/hub.ts'
import type { ReadAccess } from '../socket/event-connection.ts'
import { onlyColumns, type VisibleColumns } from '../socket/event-frames.ts'
import type { EventSockets } from '../socket/event-socket.ts'

export interface EventQueryRoutesOptions {
  readonly queries: EventQueries
  readonly hub: Hub
  readonly sockets: EventSockets
  /** What a caller may read. Rejects with what to answer. */
  readonly authorize: (headers: IncomingHttpHeaders) => Promise<ReadAccess>
}

/** Simple questions to the event table and the live stream, for those who do not speak GraphQL. */
export async function eventQueryRoutes(app: FastifyInstance, options: EventQueryRoutesOptions): Promise<void> {
  const { queries, hub, sockets, authorize } = options

  app.post('/api/query/unified', async (request, reply) => {
    const access = await authorize(request.headers)
    const { rows, nextCursor } = await queries.find(readEventQuery(request.body), access)
    return send(reply, rows, access.columns, { next_cursor: nextCursor })
  })

  app.get<{ Querystring: { trace_id?: unknown } }>('/api/query/trace', async (request, reply) => {
    const access = await authorize(request.headers)
    const { trace_id: traceId } = request.query
    if (typeof traceId !== 'string' || traceId === '' || traceId.includes('\0')) {
      throw new ObservabilityError('PAYLOAD_INVALID', 'which trace? Add ?trace_id=…')
    }
    const { rows, isCut } = await queries.trace(traceId, access)
    return send(reply, rows, access.columns, { truncated: isCut })
  })

  app.get('/api/stats', async request => {
    await authorize(request.headers)
    const { messagesSent, messagesPerSecond, windowEvents, windowBytes } = hub.stats()
    return {
      activeConnections: sockets.count,
      messagesSent,
      messagesPerSecond,
      topicStats: sockets.subscribers(),
      windowEvents,
      windowBytes,
    }
  })
}

// Rows are JSON text already: parsing them would cost time and the exactness of large numbers.
function send(reply: FastifyReply, rows: readonly string[], columns: VisibleColumns, more: object): FastifyReply {
  const visible = columns === null ? rows : rows.map(row => onlyColumns(row, columns))
  const rest = JSON.stringify(more).slice(1)
  return reply.type('application/json').send(`{"rows":[${visible.join(',')}],${rest}`)
}

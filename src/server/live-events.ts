import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Pool } from '../db/pool.ts'
import type { OwnBatches } from '../event/own-batches.ts'
import { createEventQueries } from '../event-query/query-events.ts'
import { startFeed } from '../live/feed.ts'
import type { HotWindowLimits } from '../live/hot-window.ts'
import { Hub } from '../live/hub.ts'
import type { Logger } from '../log.ts'
import type { CallerRules } from './caller.ts'
import { eventQueryRoutes } from './routes/event-queries.ts'
import type { ReadAccess } from './socket/event-connection.ts'
import { addEventSocket } from './socket/event-socket.ts'

export interface LiveEventsOptions {
  readonly pool: Pool
  readonly connectionString: string
  readonly schema: string
  readonly callers: CallerRules
  /** What a caller may read. Rejects with what to answer. */
  readonly authorize: (headers: IncomingHttpHeaders) => Promise<ReadAccess>
  /** How much is held for replay. */
  readonly window?: Partial<HotWindowLimits>
  /** What this process itself is storing. */
  readonly ownBatches?: OwnBatches
  readonly logger: Logger
}

/** The event table as a stream and for simple questions: `/api/events`, `/api/query/…`, `/api/stats`. */
export async function addLiveEvents(
  app: FastifyInstance,
  { pool, connectionString, schema, callers, authorize, window, ownBatches, logger }: LiveEventsOptions,
): Promise<{ close(): Promise<void> }> {
  const hub = new Hub(window)
  const sockets = addEventSocket(app, { hub, callers, authorize })
  const queries = await createEventQueries(pool, schema)
  await app.register(eventQueryRoutes, { queries, hub, sockets, authorize })
  const feed = await startFeed({ hub, pool, connectionString, schema, logger, ...(ownBatches ? { ownBatches } : {}) })
  return {
    async close() {
      await feed.close()
      hub.close()
    },
  }
}

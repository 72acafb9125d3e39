import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { WebSocketServer } from 'ws'
import { messageOf } from '../../errors.ts'
import type { Hub } from '../../live/hub.ts'
import type { EventFilter } from '../../live/topic.ts'
import { KIB } from '../../units.ts'
import { type CallerRules, refusal } from '../caller.ts'
import { EVENT_CLOSE, EventConnection, type EventConnectionOptions, type ReadAccess } from './event-connection.ts'
import { EventFrames } from './event-frames.ts'
import { FILTERS, readStart } from './event-messages.ts'
import { refuseUpgrade, upgradeRoute } from './upgrades.ts'

export interface EventSocketOptions
  extends Pick<EventConnectionOptions, 'maxWaitingBytes' | 'maxTopics' | 'keepAliveMs'> {
  readonly hub: Hub
  readonly callers: CallerRules
  /** What a caller may read. Rejects with a message for the client. */
  readonly authorize: (headers: IncomingHttpHeaders) => Promise<ReadAccess>
  /** Most connections at a time. @default 10000 */
  readonly maxConnections?: number
}

export interface EventSockets {
  readonly count: number
  /** Connections by topic. */
  subscribers(): Record<string, { subscribers: number }>
}

const PATH = '/api/events'
const MAX_MESSAGE_BYTES = 64 * KIB
const GOODBYE_MS = 1_000

/**
 * The live stream: `ws://…/api/events?topic=log&topic=orders.**&level=error&lastEventId=…`, and what docs/live.md says of
 * messages. A key may be given as `token`, as browsers cannot send headers with a WebSocket.
 */
export function addEventSocket(app: FastifyInstance, options: EventSocketOptions): EventSockets {
  const { hub, callers, authorize, maxConnections = 10_000, ...limits } = options
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  const connections = new Set<EventConnection>()
  const frames = new EventFrames()
  let isStopping = false

  async function connect(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const start = readStart(
      url.searchParams.get('lastEventId') ?? request.headers['last-event-id'],
      url.searchParams.get('fromTimestamp'),
    )
    const reason = refusal(request.headers, callers, true)
    if (reason !== null) return refuseUpgrade(socket, 403, reason)
    if (isStopping) return refuseUpgrade(socket, 503, 'the server is stopping')
    if (connections.size >= maxConnections) return refuseUpgrade(socket, 503, 'too many connections')
    if (typeof start === 'string') return refuseUpgrade(socket, 400, start)
    const token = url.searchParams.get('token')
    const headers = token === null ? request.headers : { ...request.headers, authorization: `Bearer ${token}` }
    let access: ReadAccess
    // The client may go while it is asked who it is.
    const ignore = (): void => {}
    socket.on('error', ignore)
    try {
      access = await authorize(headers)
    } catch (error) {
      return refuseUpgrade(socket, 401, messageOf(error))
    }
    if (socket.destroyed) return
    socket.off('error', ignore)
    server.handleUpgrade(request, socket, head, webSocket => {
      const connection = new EventConnection(webSocket, socket, access, {
        hub,
        frames,
        authorize: () => authorize(headers),
        ...limits,
      })
      connections.add(connection)
      webSocket.once('close', () => connections.delete(connection))
      connection.open(url.searchParams.getAll('topic'), filterOf(url.searchParams), start)
    })
  }

  upgradeRoute(app, PATH, (request, socket, head) => {
    connect(request, socket, head).catch(error => refuseUpgrade(socket, 400, messageOf(error)))
  })
  app.addHook('preClose', async () => {
    isStopping = true
    const sockets = [...server.clients]
    const closed = Promise.all(sockets.map(socket => new Promise(resolve => socket.once('close', resolve))))
    for (const connection of connections) connection.close(EVENT_CLOSE.GOING_AWAY, 'the server is stopping')
    const deadline = setTimeout(() => {
      for (const socket of sockets) socket.terminate()
    }, GOODBYE_MS)
    await closed
    clearTimeout(deadline)
  })
  return {
    get count() {
      return connections.size
    },
    subscribers() {
      const counts = new Map<string, number>()
      for (const { topics } of connections) {
        for (const topic of topics) counts.set(topic, (counts.get(topic) ?? 0) + 1)
      }
      return Object.fromEntries([...counts].map(([topic, subscribers]) => [topic, { subscribers }]))
    },
  }
}

/** `level=error&level=fatal`, or `level=error,fatal`. */
function filterOf(parameters: URLSearchParams): EventFilter {
  const named = FILTERS.map(name => [name, parameters.getAll(name).flatMap(value => value.split(','))] as const)
  return Object.fromEntries(named.filter(([, values]) => values.length > 0))
}

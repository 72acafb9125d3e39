import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { WebSocketServer } from 'ws'
import { MIB } from '../../units.ts'
import { type CallerRules, refusal } from '../caller.ts'
import { Connection, type ConnectionOptions, DEFAULT_LIMITS } from './connection.ts'
import { CLOSE, chooseProtocol } from './protocol.ts'
import { refuseUpgrade, upgradeRoute } from './upgrades.ts'

export interface GraphqlSocketOptions
  extends Pick<ConnectionOptions, 'engine' | 'authenticate'>,
    Partial<Omit<ConnectionOptions, 'engine' | 'authenticate'>> {
  /** Who may call at all. */
  readonly callers: CallerRules
  /** Most sockets at a time. @default 10000 */
  readonly maxSockets?: number
}

const PATH = '/v1/graphql'
const MAX_MESSAGE_BYTES = 10 * MIB
// Open sockets are told that the server stops; those that do not answer by then are cut.
const GOODBYE_MS = 1_000

/** WebSockets at `/v1/graphql`, in both sub-protocols. They are closed with 1001 when the server stops. */
export function addGraphqlSocket(app: FastifyInstance, options: GraphqlSocketOptions): void {
  const { callers, maxSockets = 10_000, ...rest } = options
  const connectionOptions: ConnectionOptions = { ...DEFAULT_LIMITS, ...rest }
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: offered => (offered.size === 0 ? false : (chooseProtocol(offered)?.name ?? false)),
  })
  const connections = new Set<Connection>()
  let isStopping = false

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const offered = new Set((request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/).filter(Boolean))
    const protocol = chooseProtocol(offered)
    const reason = refusal(request.headers, callers, true)
    if (reason !== null) refuseUpgrade(socket, 403, reason)
    else if (isStopping) refuseUpgrade(socket, 503, 'the server is stopping')
    else if (connections.size >= maxSockets) refuseUpgrade(socket, 503, 'too many connections')
    else if (protocol === undefined) {
      refuseUpgrade(socket, 400, 'unknown sub-protocol: graphql-transport-ws and graphql-ws are known')
    } else {
      server.handleUpgrade(request, socket, head, webSocket => {
        const connection = new Connection(webSocket, protocol, request, connectionOptions)
        connections.add(connection)
        webSocket.once('close', () => connections.delete(connection))
      })
    }
  }

  upgradeRoute(app, PATH, upgrade)
  app.addHook('preClose', async () => {
    isStopping = true
    const sockets = [...server.clients]
    const closed = Promise.all(sockets.map(socket => new Promise(resolve => socket.once('close', resolve))))
    for (const connection of connections) connection.close(CLOSE.GOING_AWAY, 'the server is stopping')
    const deadline = setTimeout(() => {
      for (const socket of sockets) socket.terminate()
    }, GOODBYE_MS)
    await closed
    clearTimeout(deadline)
  })
}

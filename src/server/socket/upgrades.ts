import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

const routes = new WeakMap<Server, Map<string, Upgrade>>()

/** Gives the WebSockets of a path to a handler. Those of paths that nobody has are answered 404. */
export function upgradeRoute(app: FastifyInstance, path: string, upgrade: Upgrade): void {
  let known = routes.get(app.server)
  if (!known) {
    const paths = new Map<string, Upgrade>()
    known = paths
    routes.set(app.server, paths)
    app.server.on('upgrade', (request, socket, head) => {
      const asked = request.url?.split('?')[0] ?? ''
      const handle = paths.get(asked)
      if (handle) handle(request, socket, head)
      else refuseUpgrade(socket, 404, `no WebSocket is at ${asked}`)
    })
  }
  known.set(path, upgrade)
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
}

/** Answers a request for a WebSocket with an HTTP error and its reason. */
export function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const body = JSON.stringify({ error: reason })
  // The client may have gone already.
  socket.on('error', () => {})
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

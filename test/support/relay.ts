import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A way to a server that breaks off requests, as a network does: the client sees a lost connection. */
export interface Relay {
  /** Without a slash at its end. */
  readonly url: string
  /** Which requests are broken off, by their bodies; at first none. */
  refuses: (body: Buffer) => boolean
  /** How many were. */
  refused: number
  stop(): Promise<void>
}

export async function startRelay(target: string): Promise<Relay> {
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming).catch(() => null)
    // The client went away in the middle of it.
    if (body === null) return
    if (relay.refuses(body)) {
      relay.refused++
      incoming.socket.destroy()
      return
    }
    const { method, headers } = incoming
    request(`${target}${incoming.url}`, { method, headers }, answer => {
      answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers))
    })
      .on('error', () => incoming.socket.destroy())
      .end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuses: () => false,
    refused: 0,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return relay
}

import { connect, type NetConnectOpts } from 'node:net'
import { SECOND } from '../units.ts'
import type { PoolClient } from './pool.ts'

/** What a connection of `pg` knows of itself, apart from what its types say. */
interface Connected {
  readonly host: string
  readonly port: number
  readonly processID: number | null
  readonly secretKey: number | null
  readonly connection: { readonly stream: { readonly remoteAddress?: string | undefined } }
}

// Of Postgres' protocol: the number that stands where others have the version.
const CANCEL_REQUEST = 80_877_102
const GIVE_UP_MS = 5 * SECOND

/**
 * Asks Postgres to stop what a connection runs; its statement then fails with 57014. Resolves when Postgres has taken note or
 * cannot be reached, and never rejects: whatever runs has its statement timeout. Only then may the connection run something
 * else, which would be stopped instead.
 *
 * The request goes over a connection of its own and needs no place in the pool. Poolers understand it, too.
 */
export function cancelRunning(client: PoolClient): Promise<void> {
  const { host, port, processID, secretKey, connection } = client as unknown as Connected
  if (processID === null || secretKey === null) return Promise.resolve()
  const message = Buffer.alloc(16)
  for (const [index, value] of [message.length, CANCEL_REQUEST, processID, secretKey].entries()) {
    message.writeInt32BE(value, index * 4)
  }
  // The very server that the connection leads to: a name may stand for several.
  const server: NetConnectOpts = host.startsWith('/')
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host: connection.stream.remoteAddress ?? host, port }
  return new Promise(resolve => {
    const socket = connect(server, () => socket.end(message))
    socket.setTimeout(GIVE_UP_MS, () => socket.destroy())
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    // Postgres answers nothing, and closes when it has told the session.
    socket.resume()
  })
}

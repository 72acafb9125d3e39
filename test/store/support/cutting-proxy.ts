import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  url: string
  /** Cuts the connection when the server has answered a COMMIT, or a COPY that commits by itself, instead of passing the answer on. */
  cutNextCommit(): void
  readonly cuts: number
  close(): Promise<void>
}

/** A proxy in front of Postgres that can lose the one answer that matters. */
export async function cuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let armed = false
  let cuts = 0
  const server = createServer(client => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', data => upstream.write(data))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    upstream.on('data', data => {
      if (armed && committed(data)) {
        armed = false
        cuts++
        client.destroy()
        upstream.destroy()
      } else client.write(data)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    cutNextCommit() {
      armed = true
    },
    get cuts() {
      return cuts
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

// ReadyForQuery with "idle": the transaction is over.
const IDLE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

function committed(data: Buffer): boolean {
  return (data.includes('COMMIT\0') || data.includes('COPY ')) && data.includes(IDLE)
}

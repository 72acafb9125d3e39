import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PageServer {
  /** With the address, as pages name it: `http://127.0.0.1:1234`. */
  readonly origin: string
  /** The same pages under another name, and so of another origin. */
  readonly otherOrigin: string
  stop(): Promise<void>
}

export interface ServedFile {
  readonly type: string
  readonly body: string | Buffer
}

/** Somebody's website: files by path, the query aside, on a free port. */
export async function startPageServer(files: Readonly<Record<string, ServedFile>>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const file = files[request.url?.split('?')[0] ?? '']
    if (!file) return response.writeHead(404).end('no such page')
    return response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-store' }).end(file.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    otherOrigin: `http://localhost:${port}`,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

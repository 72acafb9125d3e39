import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPool } from '../../../src/db/pool.ts'
import { type AuthOptions, createAuthenticate } from '../../../src/graphql/auth/authenticate.ts'
import { createGraphqlEngine } from '../../../src/graphql/engine.ts'
import { type HasuraMetadata, readMetadata } from '../../../src/hasura/metadata.ts'
import { silentLogger } from '../../../src/log.ts'
import { createApp } from '../../../src/server/app.ts'
import { graphqlRoute } from '../../../src/server/routes/graphql.ts'

export const ADMIN_SECRET = 'the-admin-secret'

/** What happens to a request on its way. */
export type Road = 'open' | 'cut the answer' | ((request: Passing) => undefined | 'pass')

export interface Passing {
  body: string
  response: ServerResponse
}

/** Our own endpoint over the shipped metadata, and before it a proxy that can be told to misbehave. */
export interface HasuraEndpoint {
  url: string
  /** Set to change what happens to requests. */
  road: Road
  /** Of each request that came, the headers and the length of the body in bytes. */
  readonly requests: { headers: IncomingMessage['headers']; bytes: number }[]
  /** Answers whose connection was cut. */
  readonly cuts: number
  stop(): Promise<void>
  /** At the same address as before. */
  start(): Promise<void>
  close(): Promise<void>
}

export interface HasuraEndpointOptions {
  auth?: Partial<AuthOptions>
  change?: (metadata: HasuraMetadata) => HasuraMetadata
}

export async function startHasuraEndpoint(
  databaseUrl: string,
  { auth, change = metadata => metadata }: HasuraEndpointOptions = {},
): Promise<HasuraEndpoint> {
  const pool = createPool({ connectionString: databaseUrl, max: 4 })
  const engine = await createGraphqlEngine({ pool, metadata: change(await readMetadata('hasura-metadata')) })
  const app = createApp({ logger: silentLogger, callers: { loopbackOnly: true, allowedOrigins: [] } })
  const authenticate = createAuthenticate({ adminSecret: ADMIN_SECRET, unauthorizedRole: null, ...auth })
  await app.register(graphqlRoute, { engine, authenticate })
  const upstream = await app.listen({ port: 0, host: '127.0.0.1' })

  const requests: HasuraEndpoint['requests'] = []
  let cuts = 0
  let port = 0
  let server: Server | undefined

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts)
    requests.push({ headers: request.headers, bytes: body.length })
    if (typeof endpoint.road === 'function' && endpoint.road({ body: body.toString(), response }) !== 'pass') return
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers
    const answer = await fetch(`${upstream}${request.url}`, {
      method: request.method as string,
      headers: headers as Record<string, string>,
      body,
    })
    const text = await answer.text()
    if (endpoint.road === 'cut the answer') {
      endpoint.road = 'open'
      cuts++
      request.socket.destroy()
      return
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text)
  }

  const endpoint: HasuraEndpoint = {
    url: '',
    road: 'open',
    requests,
    get cuts() {
      return cuts
    },
    async stop() {
      const running = server
      server = undefined
      running?.closeAllConnections()
      await new Promise<void>(resolve => (running ? running.close(() => resolve()) : resolve()))
    },
    start() {
      const made = createServer((request, response) => void pass(request, response))
      server = made
      return new Promise<void>(resolve =>
        made.listen(port, '127.0.0.1', () => {
          port = (made.address() as AddressInfo).port
          endpoint.url = `http://127.0.0.1:${port}`
          resolve()
        }),
      )
    },
    async close() {
      await endpoint.stop()
      await app.close()
      await pool.end()
    },
  }
  await endpoint.start()
  return endpoint
}

import { once } from 'node:events'
import WebSocket from 'ws'
import { type AuthOptions, createAuthenticate } from '../../../src/graphql/auth/authenticate.ts'
import type { GraphqlEngine } from '../../../src/graphql/engine.ts'
import { silentLogger } from '../../../src/log.ts'
import { createApp } from '../../../src/server/app.ts'
import type { CallerRules } from '../../../src/server/caller.ts'
import { graphqlRoute } from '../../../src/server/routes/graphql.ts'
import { restRoute } from '../../../src/server/routes/rest.ts'
import { addGraphqlSocket, type GraphqlSocketOptions } from '../../../src/server/socket/graphql-socket.ts'
import type { Answer } from './library.ts'

export interface Endpoint {
  url: string
  socketUrl: string
  stop(): Promise<void>
}

export interface EndpointOptions extends Partial<Omit<GraphqlSocketOptions, 'engine' | 'callers'>> {
  callers?: Partial<CallerRules>
  auth?: AuthOptions
}

/** `/v1/graphql` over HTTP and WebSocket, as the servers put it together. */
export async function startEndpoint(
  engine: GraphqlEngine,
  { callers, auth = { adminSecret: null, unauthorizedRole: null }, ...socket }: EndpointOptions = {},
): Promise<Endpoint> {
  const rules = { loopbackOnly: true, allowedOrigins: [], ...callers }
  const app = createApp({ logger: silentLogger, callers: rules })
  const authenticate = createAuthenticate(auth)
  await app.register(graphqlRoute, { engine, authenticate })
  await app.register(restRoute, { engine, authenticate })
  addGraphqlSocket(app, {
    engine,
    callers: rules,
    authenticate,
    ...socket,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  return {
    url: `http://localhost:${port}/v1/graphql`,
    socketUrl: `ws://localhost:${port}/v1/graphql`,
    stop: () => app.close(),
  }
}

/** A client that speaks a sub-protocol by hand and sees every message. */
export class RawClient {
  readonly socket: WebSocket
  readonly #messages: Answer[] = []
  readonly #waiting: ((message: Answer) => void)[] = []
  readonly closed: Promise<{ code: number; reason: string }>

  constructor(url: string, protocol: string | null = 'graphql-transport-ws', options: WebSocket.ClientOptions = {}) {
    this.socket = protocol === null ? new WebSocket(url, options) : new WebSocket(url, protocol, options)
    this.socket.on('message', data => {
      const message = JSON.parse(String(data))
      const waiting = this.#waiting.shift()
      if (waiting) waiting(message)
      else this.#messages.push(message)
    })
    this.closed = new Promise(resolve =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    )
  }

  async open(): Promise<this> {
    await once(this.socket, 'open')
    return this
  }

  /** Opens, sends connection_init and waits for its answer, past a keep-alive. */
  async init(payload?: object): Promise<this> {
    await this.open()
    this.send({ type: 'connection_init', ...(payload === undefined ? {} : { payload }) })
    const answer = await this.next()
    if (answer.type !== 'connection_ack') throw new Error(JSON.stringify(answer))
    return this
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The next message that is no sign of life. */
  async next(): Promise<Answer> {
    for (;;) {
      const message = this.#messages.shift() ?? (await new Promise<Answer>(resolve => this.#waiting.push(resolve)))
      if (message.type !== 'ka' && message.type !== 'ping') return message
    }
  }

  /** What has come and was not asked for yet, without signs of life. */
  get unread(): Answer[] {
    return this.#messages.filter(message => message.type !== 'ka' && message.type !== 'ping')
  }

  subscribe(id: string, query: string, variables?: object): void {
    const type = this.socket.protocol === 'graphql-transport-ws' ? 'subscribe' : 'start'
    this.send({ type, id, payload: { query, ...(variables === undefined ? {} : { variables }) } })
  }

  close(): void {
    this.socket.terminate()
  }
}

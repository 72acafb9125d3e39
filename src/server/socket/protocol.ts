/** What the two sub-protocols call the same things, and how they answer. Bodies and errors are JSON text already. */
export interface Protocol {
  /** As it is negotiated. */
  readonly name: 'graphql-transport-ws' | 'graphql-ws'
  readonly start: string
  readonly stop: string
  /** Whether mistakes are answered with a message and the socket stays open, instead of being closed with a code. */
  readonly isLenient: boolean
  /** Sent every few seconds, for proxies that cut silent connections. */
  readonly keepAlive: string
  next(id: string, body: string): string
  error(id: string, errors: string): string
  complete(id: string): string
}

const message = (type: string, id: string, payload: string): string =>
  `{"type":"${type}","id":${JSON.stringify(id)},"payload":${payload}}`
const complete = (id: string): string => JSON.stringify({ type: 'complete', id })

/** https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
export const MODERN: Protocol = Object.freeze({
  name: 'graphql-transport-ws',
  start: 'subscribe',
  stop: 'complete',
  isLenient: false,
  keepAlive: JSON.stringify({ type: 'ping', payload: { message: 'keepalive' } }),
  next: (id: string, body: string) => message('next', id, body),
  error: (id: string, errors: string) => message('error', id, errors),
  complete,
})

/** Apollo's older protocol, of the package subscriptions-transport-ws; also spoken when a client names none. */
export const LEGACY: Protocol = Object.freeze({
  name: 'graphql-ws',
  start: 'start',
  stop: 'stop',
  isLenient: true,
  keepAlive: JSON.stringify({ type: 'ka' }),
  next: (id: string, body: string) => message('data', id, body),
  // Hasura ends a refused operation twice, and clients rely on either.
  error: (id: string, errors: string) => message('error', id, `{"errors":${errors}}`),
  complete,
})

/** Why a socket is closed. 4xxx are the sub-protocol's own. */
export const CLOSE = Object.freeze({
  NORMAL: 1000,
  GOING_AWAY: 1001,
  TOO_SLOW: 1013,
  BAD_MESSAGE: 4400,
  NOT_INITIALISED: 4401,
  FORBIDDEN: 4403,
  INIT_TIMEOUT: 4408,
  ID_IN_USE: 4409,
  REPEATED_INIT: 4429,
})

/** The sub-protocol to speak with a client that offers these; undefined when it offers only others. */
export function chooseProtocol(offered: ReadonlySet<string>): Protocol | undefined {
  if (offered.has(MODERN.name)) return MODERN
  return offered.size === 0 || offered.has(LEGACY.name) ? LEGACY : undefined
}

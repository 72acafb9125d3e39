import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import type { Authenticate } from '../../graphql/auth/session-of.ts'
import type { GraphqlEngine } from '../../graphql/engine.ts'
import { errorList, GraphqlError } from '../../graphql/errors.ts'
import type { Session } from '../../graphql/execute/session.ts'
import { parseJson } from '../../graphql/json-text.ts'
import type { RunningOperation } from '../../graphql/subscribe/operation.ts'
import { MIB, SECOND } from '../../units.ts'
import { CLOSE, type Protocol } from './protocol.ts'

export interface ConnectionOptions {
  readonly engine: GraphqlEngine
  readonly authenticate: Authenticate
  /** Longest wait for connection_init, in milliseconds. */
  readonly initTimeoutMs: number
  /** Between two signs of life, in milliseconds. */
  readonly keepAliveMs: number
  /** Most operations of one socket at a time. */
  readonly maxOperations: number
  /** Most bytes that may wait for a client to read them. */
  readonly maxWaitingBytes: number
}

export const DEFAULT_LIMITS = Object.freeze({
  initTimeoutMs: 3 * SECOND,
  keepAliveMs: 5 * SECOND,
  maxOperations: 1_000,
  maxWaitingBytes: 16 * MIB,
})

// setTimeout takes no longer wait; a token that is valid for longer is looked at again.
const MAX_TIMER_MS = 2_147_483_647
// How long a client that does not read may take to read why it is sent away.
const CLOSING_MS = 2 * SECOND
const MAX_WAITING_MESSAGES = 100
// A ping waits behind what was sent before it, so one that is late says nothing yet.
const MAX_UNANSWERED = 6

type State =
  | { readonly name: 'new' | 'initialising' }
  | { readonly name: 'ready'; readonly session: Session }
  | { readonly name: 'refused'; readonly reason: string }

interface Message {
  readonly type: string
  readonly id: string | undefined
  readonly payload: unknown
}

/**
 * One socket in either sub-protocol.
 *
 * new ─connection_init▶ initialising ─headers are good▶ ready; else refused (legacy) or closed. Operations run while
 * ready. Whatever ends the socket ends its operations.
 */
export class Connection {
  readonly #socket: WebSocket
  readonly #protocol: Protocol
  readonly #request: IncomingMessage
  readonly #options: ConnectionOptions
  readonly #operations = new Map<string, RunningOperation>()
  #state: State = { name: 'new' }
  /** Older clients do not wait for connection_ack. */
  #early: Message[] = []
  #initTimer: NodeJS.Timeout | undefined
  #expiryTimer: NodeJS.Timeout | undefined
  /** No longer waits for the end of the login. */
  #stopWaiting = (): void => {}
  #keepAliveTimer: NodeJS.Timeout | undefined
  /** Pings in a row that were not answered. */
  #unanswered = 0

  constructor(socket: WebSocket, protocol: Protocol, request: IncomingMessage, options: ConnectionOptions) {
    this.#socket = socket
    this.#protocol = protocol
    this.#request = request
    this.#options = options
    this.#initTimer = setTimeout(() => {
      this.close(CLOSE.INIT_TIMEOUT, 'Connection initialisation timeout')
    }, options.initTimeoutMs)
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => {
      this.#unanswered = 0
    })
    socket.on('close', () => this.#end())
    // A frame that is no frame, or too large: ws closes the socket with the fitting code, and 'close' follows.
    socket.on('error', () => {})
  }

  /** Ends every operation and the socket. */
  close(code: number, reason: string): void {
    this.#end()
    this.#socket.close(code, shortened(reason))
    setTimeout(() => this.#socket.terminate(), CLOSING_MS).unref()
  }

  #end(): void {
    clearTimeout(this.#initTimer)
    clearTimeout(this.#expiryTimer)
    clearInterval(this.#keepAliveTimer)
    this.#stopWaiting()
    this.#early = []
    const operations = [...this.#operations.values()]
    this.#operations.clear()
    for (const operation of operations) operation.stop()
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const parsed = isBinary ? 'a binary frame' : parseMessage(String(data))
    if (typeof parsed === 'string') {
      this.#complain(parsed)
      return
    }
    this.#handle(parsed)
  }

  #handle(message: Message): void {
    const { start, stop, isLenient } = this.#protocol
    const { type, id, payload } = message
    if (type === 'connection_init') this.#beginInit(payload)
    else if (type === start || type === stop) {
      if (id === undefined) this.#complain(`"${type}" needs an id`)
      else if (type === start) this.#start(id, message)
      else this.#stop(id)
    } else if (isLenient && type === 'connection_terminate') {
      this.close(CLOSE.NORMAL, 'connection_terminate received')
    } else if (!isLenient && type === 'ping') {
      this.#send(JSON.stringify({ type: 'pong', ...(payload === undefined ? {} : { payload }) }))
    } else if (isLenient || type !== 'pong') this.#complain(`unknown message type ${JSON.stringify(type)}`)
  }

  #beginInit(payload: unknown): void {
    const { name } = this.#state
    // Older clients may try again with other headers.
    if (name === 'new' || (this.#protocol.isLenient && name !== 'initialising')) void this.#initialise(payload)
    else this.close(CLOSE.REPEATED_INIT, 'Too many initialisation requests')
  }

  #stop(id: string): void {
    this.#early = this.#early.filter(message => message.id !== id)
    this.#operations.get(id)?.stop()
    this.#operations.delete(id)
  }

  /** A message that is none. */
  #complain(what: string): void {
    if (!this.#protocol.isLenient) {
      this.close(CLOSE.BAD_MESSAGE, `Invalid message received: ${what}`)
      return
    }
    this.#send(JSON.stringify({ type: 'connection_error', payload: `parsing ClientMessage failed: ${what}` }))
  }

  async #initialise(payload: unknown): Promise<void> {
    this.#state = { name: 'initialising' }
    clearTimeout(this.#initTimer)
    try {
      const { session, expiresAt, onEnd } = await this.#options.authenticate({
        ...this.#request.headers,
        ...headersOf(payload),
      })
      if (this.#socket.readyState !== this.#socket.OPEN) return
      this.#stopWaiting()
      this.#stopWaiting = onEnd?.(() => this.close(CLOSE.FORBIDDEN, 'logged out')) ?? (() => {})
      const address = this.#request.socket.remoteAddress
      this.#state = { name: 'ready', session: { ...session, address } }
      this.#endAt(expiresAt)
      this.#send(JSON.stringify({ type: 'connection_ack' }))
      if (this.#protocol.isLenient) this.#send(this.#protocol.keepAlive)
      clearInterval(this.#keepAliveTimer)
      this.#keepAliveTimer = setInterval(() => this.#keepAlive(), this.#options.keepAliveMs)
    } catch (error) {
      const reason = error instanceof GraphqlError ? error.message : 'internal error'
      this.#state = { name: 'refused', reason }
      if (!this.#protocol.isLenient) {
        this.close(CLOSE.FORBIDDEN, reason)
        return
      }
      this.#send(JSON.stringify({ type: 'connection_error', payload: reason }))
    }
    for (const message of this.#early.splice(0)) this.#handle(message)
  }

  #endAt(expiresAt: number | null): void {
    clearTimeout(this.#expiryTimer)
    if (expiresAt === null) return
    const left = expiresAt - Date.now()
    this.#expiryTimer = setTimeout(
      () => {
        if (left > MAX_TIMER_MS) this.#endAt(expiresAt)
        else this.close(CLOSE.FORBIDDEN, 'the token has expired')
      },
      Math.min(Math.max(0, left), MAX_TIMER_MS),
    )
  }

  #keepAlive(): void {
    // The other end has gone without a word, and TCP may not notice for hours.
    if (this.#unanswered >= MAX_UNANSWERED) {
      this.#socket.terminate()
      return
    }
    this.#unanswered++
    this.#socket.ping()
    this.#send(this.#protocol.keepAlive)
  }

  #start(id: string, message: Message): void {
    const state = this.#state
    const { isLenient } = this.#protocol
    const { maxOperations } = this.#options
    if (state.name === 'initialising' && isLenient && this.#early.length < MAX_WAITING_MESSAGES) {
      this.#early.push(message)
    } else if (state.name !== 'ready') {
      if (!isLenient) this.close(CLOSE.NOT_INITIALISED, 'Unauthorized')
      else if (state.name !== 'refused') this.#refuse(id, 'start received before the connection is initialised')
      else this.#refuse(id, `cannot start as connection_init failed with: ${state.reason}`)
    } else if (this.#operations.has(id)) {
      if (!isLenient) this.close(CLOSE.ID_IN_USE, `Subscriber for ${id} already exists`)
      else this.#refuse(id, `an operation already exists with this id: ${id}`)
    } else if (this.#operations.size >= maxOperations) {
      this.#refuse(id, `a connection may have at most ${maxOperations} operations at a time`)
    } else this.#run(id, message.payload, state.session)
  }

  #run(id: string, payload: unknown, session: Session): void {
    const protocol = this.#protocol
    // Operations may end before they have been noted; such a one must not be noted afterwards.
    let hasEnded = false
    const end = (text: string): void => {
      hasEnded = true
      this.#operations.delete(id)
      this.#send(text)
    }
    const operation = this.#options.engine.start(payload, session, {
      next: body => this.#send(protocol.next(id, body)),
      error: errors => {
        end(protocol.error(id, errors))
        if (protocol.isLenient) this.#send(protocol.complete(id))
      },
      complete: () => end(protocol.complete(id)),
    })
    if (!hasEnded) this.#operations.set(id, operation)
  }

  #refuse(id: string, message: string): void {
    this.#send(this.#protocol.error(id, errorList(new GraphqlError('start-failed', message), 'anonymous')))
    if (this.#protocol.isLenient) this.#send(this.#protocol.complete(id))
  }

  #send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > this.#options.maxWaitingBytes) {
      this.close(CLOSE.TOO_SLOW, `${this.#socket.bufferedAmount} bytes wait to be read: subscribe to less`)
    } else this.#socket.send(text)
  }
}

function parseMessage(text: string): Message | string {
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    return 'not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object'
  const { type, id, payload } = value as Record<string, unknown>
  if (typeof type !== 'string') return '"type" is not a string'
  if (id !== undefined && (typeof id !== 'string' || id === '')) return '"id" is not a string'
  return { type, id, payload }
}

/** The headers in the payload of connection_init, by lower-case name. */
function headersOf(payload: unknown): IncomingHttpHeaders {
  if (typeof payload !== 'object' || payload === null) return {}
  const { headers } = payload as { headers?: unknown }
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return {}
  const entries = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]))
}

// A close frame holds 125 bytes, two of them the code.
function shortened(reason: string): string {
  let text = reason
  while (Buffer.byteLength(text) > 123) text = text.slice(0, -1)
  return text
}

import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import { messageOf, ObservabilityError } from '../../errors.ts'
import type { LiveEvent } from '../../live/hot-window.ts'
import type { Hub } from '../../live/hub.ts'
import type { Reader, Sink } from '../../live/reader.ts'
import type { EventFilter } from '../../live/topic.ts'
import { MIB, SECOND } from '../../units.ts'
import type { EventFrames, VisibleColumns } from './event-frames.ts'
import { type EventMessage, type ReplayStart, readEventMessage } from './event-messages.ts'

/** What a reader may see. */
export interface ReadAccess {
  /** Namespaces; null for all. */
  readonly namespaces: readonly string[] | null
  readonly columns: VisibleColumns
  /** Until when, in milliseconds since 1970; null: for as long as the connection lasts. */
  readonly expiresAt: number | null
}

export const EVERYTHING: ReadAccess = Object.freeze({ namespaces: null, columns: null, expiresAt: null })

export interface EventConnectionOptions {
  readonly hub: Hub
  readonly frames: EventFrames
  /** Asked at the start and again at every subscribe. Throws ObservabilityError or an error with a message for the client. */
  readonly authorize: () => Promise<ReadAccess>
  /** Bytes that may wait to be sent before the reader counts as behind. @default 1048576 */
  readonly maxWaitingBytes?: number
  readonly maxTopics?: number
  /** Between two signs of life, in milliseconds. @default 20000 */
  readonly keepAliveMs?: number
}

export const EVENT_CLOSE = { GOING_AWAY: 1001, FORBIDDEN: 4403, TOO_MUCH: 4429 } as const

const MAX_TOPICS = 100
// Messages that wait for an authorisation; more than a client has reason to send.
const MAX_PENDING = 100
const CLOSING_MS = 2 * SECOND
const MAX_UNANSWERED = 3

/** One client of the live stream. */
export class EventConnection implements Sink {
  readonly #socket: WebSocket
  readonly #wire: Duplex
  readonly #options: EventConnectionOptions
  readonly #maxWaiting: number
  readonly #keepAlive: NodeJS.Timeout
  #access: ReadAccess
  #reader: Reader | null = null
  // Messages are handled one after another: an unsubscribe must not overtake the subscribe it belongs to.
  #work: Promise<void> = Promise.resolve()
  #pending = 0
  #unanswered = 0

  /** `wire` is the connection below `socket`. */
  constructor(socket: WebSocket, wire: Duplex, access: ReadAccess, options: EventConnectionOptions) {
    this.#socket = socket
    this.#wire = wire
    this.#access = access
    this.#options = options
    this.#maxWaiting = options.maxWaitingBytes ?? MIB
    this.#keepAlive = setInterval(() => this.#signOfLife(), options.keepAliveMs ?? 20 * SECOND)
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => {
      this.#unanswered = 0
    })
    socket.on('close', () => this.#end())
    // A frame that is none, or too large: ws closes the socket with the fitting code, and 'close' follows.
    socket.on('error', () => {})
  }

  get topics(): readonly string[] {
    return this.#reader?.topics ?? []
  }

  // Frames that others get, too, go to the connection as they are: past `ws`, which would make a header for each. It sends
  // whatever it is given at once, as nothing here is compressed, so all messages keep their order.
  send(events: readonly LiveEvent[]): number {
    if (!this.#isOpen) return events.length
    if (this.#wire.writableLength > this.#maxWaiting) return 0
    this.#wire.write(this.#options.frames.of(events, this.#access.columns))
    return events.length
  }

  lagged(count: number): void {
    this.#say({ type: 'lagged', skipped: count })
  }

  whenDrained(callback: () => void): void {
    // Frames leave in order: when this one has, so have those before it.
    this.#socket.ping('', undefined, callback)
  }

  close(code: number, reason: string): void {
    this.#end()
    this.#socket.close(code, reason)
    setTimeout(() => this.#socket.terminate(), CLOSING_MS).unref()
  }

  /** Subscribes as the address of the connection asked for. */
  open(topics: readonly string[], filter: EventFilter, start: ReplayStart): void {
    this.#say({ type: 'connected', topics: topics })
    if (topics.length > 0) this.#subscribe(topics, filter, start, null)
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  #receive(data: RawData, isBinary: boolean): void {
    const message = isBinary ? 'a message has to be text' : readEventMessage(String(data))
    if (typeof message === 'string') this.#complain('MESSAGE_INVALID', message, null)
    else if (message.type === 'ping') this.#say({ type: 'pong', timestamp: Date.now() })
    else if (this.#pending >= MAX_PENDING) this.close(EVENT_CLOSE.TOO_MUCH, 'too many messages at a time')
    else {
      this.#pending++
      this.#work = this.#work.then(() => this.#handle(message)).finally(() => this.#pending--)
    }
  }

  async #handle(message: Exclude<EventMessage, { type: 'ping' }>): Promise<void> {
    if (!this.#isOpen) return
    if (message.type === 'unsubscribe') {
      this.#unsubscribe(message.topics, message.id)
      return
    }
    try {
      this.#access = await this.#options.authorize()
    } catch (error) {
      this.#complain('FORBIDDEN', messageOf(error), message.id)
      return
    }
    this.#subscribe(message.topics, message.filter, message.start, message.id)
  }

  #subscribe(topics: readonly unknown[], filter: EventFilter, start: ReplayStart, id: string | null): void {
    const { maxTopics = MAX_TOPICS, hub } = this.#options
    const isReplay = start.afterId !== undefined || start.since !== undefined
    if (this.#reader && isReplay) {
      this.#complain('REPLAY_TOO_LATE', 'a replay can be asked for with the first subscribe of a connection only', id)
      return
    }
    if (new Set([...this.topics, ...topics]).size > maxTopics) {
      this.#complain('TOO_MANY_TOPICS', `a connection may have at most ${maxTopics} topics`, id)
      return
    }
    const reader = this.#reader ?? hub.read(this, start)
    const { namespaces } = this.#access
    try {
      // A topic that is no text is refused by whoever reads topics.
      reader.subscribe(topics.map(topic => ({ topic: topic as string, filter, namespaces })))
    } catch (error) {
      if (this.#reader !== reader) hub.leave(reader)
      if (!(error instanceof ObservabilityError)) throw error
      this.#complain(error.code, error.message, id)
      return
    }
    this.#reader = reader
    // Said before the events that follow from it.
    this.#say({ type: 'subscribed', topics, ...(id === null ? {} : { id }) })
    if (isReplay && reader.truncatedBefore !== null) {
      this.#say({
        type: 'warning',
        code: 'REPLAY_TRUNCATED',
        message: 'events from before that time are no longer held in memory; query them instead',
        completeSince: new Date(reader.truncatedBefore).toISOString(),
      })
    }
    reader.pump()
  }

  #unsubscribe(topics: readonly unknown[], id: string | null): void {
    const known = topics.filter(topic => typeof topic === 'string' && this.#reader?.unsubscribe(topic))
    this.#say({ type: 'unsubscribed', topics: known, ...(id === null ? {} : { id }) })
  }

  #signOfLife(): void {
    if (this.#access.expiresAt !== null && this.#access.expiresAt <= Date.now()) {
      this.close(EVENT_CLOSE.FORBIDDEN, 'the session has expired')
    } else if (this.#unanswered >= MAX_UNANSWERED) this.#socket.terminate()
    else {
      this.#unanswered++
      this.#socket.ping()
    }
  }

  #complain(code: string, message: string, id: string | null): void {
    this.#say({ type: 'error', code, message, ...(id === null ? {} : { id }) })
  }

  #say(message: object): void {
    if (this.#isOpen) this.#socket.send(JSON.stringify(message))
  }

  #end(): void {
    clearInterval(this.#keepAlive)
    if (this.#reader) this.#options.hub.leave(this.#reader)
    this.#reader = null
  }
}

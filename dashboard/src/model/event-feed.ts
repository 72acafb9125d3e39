/** An event of the live stream: its columns that are not null, by name. */
export interface FeedEvent {
  id: string
  event_type: string
  event_name: string
  ns: string
  timestamp: string
  [column: string]: unknown
}

export interface FeedState {
  /** Newest first. */
  readonly events: readonly FeedEvent[]
  /** Arrived since the picture was paused; shown when it goes on. */
  readonly waiting: number
  readonly isPaused: boolean
  /** All that arrived. Each of them is shown, waits, or has left. */
  readonly received: number
  /** Arrived, and left to make room. */
  readonly left: number
  /** The server sent more than could be read: so many never arrived. */
  readonly skipped: number
}

const EMPTY: FeedState = Object.freeze({ events: [], waiting: 0, isPaused: false, received: 0, left: 0, skipped: 0 })

/** The newest events, at most `limit`. While paused new ones wait, as many again; every one that is not shown is counted. */
export class EventFeed {
  readonly #limit: number
  readonly #listeners = new Set<() => void>()
  #waiting: FeedEvent[] = []
  #state: FeedState = EMPTY

  constructor(limit: number) {
    this.#limit = limit
  }

  readonly get = (): FeedState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** In the order they arrived. */
  receive(events: readonly FeedEvent[]): void {
    if (events.length === 0) return
    const received = this.#state.received + events.length
    if (this.#state.isPaused) {
      const all = [...this.#waiting, ...events]
      const left = Math.max(0, all.length - this.#limit)
      this.#waiting = all.slice(left)
      this.#set({ received, waiting: this.#waiting.length, left: this.#state.left + left })
    } else this.#set({ received, ...this.#onTop(events) })
  }

  skipped(count: number): void {
    this.#set({ skipped: this.#state.skipped + count })
  }

  setPaused(isPaused: boolean): void {
    if (isPaused === this.#state.isPaused) return
    const waiting = this.#waiting
    this.#waiting = []
    this.#set({ isPaused, waiting: 0, ...this.#onTop(waiting) })
  }

  clear(): void {
    this.#waiting = []
    this.#set({ ...EMPTY, isPaused: this.#state.isPaused })
  }

  #onTop(events: readonly FeedEvent[]): Pick<FeedState, 'events' | 'left'> {
    const all = [...events.toReversed(), ...this.#state.events]
    const left = Math.max(0, all.length - this.#limit)
    return { events: left === 0 ? all : all.slice(0, this.#limit), left: this.#state.left + left }
  }

  #set(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

/** What an event says in one line. */
export function summaryOf(event: FeedEvent): string {
  const text = (name: string): string => {
    const value = event[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const request = [text('http_method'), text('http_url') || text('http_route'), text('http_status')]
    .filter(Boolean)
    .join(' ')
  const change = [text('db_operation'), text('db_table')].filter(Boolean).join(' ')
  const metric = text('metric_name') && `${text('metric_name')} = ${text('metric_value')} ${text('metric_unit')}`.trim()
  const vital = text('vital_name') && `${text('vital_name')} ${text('vital_value')} ${text('vital_rating')}`.trim()
  const error = text('error_message') || text('status_message')
  const what = text('log_message') || request || change || metric || vital
  if (what.includes(error)) return what
  return what === '' ? error : `${what}: ${error}`
}

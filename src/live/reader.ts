import type { HotWindow, LiveEvent } from './hot-window.ts'
import type { Selection, Selections, Subscription } from './selections.ts'

/** Where a reader's events go; a WebSocket, for one. */
export interface Sink {
  /**
   * Takes events, from the first on, and says how many. Fewer than all: what was sent before has to leave first. Readers that
   * want the same are given the very same list.
   */
  send(events: readonly LiveEvent[]): number
  /** `count` events could not be sent: they left the window before the reader had room for them. */
  lagged(count: number): void
  /** Calls back once when there is room again. */
  whenDrained(callback: () => void): void
}

/** Where to begin: now, after an event, or with what happened since a time (milliseconds since 1970). */
export interface ReaderOptions {
  readonly afterId?: string
  readonly since?: number
}

/** What a reader needs of its hub. */
export interface ReaderContext {
  readonly window: HotWindow
  readonly selections: Selections<Reader>
  /** Readers that read from the window, at their own place. */
  readonly behind: Set<Reader>
  sent(count: number): void
}

// So many events are looked at before others get their turn.
const SLICE = 1_000
/** Characters of events that are sent in one piece, unless one alone is longer. */
export const MAX_PIECE = 65_536

/** One client's place in the window and what it wants of it. */
export class Reader {
  readonly #context: ReaderContext
  readonly #sink: Sink
  #subscriptions: ReadonlyMap<string, Subscription> = new Map()
  /** From when on what was asked for is not complete; null when it is. */
  readonly truncatedBefore: number | null
  #selection: Selection<Reader> | null = null
  /** The next event to look at; null: it has seen all there are, and is given what comes. */
  #position: number | null = null
  // Events before this position are sent only when they happened since then.
  #replayUntil = 0
  #replaySince = 0
  #skipped = 0
  #isWaiting = false
  #isStopped = false

  constructor(context: ReaderContext, sink: Sink, { afterId, since }: ReaderOptions) {
    const { window } = context
    this.#context = context
    this.#sink = sink
    this.truncatedBefore = null
    const known = afterId === undefined ? undefined : window.positionOf(afterId)
    if (known !== undefined) this.#fallBehind(known + 1)
    else if (afterId !== undefined || since !== undefined) {
      this.#fallBehind(window.start)
      this.#replayUntil = window.end
      this.#replaySince = since ?? Number.NEGATIVE_INFINITY
      if (afterId !== undefined || (since !== undefined && since < window.completeSince)) {
        this.truncatedBefore = window.completeSince
      }
    }
  }

  get topics(): string[] {
    return [...this.#subscriptions.keys()]
  }

  /**
   * Asks for more; what was asked for before of the same topic is replaced. Throws TOPIC_INVALID, and then nothing has
   * changed.
   */
  subscribe(subscriptions: readonly Subscription[]): void {
    const next = new Map(this.#subscriptions)
    for (const subscription of subscriptions) next.set(subscription.topic, subscription)
    this.#select(next)
  }

  /** False when that topic was not asked for. */
  unsubscribe(topic: string): boolean {
    const next = new Map(this.#subscriptions)
    if (!next.delete(topic)) return false
    this.#select(next)
    return true
  }

  /** Takes what has just come and is wanted; `positions` are those of the events. One that is behind gets it in its turn. */
  offer(events: readonly LiveEvent[], positions: readonly number[]): void {
    if (this.#position !== null || this.#isStopped) return
    this.#tellSkipped()
    const taken = this.#sink.send(events)
    if (taken > 0) this.#context.sent(taken)
    if (taken === events.length) return
    this.#fallBehind(positions[taken] as number)
    this.#wait()
  }

  /** Reads on from where it was, until it has seen everything or the sink is full. */
  pump(): void {
    if (this.#isWaiting || this.#isStopped || this.#position === null) return
    this.#tellSkipped()
    const { window } = this.#context
    const stop = Math.min(window.end, this.#position + SLICE)
    let piece: LiveEvent[] = []
    let positions: number[] = []
    let length = 0
    for (let position = this.#position; position < stop; position++) {
      const event = window.at(position)
      if (!this.#wants(event, position)) continue
      piece.push(event)
      positions.push(position)
      length += event.json.length
      if (length < MAX_PIECE) continue
      if (!this.#send(piece, positions)) return
      piece = []
      positions = []
      length = 0
    }
    if (piece.length > 0 && !this.#send(piece, positions)) return
    if (stop < window.end) {
      this.#position = stop
      this.#isWaiting = true
      setImmediate(() => this.#readOn())
      return
    }
    this.#position = null
    this.#context.behind.delete(this)
  }

  /** Counts what it has not read of the events that are about to leave. */
  leaveBehind(cut: number): void {
    if (this.#position === null) return
    for (; this.#position < cut; this.#position++) {
      if (this.#wants(this.#context.window.at(this.#position), this.#position)) this.#skipped++
    }
  }

  skip(count: number): void {
    this.#skipped += count
    if (!this.#isWaiting) this.#tellSkipped()
  }

  stop(): void {
    this.#isStopped = true
    this.#context.behind.delete(this)
    this.#select(new Map())
  }

  #select(subscriptions: ReadonlyMap<string, Subscription>): void {
    const { selections } = this.#context
    const before = this.#selection
    this.#selection = subscriptions.size === 0 ? null : selections.join(this, [...subscriptions.values()])
    if (before !== null && before !== this.#selection) selections.leave(this, before)
    this.#subscriptions = subscriptions
  }

  /** False when the sink is full; then it goes on when there is room. */
  #send(events: readonly LiveEvent[], positions: readonly number[]): boolean {
    const taken = this.#sink.send(events)
    if (taken > 0) this.#context.sent(taken)
    if (taken === events.length) return true
    this.#position = positions[taken] as number
    this.#wait()
    return false
  }

  #fallBehind(position: number): void {
    this.#position = position
    this.#context.behind.add(this)
  }

  #wants(event: LiveEvent, position: number): boolean {
    if (this.#selection === null) return false
    if (position < this.#replayUntil && event.timestampMs < this.#replaySince) return false
    return this.#selection.wants(event)
  }

  #tellSkipped(): void {
    if (this.#skipped === 0) return
    this.#sink.lagged(this.#skipped)
    this.#skipped = 0
  }

  #wait(): void {
    this.#isWaiting = true
    this.#sink.whenDrained(() => this.#readOn())
  }

  #readOn(): void {
    this.#isWaiting = false
    if (this.#isStopped) return
    this.pump()
  }
}

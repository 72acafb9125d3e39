import type { HotWindow, LiveEvent } from './hot-window.ts'
import type { Selection, Selections, Subscription } from './selections.ts'

/** Where a reader's events go; a WebSocket, for one. */
export interface Sink {
  /** Whether what was sent before has to leave first. */
  readonly isFull: boolean
  send(event: LiveEvent): void
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

// So many events are looked at before others get their turn.
const SLICE = 1_000

/** One client's place in the window and what it wants of it. */
export class Reader {
  readonly #window: HotWindow
  readonly #selections: Selections
  readonly #sink: Sink
  readonly #sent: (count: number) => void
  #subscriptions: ReadonlyMap<string, Subscription> = new Map()
  /** From when on what was asked for is not complete; null when it is. */
  readonly truncatedBefore: number | null
  #selection: Selection | null = null
  #position: number
  // Events before this position are sent only when they happened since then.
  #replayUntil = 0
  #replaySince = 0
  #skipped = 0
  #isWaiting = false
  #isStopped = false

  constructor(
    window: HotWindow,
    selections: Selections,
    sink: Sink,
    { afterId, since }: ReaderOptions,
    sent: (count: number) => void,
  ) {
    this.#window = window
    this.#selections = selections
    this.#sink = sink
    this.#sent = sent
    this.#position = window.end
    this.truncatedBefore = null
    const known = afterId === undefined ? undefined : window.positionOf(afterId)
    if (known !== undefined) this.#position = known + 1
    else if (afterId !== undefined || since !== undefined) {
      this.#position = window.start
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
    this.#selection = this.#selections.of([...next.values()])
    this.#subscriptions = next
  }

  /** False when that topic was not asked for. */
  unsubscribe(topic: string): boolean {
    const next = new Map(this.#subscriptions)
    if (!next.delete(topic)) return false
    this.#selection = next.size === 0 ? null : this.#selections.of([...next.values()])
    this.#subscriptions = next
    return true
  }

  /** Sends what is wanted until the window's end is reached or the sink is full. */
  pump(): void {
    if (this.#isWaiting || this.#isStopped) return
    let sent = 0
    const end = this.#window.end
    let looked = 0
    while (this.#position < end) {
      if (this.#sink.isFull || looked === SLICE) {
        this.#readOnLater()
        break
      }
      looked++
      const event = this.#window.at(this.#position)
      const wanted = this.#wants(event, this.#position)
      this.#position++
      if (!wanted) continue
      this.#tellSkipped()
      this.#sink.send(event)
      sent++
    }
    if (sent > 0) this.#sent(sent)
  }

  /** Counts what it has not read of the events that are about to leave. */
  leaveBehind(position: number): void {
    while (this.#position < position) {
      if (this.#wants(this.#window.at(this.#position), this.#position)) this.#skipped++
      this.#position++
    }
  }

  skip(count: number): void {
    this.#skipped += count
    if (!this.#isWaiting) this.#tellSkipped()
  }

  stop(): void {
    this.#isStopped = true
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

  #readOnLater(): void {
    this.#isWaiting = true
    const readOn = (): void => {
      this.#isWaiting = false
      if (this.#isStopped) return
      this.#tellSkipped()
      this.pump()
    }
    if (this.#sink.isFull) this.#sink.whenDrained(readOn)
    else setImmediate(readOn)
  }
}

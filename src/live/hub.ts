/**
 * Hands the events of the hot window to readers, each at its own pace.
 *
 *   reader: caught up ──its sink is full──▶ behind ──sink drained──▶ (reads on from where it was) ──▶ caught up
 *                                            └─ what it has not read leaves the window ─▶ counted, told as `lagged`
 *
 * Nothing is queued per reader: one that is behind is a position in the window, so a slow reader costs no memory and
 * delays nobody. What comes is matched once for all who want the same, who are given the same list of events, so that its
 * frame is made once; those who want none of it are not even looked at.
 */
import { MINUTE, SECOND } from '../units.ts'
import { DEFAULT_WINDOW, HotWindow, type HotWindowLimits, type LiveEvent } from './hot-window.ts'
import { MAX_PIECE, Reader, type ReaderContext, type ReaderOptions, type Sink } from './reader.ts'
import { type Selection, Selections } from './selections.ts'

export interface HubOptions extends Partial<HotWindowLimits> {
  /** In milliseconds since 1970. @default Date.now */
  readonly now?: () => number
}

export interface HubStats {
  /** Events handed to readers since the start, each counted once per reader. */
  readonly messagesSent: number
  /** Of the last minute. */
  readonly messagesPerSecond: number
  /** Events held for replay, and their bytes. */
  readonly windowEvents: number
  readonly windowBytes: number
}

// Old events leave also when no new ones come.
const SWEEP_MS = 10 * SECOND
const RATE_BUCKETS = 60
// A batch larger than the window must not push itself out before anybody could read it.
const MAX_AT_ONCE = 1_000

interface Piece {
  events: LiveEvent[]
  positions: number[]
  length: number
}

export class Hub {
  readonly #window: HotWindow
  readonly #readers = new Set<Reader>()
  readonly #selections = new Selections<Reader>()
  readonly #behind = new Set<Reader>()
  readonly #context: ReaderContext
  readonly #now: () => number
  readonly #sweep: NodeJS.Timeout
  #sent = 0
  // Messages by second, in a ring.
  readonly #perSecond = new Array<{ second: number; count: number }>(RATE_BUCKETS)
  readonly #startedAt: number

  constructor({ now = Date.now, ...limits }: HubOptions = {}) {
    this.#now = now
    this.#startedAt = now()
    this.#window = new HotWindow({ ...DEFAULT_WINDOW, ...limits }, this.#startedAt)
    this.#context = {
      window: this.#window,
      selections: this.#selections,
      behind: this.#behind,
      sent: count => this.#count(count),
    }
    this.#sweep = setInterval(() => this.#makeRoom(), SWEEP_MS)
    this.#sweep.unref()
  }

  /** Takes events in the order they are to be sent; those that are held already are left out. */
  publish(events: readonly LiveEvent[]): void {
    const now = this.#now()
    let from = this.#window.end
    for (const event of events) {
      if (!this.#window.add(event, now) || this.#window.end - from < MAX_AT_ONCE) continue
      this.#deliver(from)
      from = this.#window.end
    }
    if (this.#window.end > from) this.#deliver(from)
  }

  /** Takes what was stored before the start: all events since then, in milliseconds since 1970, oldest first. */
  load(events: readonly LiveEvent[], since: number): void {
    this.#window.reachesBackTo(since)
    this.publish(events)
  }

  /** Tells every reader that events were stored which nobody could read in time. */
  missed(count: number): void {
    for (const reader of this.#readers) reader.skip(count)
  }

  read(sink: Sink, options: ReaderOptions): Reader {
    const reader = new Reader(this.#context, sink, options)
    this.#readers.add(reader)
    return reader
  }

  leave(reader: Reader): void {
    reader.stop()
    this.#readers.delete(reader)
  }

  stats(): HubStats {
    const now = this.#now()
    const second = Math.floor(now / SECOND)
    let recent = 0
    for (const bucket of this.#perSecond) if (bucket && bucket.second > second - RATE_BUCKETS) recent += bucket.count
    const seconds = Math.min(MINUTE, Math.max(SECOND, now - this.#startedAt)) / SECOND
    return {
      messagesSent: this.#sent,
      messagesPerSecond: recent / seconds,
      windowEvents: this.#window.end - this.#window.start,
      windowBytes: this.#window.bytes,
    }
  }

  close(): void {
    clearInterval(this.#sweep)
    for (const reader of this.#readers) reader.stop()
    this.#readers.clear()
  }

  #deliver(from: number): void {
    const pieces = new Map<Selection<Reader>, Piece>()
    for (let position = from; position < this.#window.end; position++) {
      const event = this.#window.at(position)
      for (const selection of this.#selections.of(event)) {
        const piece = pieces.get(selection) ?? { events: [], positions: [], length: 0 }
        piece.events.push(event)
        piece.positions.push(position)
        piece.length += event.json.length
        if (piece.length < MAX_PIECE) {
          pieces.set(selection, piece)
          continue
        }
        pieces.delete(selection)
        offer(selection, piece)
      }
    }
    for (const [selection, piece] of pieces) offer(selection, piece)
    this.#makeRoom()
  }

  #makeRoom(): void {
    const cut = this.#window.cut(this.#now())
    if (cut === this.#window.start) return
    for (const reader of this.#behind) reader.leaveBehind(cut)
    this.#window.dropBefore(cut)
  }

  #count(messages: number): void {
    this.#sent += messages
    const second = Math.floor(this.#now() / SECOND)
    const index = second % RATE_BUCKETS
    const bucket = this.#perSecond[index]
    if (bucket?.second === second) bucket.count += messages
    else this.#perSecond[index] = { second, count: messages }
  }
}

function offer({ members }: Selection<Reader>, { events, positions }: Piece): void {
  for (const reader of members) reader.offer(events, positions)
}

/**
 * Hands the events of the hot window to readers, each at its own pace.
 *
 *   reader: caught up ──its sink is full──▶ behind ──sink drained──▶ (reads on from where it was) ──▶ caught up
 *                                            └─ what it has not read leaves the window ─▶ counted, told as `lagged`
 *
 * Nothing is queued per reader: one that is behind is a position in the window, so a slow reader costs no memory and
 * delays nobody.
 */
import { MINUTE, SECOND } from '../units.ts'
import { DEFAULT_WINDOW, HotWindow, type HotWindowLimits, type LiveEvent } from './hot-window.ts'
import { Reader, type ReaderOptions, type Sink } from './reader.ts'
import { Selections } from './selections.ts'

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

export class Hub {
  readonly #window: HotWindow
  readonly #readers = new Set<Reader>()
  readonly #selections = new Selections()
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
    this.#sweep = setInterval(() => this.#makeRoom(), SWEEP_MS)
    this.#sweep.unref()
  }

  /** Takes events in the order they are to be sent; those that are held already are left out. */
  publish(events: readonly LiveEvent[]): void {
    const now = this.#now()
    let added = 0
    for (const event of events) {
      if (!this.#window.add(event, now)) continue
      added++
      // A batch larger than the window must not push itself out before anybody could read it.
      if (added % 1_000 === 0) this.#deliver()
    }
    if (added > 0) this.#deliver()
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
    const reader = new Reader(this.#window, this.#selections, sink, options, count => this.#count(count))
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

  #deliver(): void {
    for (const reader of this.#readers) reader.pump()
    this.#makeRoom()
  }

  #makeRoom(): void {
    const cut = this.#window.cut(this.#now())
    if (cut === this.#window.start) return
    for (const reader of this.#readers) reader.leaveBehind(cut)
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

import { MIB, MINUTE } from '../units.ts'
import type { EventLabels } from './topic.ts'

/** An event as it is held in memory and sent. */
export interface LiveEvent extends EventLabels {
  readonly id: string
  /** The source's time, in milliseconds since 1970. */
  readonly timestampMs: number
  /** The row's columns that are not null, as JSON. */
  readonly json: string
  /** About the length of that, where it is not made yet. */
  readonly size?: number
}

export interface HotWindowLimits {
  /** How long events are held, in milliseconds. @default 300000 */
  readonly maxAgeMs: number
  /** Most bytes of JSON held. @default 67108864 */
  readonly maxBytes: number
}

export const DEFAULT_WINDOW: HotWindowLimits = Object.freeze({ maxAgeMs: 5 * MINUTE, maxBytes: 64 * MIB })

// What an event costs beside its JSON.
const OVERHEAD_BYTES = 400
// Emptied places at the front are given back in one go, not one by one.
const COMPACT_AFTER = 4_096

/**
 * The events of the last minutes in the order they arrived, each under a position that only grows. The oldest leave when
 * they are too old or too many; an event that is held already is not taken again.
 */
export class HotWindow {
  readonly #limits: HotWindowLimits
  readonly #ids = new Map<string, number>()
  #events: (LiveEvent | undefined)[] = []
  #arrivals: number[] = []
  // The position of #events[0], which may have been emptied.
  #base = 0
  #start = 0
  #bytes = 0
  #completeSince: number

  /** `completeSince`: from when on nothing is missing, in milliseconds since 1970. */
  constructor(limits: HotWindowLimits, completeSince: number) {
    this.#limits = limits
    this.#completeSince = completeSince
  }

  /** The position of the oldest event held. */
  get start(): number {
    return this.#start
  }

  /** The position that the next event will have. */
  get end(): number {
    return this.#base + this.#events.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Events that arrived from here on are all held, in milliseconds since 1970. */
  get completeSince(): number {
    return this.#completeSince
  }

  /** Says that earlier events, back to this time, were added too. */
  reachesBackTo(time: number): void {
    if (this.#start === 0) this.#completeSince = Math.min(this.#completeSince, time)
  }

  at(position: number): LiveEvent {
    return this.#events[position - this.#base] as LiveEvent
  }

  positionOf(id: string): number | undefined {
    return this.#ids.get(id)
  }

  /** False when it is held already. */
  add(event: LiveEvent, now: number): boolean {
    if (this.#ids.has(event.id)) return false
    this.#ids.set(event.id, this.end)
    this.#events.push(event)
    this.#arrivals.push(now)
    this.#bytes += sizeOf(event)
    return true
  }

  /** The first position that may stay; what is before it should leave. The newest event always stays. */
  cut(now: number): number {
    let position = this.#start
    let bytes = this.#bytes
    const oldest = now - this.#limits.maxAgeMs
    while (position < this.end - 1) {
      const isTooOld = (this.#arrivals[position - this.#base] as number) < oldest
      if (!isTooOld && bytes <= this.#limits.maxBytes) break
      bytes -= sizeOf(this.at(position))
      position++
    }
    return position
  }

  /** Lets go of what is before a position. */
  dropBefore(position: number): void {
    while (this.#start < position) {
      const index = this.#start - this.#base
      const event = this.at(this.#start)
      this.#bytes -= sizeOf(event)
      this.#ids.delete(event.id)
      this.#events[index] = undefined
      // Those that arrived in the same millisecond may be gone too: only what came later is sure to be here.
      this.#completeSince = (this.#arrivals[index] as number) + 1
      this.#start++
    }
    const emptied = this.#start - this.#base
    if (emptied < COMPACT_AFTER || emptied * 2 < this.#events.length) return
    this.#events = this.#events.slice(emptied)
    this.#arrivals = this.#arrivals.slice(emptied)
    this.#base = this.#start
  }
}

const sizeOf = (event: LiveEvent): number => (event.size ?? event.json.length) + OVERHEAD_BYTES

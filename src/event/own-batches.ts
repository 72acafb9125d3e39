// Their announcements come back within milliseconds of the commit. Beyond this the connection that hears them is gone.
const MAX_BATCHES = 64

/** An event that this process is storing, as the live stream sends it. */
export interface OwnEvent {
  readonly id: string
  /** The source's time, in milliseconds since 1970. */
  readonly timestampMs: number
  readonly eventType: string
  readonly ns: string
  readonly eventName: string
  readonly service: string | null
  readonly level: string | null
  readonly outcome: string | null
  /** The row's columns that are not null, as JSON. */
  readonly json: string
  /** About the length of that, where it is made when it is asked for. */
  readonly size?: number
}

/**
 * Events that this process is storing, by the name that their announcement has: whoever hears it here need not read them
 * from the database again. It may forget: they are read then.
 */
export class OwnBatches {
  readonly #batches = new Map<string, readonly OwnEvent[]>()
  readonly #prefix = Math.random().toString(36).slice(2)
  #count = 0

  /** Keeps events that are about to be stored, all of them new, and names them. */
  add(events: readonly OwnEvent[]): string {
    if (this.#batches.size >= MAX_BATCHES) this.forget(this.#batches.keys().next().value as string)
    const name = `${process.pid}.${this.#prefix}.${this.#count++}`
    this.#batches.set(name, events)
    return name
  }

  /** The events of an announced batch, once; undefined when it is another process' or forgotten. */
  take(name: string | undefined): readonly OwnEvent[] | undefined {
    if (name === undefined) return undefined
    const events = this.#batches.get(name)
    this.#batches.delete(name)
    return events
  }

  /** To be called when they were not stored after all. */
  forget(name: string): void {
    this.#batches.delete(name)
  }
}

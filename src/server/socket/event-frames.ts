import type { LiveEvent } from '../../live/hot-window.ts'

/** The columns of events that a reader may see; null for all. */
export type VisibleColumns = ReadonlySet<string> | null

/**
 * Events as frames, made once for all readers that may see the same columns:
 * `{"type":"event","id":"…","event":{…columns that are not null…}}`.
 */
export class EventFrames {
  readonly #frames = new Map<string, WeakMap<LiveEvent, Buffer>>()
  readonly #keys = new WeakMap<ReadonlySet<string>, string>()

  of(event: LiveEvent, columns: VisibleColumns): Buffer {
    const frames = this.#framesFor(columns)
    let frame = frames.get(event)
    if (!frame) {
      const json = columns === null ? event.json : onlyColumns(event.json, columns)
      frame = Buffer.from(`{"type":"event","id":${JSON.stringify(event.id)},"event":${json}}`)
      frames.set(event, frame)
    }
    return frame
  }

  #framesFor(columns: VisibleColumns): WeakMap<LiveEvent, Buffer> {
    const key = columns === null ? '' : this.#keyOf(columns)
    let frames = this.#frames.get(key)
    if (!frames) {
      frames = new WeakMap()
      this.#frames.set(key, frames)
    }
    return frames
  }

  #keyOf(columns: ReadonlySet<string>): string {
    let key = this.#keys.get(columns)
    if (key === undefined) {
      key = [...columns].sort().join()
      this.#keys.set(columns, key)
    }
    return key
  }
}

/** A row of JSON text with only those columns. */
export function onlyColumns(json: string, columns: ReadonlySet<string>): string {
  const all = JSON.parse(json) as Record<string, unknown>
  return JSON.stringify(Object.fromEntries(Object.entries(all).filter(([name]) => columns.has(name))))
}

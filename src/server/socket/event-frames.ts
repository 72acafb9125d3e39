import type { LiveEvent } from '../../live/hot-window.ts'

/** The columns of events that a reader may see; null for all. */
export type VisibleColumns = ReadonlySet<string> | null

/**
 * Events as frames of the WebSocket protocol (RFC 6455, section 5.2), ready for the wire, each a text message:
 * `{"type":"event","id":"…","event":{…columns that are not null…}}`. Made once for all who may see the same columns, and a
 * list of events once for all who are given that list.
 */
export class EventFrames {
  readonly #made = new Map<string, WeakMap<LiveEvent | readonly LiveEvent[], Buffer>>()
  readonly #keys = new WeakMap<ReadonlySet<string>, string>()

  of(events: readonly LiveEvent[], columns: VisibleColumns): Buffer {
    const made = this.#madeFor(columns)
    let frames = made.get(events)
    if (!frames) {
      const single = events.map(event => this.#frameOf(event, columns, made))
      frames = single.length === 1 ? (single[0] as Buffer) : Buffer.concat(single)
      made.set(events, frames)
    }
    return frames
  }

  #frameOf(event: LiveEvent, columns: VisibleColumns, made: WeakMap<object, Buffer>): Buffer {
    let frame = made.get(event)
    if (!frame) {
      const json = columns === null ? event.json : onlyColumns(event.json, columns)
      frame = textFrame(`{"type":"event","id":${JSON.stringify(event.id)},"event":${json}}`)
      made.set(event, frame)
    }
    return frame
  }

  #madeFor(columns: VisibleColumns): WeakMap<object, Buffer> {
    const key = columns === null ? '' : this.#keyOf(columns)
    let made = this.#made.get(key)
    if (!made) {
      made = new WeakMap()
      this.#made.set(key, made)
    }
    return made
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

const FINAL_TEXT = 0x81

/** A whole text message as a server sends it: unmasked, its length in 7, 16 or 64 bits. */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(header + length)
  frame[0] = FINAL_TEXT
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, header)
  return frame
}

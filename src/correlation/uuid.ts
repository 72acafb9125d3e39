import { randomFillSync } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Text that was seen to be a UUID. */
export type Uuid = `${string}-${string}-${string}-${string}-${string}`

/** Whether a value is a UUID of any version, in the usual hyphenated form and any letter case. */
export function isUuid(value: unknown): value is Uuid {
  return typeof value === 'string' && UUID.test(value)
}

/** A UUIDv7 as numbers. Its text costs more than they do, so it is made where somebody reads it. */
export interface IdParts {
  /** The first 48 bits: milliseconds since 1970. */
  idMs: number
  /** The 12 bits behind the version. */
  idSequence: number
  /** The third quarter with the variant, and the last, as signed 32-bit numbers. Together they are the row's span id. */
  idHigh: number
  idLow: number
}

// Random bytes are drawn for many ids at once: one call into the operating system costs more than an id.
const pool = new Int32Array(2 * 1_024)
let poolOffset = pool.length
/** The two digits of a byte, as their character codes. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16BE(),
)
/** The id is written here and read as one: pieces put together would be garbage in threes and fours. */
const text = Buffer.from('00000000-0000-7000-8000-000000000000')

let lastMs = 0
let sequence = 0
// The millisecond that stands in `text`: many ids share it.
let writtenMs = Number.NaN

/**
 * A new UUIDv7 (RFC 9562). Ids made by one process sort in the order they were made, also within a millisecond
 * (12-bit counter) and when the clock is set back (the last time is kept until the clock catches up).
 */
export function uuidv7(nowMs: number = Date.now()): string {
  takeId(made, nowMs)
  return idText(made)
}

const made: IdParts = { idMs: 0, idSequence: 0, idHigh: 0, idLow: 0 }

/** Gives `into` a new id, of the same sequence as uuidv7's. */
export function takeId(into: IdParts, nowMs: number): void {
  if (nowMs > lastMs) {
    lastMs = nowMs
    sequence = 0
  } else if (++sequence > 0xfff) {
    lastMs++
    sequence = 0
  }
  if (poolOffset === pool.length) {
    randomFillSync(pool)
    poolOffset = 0
  }
  into.idMs = lastMs
  into.idSequence = sequence
  into.idHigh = ((pool[poolOffset] as number) & 0x3fff_ffff) | 0x8000_0000
  into.idLow = pool[poolOffset + 1] as number
  poolOffset += 2
}

export function idText({ idMs, idSequence, idHigh, idLow }: IdParts): string {
  if (idMs !== writtenMs) {
    const time = idMs.toString(16).padStart(12, '0')
    text.write(`${time.slice(0, 8)}-${time.slice(8)}`, 'latin1')
    writtenMs = idMs
  }
  putHex(idSequence >> 8, 14)
  text[14] = VERSION
  putHex(idSequence & 0xff, 16)
  putHex(idHigh >>> 24, 19)
  putHex((idHigh >> 16) & 0xff, 21)
  putHex((idHigh >> 8) & 0xff, 24)
  putHex(idHigh & 0xff, 26)
  putHex(idLow >>> 24, 28)
  putHex((idLow >> 16) & 0xff, 30)
  putHex((idLow >> 8) & 0xff, 32)
  putHex(idLow & 0xff, 34)
  return text.toString('latin1')
}

const VERSION = '7'.charCodeAt(0)

function putHex(byte: number, at: number): void {
  const digits = HEX[byte] as number
  text[at] = digits >> 8
  text[at + 1] = digits & 0xff
}

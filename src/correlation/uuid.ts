import { randomFillSync } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Text that was seen to be a UUID. */
export type Uuid = `${string}-${string}-${string}-${string}-${string}`

/** Whether a value is a UUID of any version, in the usual hyphenated form and any letter case. */
export function isUuid(value: unknown): value is Uuid {
  return typeof value === 'string' && UUID.test(value)
}

// Random bytes are drawn for many ids at once: one call into the operating system costs more than an id.
const RANDOM_BYTES = 8
const pool = new Uint8Array(RANDOM_BYTES * 256)
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
  if (lastMs !== writtenMs) {
    const time = lastMs.toString(16).padStart(12, '0')
    text.write(`${time.slice(0, 8)}-${time.slice(8)}`, 'latin1')
    writtenMs = lastMs
  }
  putHex(sequence >> 8, 14)
  text[14] = VERSION
  putHex(sequence & 0xff, 16)
  putHex(((pool[poolOffset] as number) & 0x3f) | 0x80, 19)
  putHex(pool[poolOffset + 1] as number, 21)
  for (let n = 2; n < RANDOM_BYTES; n++) putHex(pool[poolOffset + n] as number, 20 + 2 * n)
  poolOffset += RANDOM_BYTES
  return text.toString('latin1')
}

const VERSION = '7'.charCodeAt(0)

function putHex(byte: number, at: number): void {
  const digits = HEX[byte] as number
  text[at] = digits >> 8
  text[at + 1] = digits & 0xff
}

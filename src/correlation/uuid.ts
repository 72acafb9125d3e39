import { randomFillSync } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Text that was seen to be a UUID. */
export type Uuid = `${string}-${string}-${string}-${string}-${string}`

/** Whether a value is a UUID of any version, in the usual hyphenated form and any letter case. */
export function isUuid(value: unknown): value is Uuid {
  return typeof value === 'string' && UUID.test(value)
}

// Random bytes are drawn for many ids at once: one call into the operating system costs more than an id.
const pool = new Uint8Array(8 * 256)
let poolOffset = pool.length
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

let lastMs = 0
let sequence = 0
// The text of the last millisecond: many ids share it.
let prefixMs = Number.NaN
let prefix = ''
const DIGITS = '0123456789abcdef'

function hexAt(offset: number): string {
  return HEX[pool[poolOffset + offset] as number] as string
}

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
  if (poolOffset + 8 > pool.length) {
    randomFillSync(pool)
    poolOffset = 0
  }
  if (lastMs !== prefixMs) {
    const time = lastMs.toString(16).padStart(12, '0')
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`
    prefixMs = lastMs
  }
  const variant = HEX[((pool[poolOffset] as number) & 0x3f) | 0x80] as string
  const counter = (HEX[sequence >> 4] as string) + DIGITS[sequence & 15]
  const id = `${prefix}${counter}-${variant}${hexAt(1)}-${hexAt(2)}${hexAt(3)}${hexAt(4)}${hexAt(5)}${hexAt(6)}${hexAt(7)}`
  poolOffset += 8
  return id
}

const NOT_HEX = 0xff
const HEX = new Uint8Array(128).fill(NOT_HEX)
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX[digit.charCodeAt(0)] = value
  HEX[digit.toUpperCase().charCodeAt(0)] = value
}
/** The digits of a byte, as their character codes. */
const DIGITS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE(),
)
const HYPHEN = 45
const UUID_LENGTH = 36
// Postgres counts from the year 2000.
export const EPOCH_MS = Date.UTC(2000, 0, 1)
const TWO_32 = 2 ** 32
const TWO_16 = 2 ** 16
// Up to here the loop is faster than the call.
const SHORT_TEXT = 48

/**
 * Writes values in the binary format of COPY, each with its length in front, into bytes that grow. Room has to be reserved
 * for all values but text.
 */
export class BinaryWriter {
  bytes: Buffer
  at = 0
  /** The upper half of the last instant, and the first instant that has it. */
  #high = 0
  #lowest = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  reserve(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + bytes))
    this.bytes.copy(larger, 0, 0, this.at)
    this.bytes = larger
  }

  int16(value: number): void {
    const { bytes } = this
    bytes[this.at++] = value >> 8
    bytes[this.at++] = value
  }

  int32(value: number): void {
    const { bytes, at } = this
    bytes[at] = value >> 24
    bytes[at + 1] = value >> 16
    bytes[at + 2] = value >> 8
    bytes[at + 3] = value
    this.at = at + 4
  }

  null(): void {
    this.int32(-1)
  }

  boolean(value: boolean): void {
    this.int32(1)
    this.bytes[this.at++] = value ? 1 : 0
  }

  smallint(value: number): void {
    this.int32(2)
    this.int16(value)
  }

  integer(value: number | null): void {
    if (value === null) {
      this.null()
      return
    }
    this.int32(4)
    this.int32(value)
  }

  /** Whole microseconds since 1970. */
  instant(micros: number): void {
    this.micros(micros - EPOCH_MS * 1_000)
  }

  /** Whole microseconds since 2000, as Postgres keeps them. */
  micros(micros: number): void {
    this.int32(8)
    let low = micros - this.#lowest
    // Most instants share their upper half: it changes every 71 minutes.
    if (low < 0 || low >= TWO_32) {
      this.#high = Math.floor(micros / TWO_32)
      this.#lowest = this.#high * TWO_32
      low = micros - this.#lowest
    }
    this.int32(this.#high)
    this.int32(low)
  }

  /** False when the text is no UUID. */
  uuid(text: string): boolean {
    this.int32(16)
    if (text.length !== UUID_LENGTH || !writeUuid(text, this.bytes, this.at)) return false
    this.at += 16
    return true
  }

  /** A UUIDv7 by its parts: milliseconds, 12 bits, and its second half as two signed numbers. */
  uuidOf(ms: number, sequence: number, high: number, low: number): void {
    this.int32(16)
    const upper = Math.floor(ms / TWO_16)
    this.int32(upper)
    this.int16(ms - upper * TWO_16)
    this.int16(0x7000 | sequence)
    this.int32(high)
    this.int32(low)
  }

  /** 16 hexadecimal digits, as text. */
  hex64(high: number, low: number): void {
    this.int32(16)
    const { bytes, at } = this
    for (let n = 0; n < 4; n++) {
      const [upper, lower] = [
        DIGITS[(high >>> (24 - 8 * n)) & 0xff] as number,
        DIGITS[(low >>> (24 - 8 * n)) & 0xff] as number,
      ]
      bytes[at + 2 * n] = upper
      bytes[at + 2 * n + 1] = upper >> 8
      bytes[at + 2 * n + 8] = lower
      bytes[at + 2 * n + 9] = lower >> 8
    }
    this.at = at + 16
  }

  textOrNull(text: string | null, versioned: boolean, then: number): void {
    if (text === null) this.null()
    else this.text(text, versioned, then)
  }

  /** Text, or with `versioned` the text of a jsonb; what follows still finds `then` bytes of room. */
  text(text: string, versioned: boolean, then: number): void {
    const { length } = text
    this.reserve(5 + 3 * length + then)
    const { bytes } = this
    const lengthAt = this.at
    let at = lengthAt + 4
    // jsonb: the version of its format.
    if (versioned) bytes[at++] = 1
    let written = 0
    if (length <= SHORT_TEXT) {
      while (written < length) {
        const code = text.charCodeAt(written)
        if (code > 0x7f) break
        bytes[at + written] = code
        written++
      }
    }
    at += written === length ? length : bytes.write(text, at)
    this.at = lengthAt
    this.int32(at - lengthAt - 4)
    this.at = at
  }
}

function writeUuid(text: string, bytes: Uint8Array, at: number): boolean {
  let bad = 0
  for (let place = 0, end = at; place < UUID_LENGTH; ) {
    if (place === 8 || place === 13 || place === 18 || place === 23) {
      bad |= text.charCodeAt(place++) ^ HYPHEN
      continue
    }
    const high = HEX[text.charCodeAt(place++)] ?? NOT_HEX
    const low = HEX[text.charCodeAt(place++)] ?? NOT_HEX
    bad |= (high | low) & 0xf0
    bytes[end++] = (high << 4) | low
  }
  return bad === 0
}

import { BinaryWriter, EPOCH_MS } from './binary-writer.ts'
import { InstantReader } from './instant-reader.ts'

/*
 * The binary format of COPY: a header; for each row the number of its values, and each value as its length (-1: null) and
 * its bytes; a trailer. All numbers are big-endian. Postgres takes it with a third less work than text, and here it makes
 * no garbage: values go straight into the bytes that are sent.
 */

/** The types whose binary form is known here. */
export type BinaryType =
  | 'uuid'
  | 'text'
  | 'timestamptz'
  | 'date'
  | 'jsonb'
  | 'bigint'
  | 'integer'
  | 'smallint'
  | 'double precision'
  | 'boolean'

export interface BinaryColumn {
  readonly name: string
  readonly type: BinaryType
}

type Row = Readonly<Record<string, unknown>>

/** A value has no binary form that is known here. Postgres may still take it as text. */
export class NotBinaryError extends Error {
  constructor(value: unknown, { name, type }: BinaryColumn) {
    super(`${typeof value === 'string' ? 'this text' : `a ${typeof value}`} in column ${name} is no ${type}`)
  }
}

// Large enough that the calls cost nothing, small enough that the server starts while the rest is encoded.
const CHUNK_BYTES = 64 * 1_024
const SLACK_BYTES = 8 * 1_024

/** Rows in the binary format, in chunks. Throws NotBinaryError. */
export function* copyBinary(columns: readonly BinaryColumn[], rows: readonly Row[]): Generator<Uint8Array> {
  const encoder = new BinaryEncoder(columns)
  encoder.at += COPY_HEADER.copy(encoder.bytes)
  for (const row of rows) {
    encoder.row(row)
    if (encoder.isFull) yield encoder.take()
  }
  encoder.reserve(COPY_TRAILER.length)
  encoder.at += COPY_TRAILER.copy(encoder.bytes, encoder.at)
  yield encoder.take()
}

/** What every COPY in the binary format begins with. */
export const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
/** What it ends with. */
export const COPY_TRAILER = Buffer.from('\xff\xff', 'latin1')
const DAY_MS = 86_400_000

/** Rows of any kind by the names and types of their columns, or their values one after another. */
export class BinaryEncoder extends BinaryWriter {
  readonly #columns: readonly BinaryColumn[]
  /** The UUID that each column had last, and where it stands: rows of one invocation share most of theirs. */
  readonly #uuids: { text: string | null; at: number }[]
  /** For each column, because rows of a batch share few seconds. */
  readonly #instants: InstantReader[]
  /** The date that was written last. */
  #day = { text: '', days: 0 }

  constructor(columns: readonly BinaryColumn[], bytes: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + SLACK_BYTES)) {
    super(bytes)
    this.#columns = columns
    this.#uuids = columns.map(() => ({ text: null, at: 0 }))
    this.#instants = columns.map(() => new InstantReader())
  }

  /** How much was written since the last take(), in bytes: where the next value will stand. */
  get size(): number {
    return this.at
  }

  /** Whether it is time to take(). */
  get isFull(): boolean {
    return this.at >= CHUNK_BYTES
  }

  /** Goes back to where it was when `size` was this. */
  rewind(size: number): void {
    this.at = size
    for (const uuid of this.#uuids) if (uuid.at >= size) uuid.text = null
  }

  /** What was written so far. The next bytes go elsewhere, because the socket may hold these for a while. */
  take(next: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + SLACK_BYTES)): Uint8Array {
    const taken = this.bytes.subarray(0, this.at)
    this.bytes = next
    this.at = 0
    for (const uuid of this.#uuids) uuid.text = null
    return taken
  }

  /** Throws NotBinaryError, with half of the row written. */
  row(row: Row): void {
    const columns = this.#columns
    this.beginRow()
    this.int16(columns.length)
    for (let index = 0; index < columns.length; index++) {
      const value = row[(columns[index] as BinaryColumn).name]
      if (value === null || value === undefined) this.null()
      else this.value(value, index)
    }
  }

  /** Makes room for all values of a row but text. */
  beginRow(): void {
    this.reserve(2 + this.#columns.length * 20)
  }

  /** Writes a value that is not null, of the column at `index`. Throws NotBinaryError; what was written is half a value then. */
  value(value: unknown, index: number): void {
    const column = this.#columns[index] as BinaryColumn
    switch (column.type) {
      case 'uuid':
        if (typeof value !== 'string' || !this.#uuid(value, index)) throw new NotBinaryError(value, column)
        return
      case 'text':
        this.text(typeof value === 'string' ? value : String(value), false, this.#columns.length * 20)
        return
      case 'jsonb':
        this.text(typeof value === 'string' ? value : String(value), true, this.#columns.length * 20)
        return
      case 'timestamptz':
        if (typeof value !== 'string' || !this.#instant(value, index)) throw new NotBinaryError(value, column)
        return
      case 'boolean':
        if (typeof value !== 'boolean') throw new NotBinaryError(value, column)
        this.boolean(value)
        return
      case 'integer':
        if (!isWhole(value, 2 ** 31)) throw new NotBinaryError(value, column)
        this.int32(4)
        this.int32(value)
        return
      case 'smallint':
        if (!isWhole(value, 2 ** 15)) throw new NotBinaryError(value, column)
        this.int32(2)
        this.int16(value)
        return
      case 'bigint': {
        const whole = toBigInt(value)
        if (whole === null) throw new NotBinaryError(value, column)
        this.int32(8)
        this.at = this.bytes.writeBigInt64BE(whole, this.at)
        return
      }
      case 'double precision':
        if (typeof value !== 'number') throw new NotBinaryError(value, column)
        this.int32(8)
        this.at = this.bytes.writeDoubleBE(value, this.at)
        return
      case 'date': {
        if (value !== this.#day.text) {
          const ms = typeof value === 'string' ? Date.parse(`${value}T00:00:00Z`) : Number.NaN
          // Date.parse takes 30 February for 2 March.
          if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== value) {
            throw new NotBinaryError(value, column)
          }
          this.#day = { text: value, days: (ms - EPOCH_MS) / DAY_MS }
        }
        this.int32(4)
        this.int32(this.#day.days)
        return
      }
      default:
        column.type satisfies never
    }
  }

  #uuid(text: string, index: number): boolean {
    const last = this.#uuids[index] as { text: string | null; at: number }
    if (last.text === text) {
      this.int32(16)
      this.bytes.copyWithin(this.at, last.at, last.at + 16)
      this.at += 16
      return true
    }
    if (!this.uuid(text)) return false
    last.text = text
    last.at = this.at - 16
    return true
  }

  #instant(text: string, index: number): boolean {
    const micros = (this.#instants[index] as InstantReader).read(text)
    if (micros === null) return false
    this.micros(micros)
    return true
  }
}

function isWhole(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= -limit && value < limit
}

const MIN_BIGINT = -(2n ** 63n)

function toBigInt(value: unknown): bigint | null {
  let whole: bigint
  if (typeof value === 'bigint') whole = value
  else if (typeof value === 'number' && Number.isSafeInteger(value)) whole = BigInt(value)
  else if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) whole = BigInt(value)
  else return null
  return whole >= MIN_BIGINT && whole < -MIN_BIGINT ? whole : null
}

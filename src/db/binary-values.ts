import { EPOCH_MS } from './binary-writer.ts'
import type { BinaryType } from './copy-binary.ts'

const DAY_MS = 86_400_000
const TWO_32 = 2 ** 32
const MICROS = 1_000_000

/**
 * A value that BinaryEncoder wrote: what stands behind its length. Times are text in UTC with microseconds, JSON is text,
 * whole numbers beyond 2^53 are their digits as text.
 */
export function readBinary(type: BinaryType, bytes: Buffer, start: number, end: number): string | number | boolean {
  switch (type) {
    case 'text':
      return bytes.toString('utf8', start, end)
    case 'jsonb':
      // The version of its format comes first.
      return bytes.toString('utf8', start + 1, end)
    case 'uuid':
      return bytes.toString('hex', start, end).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    case 'timestamptz':
      return readInstant(bytes.readInt32BE(start) * TWO_32 + bytes.readUInt32BE(start + 4))
    case 'date':
      return new Date(EPOCH_MS + bytes.readInt32BE(start) * DAY_MS).toISOString().slice(0, 10)
    case 'boolean':
      return bytes[start] === 1
    case 'integer':
      return bytes.readInt32BE(start)
    case 'smallint':
      return bytes.readInt16BE(start)
    case 'double precision':
      return bytes.readDoubleBE(start)
    case 'bigint': {
      const whole = bytes.readBigInt64BE(start)
      const number = Number(whole)
      return Number.isSafeInteger(number) ? number : String(whole)
    }
    default:
      return type satisfies never
  }
}

function readInstant(micros: number): string {
  const seconds = Math.floor(micros / MICROS)
  const second = new Date(EPOCH_MS + seconds * 1_000).toISOString().slice(0, 19)
  return `${second}.${String(micros - seconds * MICROS).padStart(6, '0')}Z`
}

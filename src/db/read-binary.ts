import { EPOCH_MS } from './binary-writer.ts'
import type { BinaryColumn } from './copy-binary.ts'

/** Rows that RowWriter or BinaryWriter wrote, read back: instants as text in UTC with microseconds, jsonb as its text. */
export function* readBinary(columns: readonly BinaryColumn[], bytes: Uint8Array): Generator<Record<string, unknown>> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < buffer.length; ) {
    at += 2
    const row: Record<string, unknown> = {}
    for (const { name, type } of columns) {
      const length = buffer.readInt32BE(at)
      at += 4
      row[name] = length < 0 ? null : readValue(type, buffer.subarray(at, at + length))
      at += Math.max(0, length)
    }
    yield row
  }
}

function readValue(type: BinaryColumn['type'], bytes: Buffer): unknown {
  switch (type) {
    case 'uuid': {
      const hex = bytes.toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
    }
    case 'text':
      return bytes.toString('utf8')
    case 'jsonb':
      return bytes.toString('utf8', 1)
    case 'timestamptz':
      return instantText(bytes.readBigInt64BE())
    case 'date':
      return new Date(EPOCH_MS + bytes.readInt32BE() * DAY_MS).toISOString().slice(0, 10)
    case 'boolean':
      return bytes[0] === 1
    case 'integer':
      return bytes.readInt32BE()
    case 'smallint':
      return bytes.readInt16BE()
    case 'bigint':
      return bytes.readBigInt64BE().toString()
    case 'double precision':
      return bytes.readDoubleBE()
    default:
      return type satisfies never
  }
}

const DAY_MS = 86_400_000

function instantText(micros: bigint): string {
  const below = ((micros % 1_000n) + 1_000n) % 1_000n
  const ms = EPOCH_MS + Number((micros - below) / 1_000n)
  return `${new Date(ms).toISOString().slice(0, -1)}${String(below).padStart(3, '0')}Z`
}

import { readBinary } from './binary-values.ts'
import type { BinaryType } from './copy-binary.ts'

/**
 * Rows in the binary format, without what a COPY begins and ends with, as readBinary gives their values; null for those of a
 * type that is not known.
 */
export function* readBinaryRows(
  columns: readonly { readonly name: string; readonly type: BinaryType | null }[],
  bytes: Uint8Array,
): Generator<object> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < buffer.length; ) {
    // How many values there are.
    at += 2
    const row: Record<string, unknown> = {}
    for (const { name, type } of columns) {
      const start = at + 4
      const length = buffer.readInt32BE(at)
      at = start + Math.max(0, length)
      row[name] = length < 0 || type === null ? null : readBinary(type, buffer, start, at)
    }
    yield row
  }
}

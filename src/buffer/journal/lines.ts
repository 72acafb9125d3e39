import { crc32 } from 'node:zlib'

/*
 * A segment is text: one record a line, `<CRC-32 of the record, 8 hex digits> <record>\n`. JSON text holds no raw line
 * break, so the end of a line is also where reading finds its way again after damage: a flipped bit costs its own line
 * (two when it hits a line break), a torn tail costs the line that was being written.
 *
 * Bytes stand behind a line of their own that says how many they are, `#<length> <CRC-32 of the bytes> <record>`, and end with
 * a line break. Damaged, they cost themselves; when that line is damaged, reading goes on at the next line break and
 * takes nothing for a record whose sum is wrong.
 */

const CRC_LENGTH = 8
const LINE_FEED = 0x0a
const LINE_END = Buffer.from('\n')
const BYTES_FOLLOW = /^#(\d+) (\d+) /

export function toLine(record: string): string {
  return `${crc32(record).toString(16).padStart(CRC_LENGTH, '0')} ${record}\n`
}

/** A record and the bytes that belong to it. */
export function toLineWithBytes(record: string, bytes: readonly Uint8Array[]): Uint8Array[] {
  let length = 0
  let sum = 0
  for (const part of bytes) {
    length += part.length
    sum = crc32(part, sum)
  }
  return [Buffer.from(toLine(`#${length} ${sum} ${record}`)), ...bytes, LINE_END]
}

export interface ReadLines {
  records: string[]
  /** For each record the bytes that stood behind it; null for most. */
  bytes: (Buffer | null)[]
  /** Lines that were torn or changed. */
  skipped: number
}

/** Reads what toLine and toLineWithBytes made, whatever became of it since. */
export function readLines(bytes: Buffer): ReadLines {
  const read: ReadLines = { records: [], bytes: [], skipped: 0 }
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    const payload = bytes.subarray(start + CRC_LENGTH + 1, end)
    const sum = bytes.toString('latin1', start, Math.min(start + CRC_LENGTH + 1, end))
    start = end + 1
    // A last line without its end is torn even when its sum is right: the sum of a part may be right by chance.
    if (found < 0 || !/^[0-9a-f]{8} $/.test(sum) || Number.parseInt(sum, 16) !== crc32(payload)) {
      if (payload.length + sum.length > 0) read.skipped++
      continue
    }
    const record = payload.toString('utf8')
    const [prefix, length, blockSum] = BYTES_FOLLOW.exec(record) ?? []
    if (prefix === undefined) {
      read.records.push(record)
      read.bytes.push(null)
      continue
    }
    const block = bytes.subarray(start, start + Number(length))
    start += Number(length) + LINE_END.length
    if (start > bytes.length || crc32(block) !== Number(blockSum)) {
      read.skipped++
      continue
    }
    read.records.push(record.slice(prefix.length))
    read.bytes.push(block)
  }
  return read
}

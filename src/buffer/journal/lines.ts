import { crc32 } from 'node:zlib'

/*
 * A segment is text: one record a line, `<CRC-32 of the record, 8 hex digits> <record>\n`. JSON text holds no raw line
 * break, so the end of a line is also where reading finds its way again after damage: a flipped bit costs its own line
 * (two when it hits a line break), a torn tail costs the line that was being written.
 */

const CRC_LENGTH = 8
const LINE_FEED = 0x0a

export function toLine(record: string): string {
  return `${crc32(record).toString(16).padStart(CRC_LENGTH, '0')} ${record}\n`
}

export interface ReadLines {
  records: string[]
  /** Lines that were torn or changed. */
  skipped: number
}

/** Reads what toLine made, whatever became of it since. */
export function readLines(bytes: Buffer): ReadLines {
  const records: string[] = []
  let skipped = 0
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    const payload = bytes.subarray(start + CRC_LENGTH + 1, end)
    const sum = bytes.toString('latin1', start, Math.min(start + CRC_LENGTH + 1, end))
    // A last line without its end is torn even when its sum is right: the sum of a part may be right by chance.
    if (found >= 0 && /^[0-9a-f]{8} $/.test(sum) && Number.parseInt(sum, 16) === crc32(payload)) {
      records.push(payload.toString('utf8'))
    } else if (end > start) {
      skipped++
    }
    start = end + 1
  }
  return { records, skipped }
}

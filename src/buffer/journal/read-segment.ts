import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entry } from '../row-buffer.ts'
import type { JournalCodec } from './codec.ts'
import type { JournalFiles } from './files.ts'
import { readLines, toLine } from './lines.ts'
import type { Segment } from './segment.ts'

// Rows parsed between two turns of the event loop.
const ROWS_PER_TURN = 200

export function encodeLines<Row>(codec: JournalCodec<Row>, batch: Iterable<Entry<Row>>): Buffer {
  let text = ''
  for (const entry of batch) text += toLine(codec.encode(entry.row))
  return Buffer.from(text)
}

/** The newest version of each row in a segment that is not done, and how many lines are damaged. */
export async function readSegment<Row>(
  files: JournalFiles,
  codec: JournalCodec<Row>,
  segment: Segment,
): Promise<{ entries: Entry<Row>[]; skipped: number }> {
  const { records, skipped } = readLines(await files.read(segment.file))
  let unreadable = 0
  const newest = new Map<string, Entry<Row>>()
  for (const [index, record] of records.entries()) {
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn()
    const entry = codec.decode(record)
    if (!entry) {
      unreadable++
      continue
    }
    const other = newest.get(entry.key)
    if (!other || codec.version(entry.row) >= codec.version(other.row)) newest.set(entry.key, entry)
  }
  const entries = [...newest.values()].filter(entry => !segment.done.has(entry.key))
  return { entries, skipped: skipped + unreadable }
}

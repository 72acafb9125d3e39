import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entry } from '../row-buffer.ts'
import type { JournalCodec } from './codec.ts'
import type { JournalFiles } from './files.ts'
import { readLines, toLine, toLineWithBytes } from './lines.ts'
import type { Segment } from './segment.ts'

// Rows parsed between two turns of the event loop.
const ROWS_PER_TURN = 200

/** A row that was read from disk. */
export interface ReadEntry<Row> extends Entry<Row> {
  /** The key of the block that it came in, if this process wrote one. */
  block?: string
}

export function encodeLines<Row>(codec: JournalCodec<Row>, batch: Iterable<Entry<Row>>): Buffer {
  const parts: Uint8Array[] = []
  let text = ''
  for (const { key, row } of batch) {
    const encoded = codec.encode(row)
    if (typeof encoded === 'string') {
      text += toLine(encoded)
      continue
    }
    if (text !== '') parts.push(Buffer.from(text))
    text = ''
    parts.push(...toLineWithBytes(`${key} ${encoded.head}`, encoded.bytes))
  }
  if (parts.length === 0) return Buffer.from(text)
  return Buffer.concat(text === '' ? parts : [...parts, Buffer.from(text)])
}

/** The newest version of each row in a segment that is not done, and how many lines are damaged. */
export async function readSegment<Row>(
  files: JournalFiles,
  codec: JournalCodec<Row>,
  segment: Segment,
): Promise<{ entries: ReadEntry<Row>[]; skipped: number }> {
  const { records, bytes, skipped } = readLines(await files.read(segment.file))
  let unreadable = 0
  const newest = new Map<string, ReadEntry<Row>>()
  for (const [index, record] of records.entries()) {
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn()
    const entries = decode(codec, record, bytes[index] ?? null, segment)
    if (!entries) unreadable++
    for (const entry of entries ?? []) {
      const other = newest.get(entry.key)
      if (!other || codec.version(entry.row) >= codec.version(other.row)) newest.set(entry.key, entry)
    }
  }
  const entries = [...newest.values()].filter(({ key }) => !segment.done.has(key))
  return { entries, skipped: skipped + unreadable }
}

function decode<Row>(
  codec: JournalCodec<Row>,
  record: string,
  bytes: Buffer | null,
  segment: Segment,
): ReadEntry<Row>[] | null {
  if (bytes === null) {
    const entry = codec.decode(record)
    return entry && [entry]
  }
  const space = record.indexOf(' ')
  const block = record.slice(0, space)
  // Keys of another process may be the same as ours.
  if (segment.adopted) return codec.decodeBlock(record.slice(space + 1), bytes)
  if (segment.done.has(block)) return []
  return codec.decodeBlock(record.slice(space + 1), bytes)?.map(entry => ({ ...entry, block })) ?? null
}

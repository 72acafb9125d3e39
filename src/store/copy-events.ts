import { COPY_HEADER } from '../db/copy-binary.ts'
import type { CopySource } from '../db/copy-from.ts'
import { quoteIdent } from '../db/identifiers.ts'
import { columnAt } from '../event/event-builder.ts'
import type { EncodedEvent, Shape } from './encoded-events.ts'

const CHUNK_BYTES = 64 * 1_024
const LENGTH_BYTES = 4
const NULL = -1

/** The COPY of events that are encoded, naming only the columns that one of them has. */
export function copyEvents(schema: string, events: readonly EncodedEvent[]): CopySource {
  const columns = columnsOf(events)
  const names = columns.map(index => quoteIdent(columnAt(index))).join(', ')
  return {
    sql: `COPY ${quoteIdent(schema)}.events (${names}) FROM STDIN (FORMAT binary)`,
    chunks: rowsOf(columns, events),
  }
}

function columnsOf(events: readonly EncodedEvent[]): number[] {
  const columns = new Set<number>()
  const shapes = new Set<Shape>()
  for (const { shape } of events) shapes.add(shape)
  for (const shape of shapes) for (const index of shape.columns) columns.add(index)
  return [...columns].sort((a, b) => a - b)
}

/**
 * Rows with the same columns, one after another. Of an event that lacks some of them, what is between those is copied in one
 * piece.
 */
function* rowsOf(columns: readonly number[], events: readonly EncodedEvent[]): Generator<Uint8Array> {
  const gaps = new Map<Shape, readonly number[]>()
  let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let at = COPY_HEADER.copy(chunk)
  for (const { shape, bytes, start, end } of events) {
    if (bytes === null) continue
    let gap = gaps.get(shape)
    if (!gap) {
      gap = gapsOf(shape, columns)
      gaps.set(shape, gap)
    }
    const room = 2 + (end - start) + columns.length * LENGTH_BYTES
    if (at + room > chunk.length) {
      yield chunk.subarray(0, at)
      chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, room))
      at = 0
    }
    at = chunk.writeInt16BE(columns.length, at)
    // From the n-th value of the event up to the next gap: all that is there, then the nulls.
    let from = start
    let to = start
    let value = 0
    for (const before of gap) {
      for (; value < before; value++) to += LENGTH_BYTES + bytes.readInt32BE(to)
      if (to > from) at += bytes.copy(chunk, at, from, to)
      from = to
      at = chunk.writeInt32BE(NULL, at)
    }
    at += bytes.copy(chunk, at, from, end)
  }
  if (at + 2 > chunk.length) {
    yield chunk.subarray(0, at)
    chunk = Buffer.allocUnsafeSlow(2)
    at = 0
  }
  at = chunk.writeInt16BE(-1, at)
  yield chunk.subarray(0, at)
}

/** For each column that a shape lacks: before which of its values the null stands. */
function gapsOf(shape: Shape, columns: readonly number[]): number[] {
  const gaps: number[] = []
  let value = 0
  for (const index of columns) {
    if (shape.columns[value] === index) value++
    else gaps.push(value)
  }
  return gaps
}

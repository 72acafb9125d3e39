import { readBinary } from '../db/binary-values.ts'
import { BinaryEncoder, type BinaryType, NotBinaryError } from '../db/copy-binary.ts'
import { COLUMN_COUNT, columnAt, EventBuilder, placeOf } from '../event/event-builder.ts'
import { type EventRow, eventRowBytes } from '../event/event-row.ts'
import type { OwnEvent } from '../event/own-batches.ts'
import { rowJson } from '../event/row-json.ts'
import { timestampMs } from '../event/times.ts'
import { EVENT_COLUMNS, type UnifiedEvent } from '../event/unified-event.ts'

const TYPES = Array.from({ length: COLUMN_COUNT }, (_, place) => EVENT_COLUMNS[columnAt(place)])
const place = (column: keyof UnifiedEvent): number => placeOf(column) as number
const ID = place('id')
const TIMESTAMP = place('timestamp')
const EVENT_TYPE = place('event_type')
const NS = place('ns')
const EVENT_NAME = place('event_name')
const SERVICE_NAME = place('service_name')
const LOG_LEVEL = place('log_level')
const OUTCOME = place('outcome')

/**
 * Which columns an event has values for, by their places in the table, ascending. Events that were given the same columns in the
 * same order share one.
 */
export interface Shape {
  readonly columns: readonly number[]
  /** About the length of their names in JSON, in bytes. */
  readonly nameBytes: number
  /** Those with one more column, by that. */
  readonly longer: Map<number, Shape>
}

/**
 * An event as COPY will send it: its values in the binary format, those that are null left out, within a piece of memory that
 * it shares with its neighbours. A row's object is some ten times as large, and the collector of garbage would have to look at it
 * for as long as the event waits and the live stream holds it.
 */
export class EncodedEvent implements OwnEvent {
  readonly id: string
  readonly timestampMs: number
  readonly eventType: string
  readonly ns: string
  readonly eventName: string
  readonly service: string | null
  readonly level: string | null
  readonly outcome: string | null
  readonly shape: Shape
  /** Null where a value has no binary form: Postgres may still take it as text. */
  readonly bytes: Buffer | null
  readonly start: number
  readonly end: number
  readonly #row: EventRow | null
  #json: string | null = null

  constructor(event: EventBuilder, shape: Shape, bytes: Buffer | null, start: number, end: number) {
    this.id = event.at(ID) as string
    this.timestampMs = timestampMs(event.at(TIMESTAMP) as string)
    this.eventType = event.at(EVENT_TYPE) as string
    this.ns = event.at(NS) as string
    this.eventName = event.at(EVENT_NAME) as string
    this.service = event.at(SERVICE_NAME) as string | null
    this.level = event.at(LOG_LEVEL) as string | null
    this.outcome = event.at(OUTCOME) as string | null
    this.shape = shape
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#row = bytes === null ? event.toRow() : null
  }

  get size(): number {
    return this.#row === null ? this.end - this.start + this.shape.nameBytes : eventRowBytes(this.#row)
  }

  /** Made when a reader of the live stream wants it, and kept as long as the event. */
  get json(): string {
    this.#json ??= rowJson(this.toRow())
    return this.#json
  }

  toRow(): EventRow {
    if (this.bytes === null) return this.#row as EventRow
    const row: Partial<Record<keyof EventRow, string | number | boolean>> = {}
    let at = this.start
    for (const index of this.shape.columns) {
      const start = at + 4
      at = start + this.bytes.readInt32BE(at)
      row[columnAt(index)] = readBinary(TYPES[index] as BinaryType, this.bytes, start, at)
    }
    return row as EventRow
  }
}

// Senders make up few combinations of columns. More than this are an attack, or rare enough to be learnt again.
const MAX_SHAPES = 5_000

/** Encodes events one after another into memory that they share: one for all of a process's events. */
export class EventEncoder {
  readonly #encoder = new BinaryEncoder(
    TYPES.map((type, index) => ({ name: columnAt(index), type: type as BinaryType })),
  )
  readonly #builder = new EventBuilder()
  #empty = shapeOf([])
  #shapes = 0

  encode(event: EventBuilder): EncodedEvent {
    const shape = this.#shapeOf(event)
    const encoder = this.#encoder
    if (encoder.isFull) encoder.take()
    const start = encoder.size
    try {
      encoder.beginRow()
      for (const index of shape.columns) encoder.value(event.at(index), index)
    } catch (error) {
      encoder.rewind(start)
      if (error instanceof NotBinaryError) return new EncodedEvent(event, shape, null, 0, 0)
      throw error
    }
    return new EncodedEvent(event, shape, encoder.bytes, start, encoder.size)
  }

  encodeRow(row: EventRow): EncodedEvent {
    this.#builder.clear()
    this.#builder.load(row)
    return this.encode(this.#builder)
  }

  #shapeOf(event: EventBuilder): Shape {
    let shape = this.#empty
    for (const index of event.places) {
      if (event.at(index) !== null) shape = shape.longer.get(index) ?? this.#learn(shape, index)
    }
    return shape
  }

  #learn(shape: Shape, index: number): Shape {
    const longer = shapeOf([...shape.columns, index].sort((a, b) => a - b))
    shape.longer.set(index, longer)
    if (++this.#shapes === MAX_SHAPES) {
      this.#empty = shapeOf([])
      this.#shapes = 0
    }
    return longer
  }
}

// In JSON a name has quotation marks, a colon and a comma.
function shapeOf(columns: readonly number[]): Shape {
  return {
    columns,
    nameBytes: columns.reduce((sum, index) => sum + columnAt(index).length + 4, 0),
    longer: new Map(),
  }
}

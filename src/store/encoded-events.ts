import { readBinary } from '../db/binary-values.ts'
import { BinaryEncoder, NotBinaryError } from '../db/copy-binary.ts'
import { type EventRow, eventRowBytes } from '../event/event-row.ts'
import type { OwnEvent } from '../event/own-batches.ts'
import { rowJson } from '../event/row-json.ts'
import { EVENT_COLUMNS } from '../event/unified-event.ts'

type Column = keyof EventRow

const NAMES = Object.keys(EVENT_COLUMNS) as Column[]
const TYPES = NAMES.map(name => EVENT_COLUMNS[name])
const INDEXES: ReadonlyMap<string, number> = new Map(NAMES.map((name, index) => [name, index]))

/** Which columns a row has values for, by their places in the table, ascending. Rows with the same columns share one. */
export interface Shape {
  readonly columns: readonly number[]
  /** About the length of their names in JSON, in bytes. */
  readonly nameBytes: number
  /** Those with one more column, behind the last. */
  readonly longer: Map<number, Shape>
}

export const columnName = (index: number): string => NAMES[index] as Column

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

  constructor(row: EventRow, shape: Shape, bytes: Buffer | null, start: number, end: number) {
    this.id = row.id
    this.timestampMs = Date.parse(row.timestamp)
    this.eventType = row.event_type
    this.ns = row.ns
    this.eventName = row.event_name
    this.service = textOf(row.service_name)
    this.level = textOf(row.log_level)
    this.outcome = textOf(row.outcome)
    this.shape = shape
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#row = bytes === null ? row : null
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
    const row: Partial<Record<Column, string | number | boolean>> = {}
    let at = this.start
    for (const index of this.shape.columns) {
      const start = at + 4
      at = start + this.bytes.readInt32BE(at)
      row[NAMES[index] as Column] = readBinary(TYPES[index] as (typeof TYPES)[number], this.bytes, start, at)
    }
    return row as EventRow
  }
}

// Senders make up few combinations of columns. More than this are an attack, or rare enough to be learnt again.
const MAX_SHAPES = 20_000

/** Encodes rows one after another into memory that they share: one for all of a process's events. */
export class EventEncoder {
  readonly #encoder = new BinaryEncoder(
    NAMES.map((name, index) => ({ name, type: TYPES[index] as (typeof TYPES)[number] })),
  )
  #empty = shapeOf([])
  #shapes = 0
  // Of the row at hand: its columns and their values.
  readonly #columns: number[] = []
  readonly #values: unknown[] = []

  encode(row: EventRow): EncodedEvent {
    this.#read(row)
    const encoder = this.#encoder
    if (encoder.isFull) encoder.take()
    const start = encoder.size
    try {
      encoder.beginRow()
      const columns = this.#columns
      for (let place = 0; place < columns.length; place++) encoder.value(this.#values[place], columns[place] as number)
    } catch (error) {
      encoder.rewind(start)
      if (error instanceof NotBinaryError) return new EncodedEvent(row, this.#shape(), null, 0, 0)
      throw error
    }
    return new EncodedEvent(row, this.#shape(), encoder.bytes, start, encoder.size)
  }

  #read(row: EventRow): void {
    const columns = this.#columns
    const values = this.#values
    columns.length = 0
    values.length = 0
    for (const name in row) {
      const value = row[name as Column]
      if (value === undefined || value === null) continue
      const index = INDEXES.get(name)
      if (index === undefined) continue
      // Most rows name their columns in the order of the table.
      let place = columns.length
      columns.push(index)
      values.push(value)
      for (; place > 0 && (columns[place - 1] as number) > index; place--) {
        columns[place] = columns[place - 1] as number
        values[place] = values[place - 1]
      }
      columns[place] = index
      values[place] = value
    }
  }

  #shape(): Shape {
    let shape = this.#empty
    for (const index of this.#columns) shape = shape.longer.get(index) ?? this.#learn(shape, index)
    return shape
  }

  #learn(shape: Shape, index: number): Shape {
    const longer = shapeOf([...shape.columns, index])
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
    nameBytes: columns.reduce((sum, index) => sum + columnName(index).length + 4, 0),
    longer: new Map(),
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

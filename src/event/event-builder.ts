import type { EventRow } from './event-row.ts'
import { EVENT_COLUMNS, type UnifiedEvent } from './unified-event.ts'

type Column = keyof UnifiedEvent

const NAMES = Object.keys(EVENT_COLUMNS) as Column[]
const PLACES: ReadonlyMap<string, number> = new Map(NAMES.map((name, place) => [name, place]))

/** The place of a column in the table, from 0; undefined when there is none of that name. */
export const placeOf = (name: string): number | undefined => PLACES.get(name)
export const columnAt = (place: number): Column => NAMES[place] as Column
export const COLUMN_COUNT = NAMES.length

/**
 * An event in the making: its values by the places of their columns. One serves for event after event. Objects with a property for
 * each column cost many times as much: adding one property to an object that came out of a parser takes longer than
 * everything that is done with an event here.
 */
export class EventBuilder {
  readonly #values: unknown[] = NAMES.map(() => null)
  readonly #isUsed: boolean[] = NAMES.map(() => false)
  /** The columns that were set, in that order; some may be null. */
  readonly places: number[] = []

  /** Forgets the event. */
  clear(): void {
    for (const place of this.places) {
      this.#values[place] = null
      this.#isUsed[place] = false
    }
    this.places.length = 0
  }

  /** Null when it is not set. */
  at(place: number): unknown {
    return this.#values[place]
  }

  setAt(place: number, value: unknown): void {
    this.#values[place] = value ?? null
    if (this.#isUsed[place]) return
    this.#isUsed[place] = true
    this.places.push(place)
  }

  get<C extends Column>(column: C): Exclude<UnifiedEvent[C], undefined> | null {
    return this.#values[PLACES.get(column) as number] as Exclude<UnifiedEvent[C], undefined> | null
  }

  set<C extends Column>(column: C, value: UnifiedEvent[C] | null | undefined): void {
    this.setAt(PLACES.get(column) as number, value)
  }

  /** Takes over what is not null. */
  load(columns: { readonly [C in Column]?: unknown }): void {
    for (const name in columns) {
      const value = columns[name as Column]
      const place = PLACES.get(name)
      if (place !== undefined && value !== null && value !== undefined) this.setAt(place, value)
    }
  }

  /** What is not null, as an object; a row once the event is finished. */
  toRow(): EventRow {
    const row: Partial<Record<Column, unknown>> = {}
    for (const place of this.places) {
      const value = this.#values[place]
      // As digits, because the journal writes rows as JSON, which knows no bigint.
      if (value !== null) row[columnAt(place)] = typeof value === 'bigint' ? String(value) : value
    }
    return row as EventRow
  }
}

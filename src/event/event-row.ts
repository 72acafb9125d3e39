import type { UnifiedEvent } from './unified-event.ts'

type Required = 'id' | 'event_type' | 'event_name' | 'ns' | 'timestamp'

/** A row of `events` as it is written: JSON as text, and only the columns that it has. */
export type EventRow = Pick<UnifiedEvent, Required> & {
  [Column in Exclude<keyof UnifiedEvent, Required>]?: string | number | boolean | null
}

/** Longest that the texts of an event may be together, in UTF-16 units. */
export const MAX_EVENT_LENGTH = 4 * 1_024 * 1_024

// An object of a hundred columns, most of them empty, with some twenty short values.
const OBJECT_BYTES = 1_200

/** About how much memory a row holds, in bytes. */
export function eventRowBytes(row: EventRow): number {
  let length = 0
  for (const column in row) {
    const value = row[column as keyof EventRow]
    if (typeof value === 'string' && value.length > 64) length += value.length
  }
  return OBJECT_BYTES + 2 * length
}

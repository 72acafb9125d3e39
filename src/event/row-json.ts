import type { EventRow } from './event-row.ts'
import type { OwnEvent } from './own-batches.ts'
import { EVENT_COLUMNS } from './unified-event.ts'

type Column = keyof EventRow

/** A row that was just stored as it is sent: what reading it back would give, without asking Postgres. */
export function rowEvent(row: EventRow): OwnEvent {
  return {
    id: row.id,
    timestampMs: Date.parse(row.timestamp),
    eventType: row.event_type,
    ns: row.ns,
    eventName: row.event_name,
    service: textOf(row.service_name),
    level: textOf(row.log_level),
    outcome: textOf(row.outcome),
    json: rowJson(row),
  }
}

/** The columns of a row that are not null, as JSON. */
export function rowJson(row: EventRow): string {
  const members: string[] = []
  for (const column in row) {
    const value = row[column as Column]
    if (value === null || value === undefined) continue
    members.push(`"${column}":${memberOf(column as Column, value)}`)
  }
  // Joined it is one piece of memory; put together bit by bit it would be hundreds, for as long as it is held.
  return `{${members.join(',')}}`
}

function memberOf(column: Column, value: string | number | boolean): string {
  switch (EVENT_COLUMNS[column]) {
    case 'jsonb':
      return String(value)
    case 'timestamptz':
      return timeOf(String(value))
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`
    case 'double precision':
      return Number.isFinite(value) ? String(value) : `"${value}"`
    default:
      return typeof value === 'string' ? JSON.stringify(value) : String(value)
  }
}

// Postgres writes a zone as its offset, and no zeros at the end of a fraction.
function timeOf(time: string): string {
  if (!time.endsWith('Z')) return JSON.stringify(time)
  let end = time.length - 1
  if (time.charCodeAt(19) === 46) {
    while (time.charCodeAt(end - 1) === 48) end--
    if (end === 20) end = 19
  }
  return `"${time.slice(0, end)}+00:00"`
}

const textOf = (value: EventRow['outcome']): string | null => (typeof value === 'string' ? value : null)

import { hash } from 'node:crypto'
import { cleanText } from '../record/capture.ts'
import { type EventRow, eventRowBytes } from './event-row.ts'
import { isObject } from './fields.ts'
import { type IpAddresses, withoutAddresses } from './ip-addresses.ts'
import { ItemError } from './item-error.ts'
import { PreparedJson, toJsonText } from './json-text.ts'
import type { EventDraft } from './source.ts'
import { EVENT_COLUMNS, type Timestamp } from './unified-event.ts'

export interface FinishOptions {
  receivedAt: Timestamp
  /** Times later than this are absurd: no clock is so wrong by chance. */
  latest: Timestamp
  /** The time of arrival of an event that has no time of its own: the first one, when it was sent before. */
  arrivalOf: (id: string) => Timestamp
  ipAddresses: IpAddresses
  batchId: string | null
}

export const SCHEMA_VERSION = 1
const EARLIEST: Timestamp = '2000-01-01T00:00:00.000000Z'
const MAX_EVENT_BYTES = 8 * 1_024 * 1_024

const JSON_COLUMNS: ReadonlySet<string> = new Set(
  Object.entries(EVENT_COLUMNS).flatMap(([column, type]) => (type === 'jsonb' ? [column] : [])),
)
/** The columns in which addresses of people are looked for. */
const PERSONAL: ReadonlySet<string> = new Set(['attributes', 'context', 'properties', 'traits', 'data', 'labels'])
type Column = keyof EventRow

/**
 * Makes a draft the row to write: text that Postgres accepts, JSON as text, an id, a sane time, and what the server knows. It
 * is the same object: copying some thirty columns one by one would cost more than all the rest. Throws ItemError when it is
 * too large.
 */
export function finishEvent(draft: EventDraft, options: FinishOptions): EventRow {
  const row = draft as Record<Column, unknown>
  for (const column in row) {
    const value = row[column as Column]
    if (value === undefined) continue
    row[column as Column] = value === null ? undefined : toColumn(column as Column, value, options.ipAddresses)
  }
  row.id ??= contentId(row)
  const id = row.id as string
  const ownTime = row.timestamp as Timestamp | undefined
  if (ownTime === undefined) {
    row.timestamp = options.arrivalOf(id)
  } else if (ownTime < EARLIEST || ownTime > options.latest || ownTime.length > 27) {
    row.timestamp = options.arrivalOf(id)
    row.attributes = withMember(row.attributes as string | undefined, 'source_timestamp', ownTime)
  }
  setTimestamp(row as EventRow, row.timestamp as Timestamp)
  row.ingested_at = options.receivedAt
  row.schema_version = SCHEMA_VERSION
  if (options.batchId !== null) row.batch_id ??= options.batchId
  const finished = row as EventRow
  if (eventRowBytes(finished) > MAX_EVENT_BYTES)
    throw new ItemError('it is larger than 4 million characters', 'EVENT_TOO_LARGE')
  return finished
}

/** Sets the time of an event, and what is derived from it. */
export function setTimestamp(row: EventRow, timestamp: Timestamp): void {
  row.timestamp = timestamp
  row.day = timestamp.slice(0, 10)
  row.hour = Number(timestamp.slice(11, 13))
}

function toColumn(column: Column, value: unknown, ipAddresses: IpAddresses): string | number | boolean {
  if (JSON_COLUMNS.has(column)) {
    const isPlain = PERSONAL.has(column) && isObject(value) && !(value instanceof PreparedJson)
    return toJsonText(isPlain ? withoutAddresses(value, ipAddresses) : value)
  }
  if (typeof value === 'string') {
    return column === 'replay_data' ? cleanText(value, Number.POSITIVE_INFINITY) : cleanText(value)
  }
  // As digits, because the journal writes rows as JSON, which knows no bigint.
  return typeof value === 'bigint' ? String(value) : (value as number | boolean)
}

/** Of everything that the source said: the same content is the same event. */
function contentId(row: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const column in row) {
    const value = row[column]
    if (value !== undefined) text += `${column}\t${value}\n`
  }
  return `${row.event_type}:${hash('sha256', text, 'hex').slice(0, 32)}`
}

/** A key for what the source's own words identify. */
export function hashedId(prefix: string, ...parts: unknown[]): string {
  return `${prefix}:${hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32)}`
}

function withMember(json: string | undefined, key: string, value: string): string {
  const object = json === undefined ? {} : (JSON.parse(json) as Record<string, unknown>)
  return JSON.stringify({ ...object, [key]: value })
}

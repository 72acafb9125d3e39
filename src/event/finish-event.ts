import { hash } from 'node:crypto'
import { cleanText } from '../record/clean-text.ts'
import { COLUMN_COUNT, columnAt, type EventBuilder } from './event-builder.ts'
import { type EventRow, MAX_EVENT_LENGTH } from './event-row.ts'
import { isObject } from './fields.ts'
import { type IpAddresses, withoutAddresses } from './ip-addresses.ts'
import { ItemError } from './item-error.ts'
import { PreparedJson, toJsonText } from './json-text.ts'
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

/** The columns in which addresses of people are looked for. */
const PERSONAL: ReadonlySet<string> = new Set(['attributes', 'context', 'properties', 'traits', 'data', 'labels'])
type Kind = 'plain' | 'json' | 'personal' | 'long'
const KINDS: readonly Kind[] = Array.from({ length: COLUMN_COUNT }, (_, place) => {
  const column = columnAt(place)
  if (column === 'replay_data') return 'long'
  if (EVENT_COLUMNS[column] !== 'jsonb') return 'plain'
  return PERSONAL.has(column) ? 'personal' : 'json'
})

/**
 * Makes of what a source said what is written: text that Postgres accepts, JSON as text, an id, a sane time, and what the
 * server knows. Throws ItemError when it is too large.
 */
export function finishEvent(event: EventBuilder, options: FinishOptions): void {
  let length = 0
  const { places } = event
  for (let n = 0; n < places.length; n++) {
    const place = places[n] as number
    const value = event.at(place)
    if (value === null) continue
    const written = toColumn(KINDS[place] as Kind, value, options.ipAddresses)
    if (written !== value) event.setAt(place, written)
    if (typeof written === 'string') length += written.length
  }
  if (length > MAX_EVENT_LENGTH) throw new ItemError('it is larger than 4 million characters', 'EVENT_TOO_LARGE')
  let id = event.get('id') as string | null
  if (id === null) {
    id = contentId(event)
    event.set('id', id)
  }
  const ownTime = event.get('timestamp') as Timestamp | null
  let time = ownTime
  if (ownTime === null) time = options.arrivalOf(id)
  else if (ownTime < EARLIEST || ownTime > options.latest || ownTime.length > 27) {
    time = options.arrivalOf(id)
    event.set('attributes', withMember(event.get('attributes') as string | null, 'source_timestamp', ownTime))
  }
  const timestamp = time as Timestamp
  event.set('timestamp', timestamp)
  event.set('day', dayOf(timestamp))
  event.set('hour', hourOf(timestamp))
  event.set('ingested_at', options.receivedAt)
  event.set('schema_version', SCHEMA_VERSION)
  if (options.batchId !== null && event.get('batch_id') === null) event.set('batch_id', options.batchId)
}

/** Sets the time of an event, and what is derived from it. */
export function setTimestamp(row: EventRow, timestamp: Timestamp): void {
  row.timestamp = timestamp
  row.day = dayOf(timestamp)
  row.hour = hourOf(timestamp)
}

const dayOf = (timestamp: Timestamp): string => timestamp.slice(0, 10)
const hourOf = (timestamp: Timestamp): number => Number(timestamp.slice(11, 13))

function toColumn(kind: Kind, value: unknown, ipAddresses: IpAddresses): unknown {
  switch (kind) {
    case 'plain':
      return typeof value === 'string' ? cleanText(value) : value
    case 'long':
      return typeof value === 'string' ? cleanText(value, Number.POSITIVE_INFINITY) : value
    case 'personal':
      if (isObject(value) && !(value instanceof PreparedJson)) return toJsonText(withoutAddresses(value, ipAddresses))
      return toJsonText(value)
    case 'json':
      return toJsonText(value)
    default:
      return kind satisfies never
  }
}

/** Of everything that the source said: the same content is the same event. */
function contentId(event: EventBuilder): string {
  let text = ''
  for (const place of event.places) {
    const value = event.at(place)
    if (value !== null) text += `${columnAt(place)}\t${value}\n`
  }
  return `${event.get('event_type')}:${hash('sha256', text, 'hex').slice(0, 32)}`
}

/** A key for what the source's own words identify. */
export function hashedId(prefix: string, ...parts: unknown[]): string {
  return `${prefix}:${hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32)}`
}

function withMember(json: string | null, key: string, value: string): string {
  const object = json === null ? {} : (JSON.parse(json) as Record<string, unknown>)
  return JSON.stringify({ ...object, [key]: value })
}

import { columnAt, placeOf } from '../event-builder.ts'
import { Fields, isObject, merged } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import type { Source } from '../source.ts'
import { EVENT_COLUMNS, type UnifiedEvent } from '../unified-event.ts'

export const EVENT_TYPES = [
  'trace',
  'metric',
  'log',
  'cdc',
  'track',
  'page',
  'vital',
  'replay',
  'tail',
  'snippet',
] as const

/** What the server itself writes; an event cannot bring it along. */
const SERVERS_OWN: ReadonlySet<string> = new Set(['hour', 'day', 'ingested_at', 'schema_version'])
const SMALL_LIMIT = 2 ** 15
const INTEGER_LIMIT = 2 ** 31

/**
 * A unified event by its columns, as `POST /api/broadcast` takes it. `event_type`, `event_name` and `ns` are required.
 * What is no column goes to `attributes`.
 */
export const unified: Source = {
  name: 'unified',
  statesNamespace: true,
  fill(item, context, event) {
    const fields = new Fields(item)
    if (fields.oneOf('event_type', EVENT_TYPES) === null) {
      throw new ItemError(`event_type is missing; it is one of ${EVENT_TYPES.join(', ')}`)
    }
    const values = item as Record<string, unknown>
    let rest: Record<string, unknown> | null = null
    for (const name in values) {
      const place = placeOf(name)
      if (place === undefined) {
        // Without a prototype a key named __proto__ is a key like any other.
        rest ??= Object.create(null) as Record<string, unknown>
        rest[name] = values[name]
      } else if (values[name] !== null) {
        const value = readColumn(fields, columnAt(place), values[name])
        if (!SERVERS_OWN.has(name)) event.setAt(place, value)
      }
    }
    event.set('id', fields.text('id'))
    event.set('event_name', fields.requiredText('event_name'))
    event.set('ns', fields.text('ns') ?? context.ns)
    event.set('timestamp', event.get('timestamp') ?? event.get('started_at') ?? null)
    event.set('trace_id', lowerCaseHex(event.get('trace_id')))
    event.set('span_id', lowerCaseHex(event.get('span_id')))
    event.set('parent_id', lowerCaseHex(event.get('parent_id')))
    if (event.get('event_source') === null) event.set('event_source', 'broadcast')
    if (rest !== null) {
      const attributes = event.get('attributes')
      event.set('attributes', merged(isObject(attributes) ? attributes : null, rest))
    }
  },
}

// Mostly a value is what its column holds.
function readColumn(fields: Fields, column: keyof UnifiedEvent, value: unknown): unknown {
  const type = EVENT_COLUMNS[column]
  switch (type) {
    case 'text':
      if (typeof value === 'string') return value
      return column === 'replay_data' && typeof value === 'object' ? JSON.stringify(value) : fields.exactText(column)
    case 'timestamptz':
      return fields.time(column)
    case 'date':
      return fields.text(column)
    case 'boolean':
      return fields.flag(column)
    case 'double precision':
      return typeof value === 'number' && Number.isFinite(value) ? value : fields.number(column)
    case 'bigint':
      return fields.whole(column)
    case 'integer':
    case 'smallint': {
      const whole = fields.whole(column)
      const limit = type === 'smallint' ? SMALL_LIMIT : INTEGER_LIMIT
      if (whole !== null && (typeof whole !== 'number' || whole >= limit || whole < -limit)) {
        throw fields.wrong(column, `a whole number of ${type === 'smallint' ? 16 : 32} bits`)
      }
      return whole
    }
    case 'jsonb':
      return value
    default:
      return type satisfies never
  }
}

// So that events of one trace meet, however their senders write hex.
function lowerCaseHex(id: string | null | undefined): string | null {
  if (!id) return null
  const lower = id.toLowerCase()
  return lower === id || /^[0-9a-f]+$/.test(lower) ? lower : id
}

import { Fields, isObject, merged } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import type { EventDraft, Source } from '../source.ts'
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
const LIMITS: Readonly<Record<string, number>> = { smallint: 2 ** 15, integer: 2 ** 31 }

/**
 * A unified event by its columns, as `POST /api/broadcast` takes it. `event_type`, `event_name` and `ns` are required.
 * What is no column goes to `attributes`.
 */
export const unified: Source = {
  name: 'unified',
  statesNamespace: true,
  toEvents(item, context) {
    const fields = new Fields(item)
    const type = fields.oneOf('event_type', EVENT_TYPES)
    if (type === null) throw new ItemError(`event_type is missing; it is one of ${EVENT_TYPES.join(', ')}`)
    const draft = columnsOf(item as Record<string, unknown>) as EventDraft & Record<string, unknown>
    for (const column in draft) {
      const value = readColumn(fields, column as keyof UnifiedEvent)
      draft[column] = SERVERS_OWN.has(column) ? null : value
    }
    draft.id = fields.text('id')
    draft.event_type = type
    draft.event_name = fields.requiredText('event_name')
    draft.ns = fields.text('ns') ?? context.ns
    draft.timestamp = fields.time('timestamp') ?? fields.time('started_at')
    draft.trace_id = lowerCaseHex(draft.trace_id)
    draft.span_id = lowerCaseHex(draft.span_id)
    draft.parent_id = lowerCaseHex(draft.parent_id)
    draft.event_source ??= 'broadcast'
    const rest = fields.rest()
    if (rest !== null) draft.attributes = merged(isObject(draft.attributes) ? draft.attributes : null, rest)
    return [draft]
  },
}

/** What of an item is a column. Mostly all of it is: then it is copied as it stands, which is several times faster. */
function columnsOf(item: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(item)
  if (names.every(isColumn)) return { ...item }
  return Object.fromEntries(names.filter(isColumn).map(name => [name, item[name]]))
}

const isColumn = (name: string): boolean => Object.hasOwn(EVENT_COLUMNS, name)

function readColumn(fields: Fields, column: keyof UnifiedEvent): unknown {
  const type = EVENT_COLUMNS[column]
  switch (type) {
    case 'text':
      return column === 'replay_data' && typeof fields.any(column) === 'object' && fields.has(column)
        ? JSON.stringify(fields.any(column))
        : fields.exactText(column)
    case 'timestamptz':
      return fields.time(column)
    case 'date':
      return fields.text(column)
    case 'boolean':
      return fields.flag(column)
    case 'double precision':
      return fields.number(column)
    case 'bigint':
      return fields.whole(column)
    case 'integer':
    case 'smallint': {
      const whole = fields.whole(column)
      const limit = LIMITS[type] as number
      if (whole !== null && (typeof whole !== 'number' || whole >= limit || whole < -limit)) {
        throw fields.wrong(column, `a whole number of ${type === 'smallint' ? 16 : 32} bits`)
      }
      return whole
    }
    case 'jsonb':
      return fields.any(column)
    default:
      return type satisfies never
  }
}

// So that events of one trace meet, however their senders write hex.
function lowerCaseHex(id: string | null | undefined): string | null {
  if (!id) return null
  return /^[0-9a-f]+$/i.test(id) ? id.toLowerCase() : id
}

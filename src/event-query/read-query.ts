import { ObservabilityError } from '../errors.ts'

/** What is asked of the event table; all parts narrow down. */
export interface EventQuery {
  /** Values by column; an event matches when its column has one of them. */
  readonly filters: Readonly<Partial<Record<FilterColumn, readonly string[]>>>
  /** The earliest and the latest time, as Postgres reads them: from inclusive, to exclusive. */
  readonly from: string | null
  readonly to: string | null
  /** Where the page before ended. */
  readonly after: { readonly timestamp: string; readonly id: string } | null
  readonly limit: number
}

/** Columns that an index leads to, and those that only narrow down what the others and the time found. */
export const FILTER_COLUMNS = [
  'id',
  'event_type',
  'event_name',
  'ns',
  'trace_id',
  'span_id',
  'parent_id',
  'correlation_id',
  'session_id',
  'actor_id',
  'service_name',
  'outcome',
  'log_level',
] as const
export type FilterColumn = (typeof FILTER_COLUMNS)[number]

export const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 1_000
const MAX_VALUES = 100
const TIMES = { from: ['from', 'timestamp_after'], to: ['to', 'timestamp_before'] } as const

/** Reads the body of a query. Throws PAYLOAD_INVALID with everything that is wrong. */
export function readEventQuery(body: unknown): EventQuery {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ObservabilityError(
      'PAYLOAD_INVALID',
      'a query is a JSON object, like {"event_type": "log", "limit": 100}',
    )
  }
  const problems: string[] = []
  const given = new Map(Object.entries(body))
  const take = (name: string): unknown => {
    const value = given.get(name)
    given.delete(name)
    return value ?? undefined
  }
  const time = (names: readonly string[]): string | null => {
    for (const name of names) {
      const value = take(name)
      if (value === undefined) continue
      const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
      // As text it may have microseconds, which a Date has not.
      if (Number.isFinite(at) && Math.abs(at) < 8e15)
        return typeof value === 'string' ? value : new Date(at).toISOString()
      problems.push(`"${name}" has to be a date like 2026-11-21T10:20:30Z, or milliseconds since 1970`)
    }
    return null
  }
  const filters: Partial<Record<FilterColumn, string[]>> = {}
  for (const column of FILTER_COLUMNS) {
    const value = take(column)
    if (value === undefined) continue
    const values = Array.isArray(value) ? value : [value]
    if (values.length <= MAX_VALUES && values.every(item => typeof item === 'string' && !item.includes('\0'))) {
      filters[column] = values as string[]
    } else problems.push(`"${column}" has to be text, or a list of at most ${MAX_VALUES} texts`)
  }
  const from = time(TIMES.from)
  const to = time(TIMES.to)
  const limit = take('limit') ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_LIMIT) {
    problems.push(`"limit" has to be a whole number from 1 to ${MAX_LIMIT}`)
  }
  const cursor = take('cursor')
  const after = cursor === undefined ? null : readCursor(cursor)
  if (cursor !== undefined && after === null) problems.push('"cursor" has to be the next_cursor of an earlier answer')
  const known = [...FILTER_COLUMNS, ...TIMES.from, ...TIMES.to, 'limit', 'cursor']
  for (const name of given.keys()) problems.push(`"${name}" is unknown; known are ${known.join(', ')}`)
  if (problems.length > 0) throw new ObservabilityError('PAYLOAD_INVALID', problems.join('; '))
  return { filters, from, to, after, limit: limit as number }
}

export const writeCursor = (timestamp: string, id: string): string =>
  Buffer.from(JSON.stringify([timestamp, id])).toString('base64url')

function readCursor(cursor: unknown): EventQuery['after'] {
  if (typeof cursor !== 'string') return null
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(value)) return null
    const [timestamp, id] = value
    const isOne = typeof timestamp === 'string' && !Number.isNaN(Date.parse(timestamp)) && typeof id === 'string'
    return isOne && !id.includes('\0') ? { timestamp, id } : null
  } catch {
    return null
  }
}

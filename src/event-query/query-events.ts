import { quoteIdent } from '../db/identifiers.ts'
import type { Pool } from '../db/pool.ts'
import { eventJson } from './event-json.ts'
import { exactNumbers } from './exact-numbers.ts'
import { type EventQuery, FILTER_COLUMNS, writeCursor } from './read-query.ts'

/** What of the event table a reader may see. */
export interface EventScope {
  /** Namespaces; null for all. */
  readonly namespaces: readonly string[] | null
}

/** Events as JSON objects of their columns that are not null. */
export interface EventPage {
  readonly rows: readonly string[]
  /** For the next page; null when this was the last. */
  readonly nextCursor: string | null
}

export interface EventQueries {
  /** Newest first. */
  find(query: EventQuery, scope: EventScope): Promise<EventPage>
  /** All events of a trace, in the order they started; `isCut` when there are more than are given. */
  trace(traceId: string, scope: EventScope): Promise<{ rows: readonly string[]; isCut: boolean }>
}

export const MAX_TRACE_EVENTS = 50_000

export async function createEventQueries(pool: Pool, schema: string): Promise<EventQueries> {
  const json = await eventJson(pool, schema)
  const table = `${quoteIdent(schema)}.events`
  return {
    async find({ filters, from, to, after, limit }, { namespaces }) {
      const values: unknown[] = []
      const parameter = (value: unknown): string => `$${values.push(value)}`
      const conditions: string[] = []
      for (const column of FILTER_COLUMNS) {
        const wanted = filters[column]
        if (wanted) conditions.push(isOneOf(`e.${quoteIdent(column)}`, wanted, parameter))
      }
      if (namespaces) conditions.push(isOneOf('e.ns', namespaces, parameter))
      if (from !== null) conditions.push(`e."timestamp" >= ${parameter(from)}::timestamptz`)
      if (to !== null) conditions.push(`e."timestamp" < ${parameter(to)}::timestamptz`)
      if (after) {
        // Said twice: the first lets Postgres leave out partitions, which it cannot see in the second.
        const at = parameter(after.timestamp)
        conditions.push(`e."timestamp" <= ${at}::timestamptz`)
        conditions.push(`(e."timestamp", e.id) < (${at}::timestamptz, ${parameter(after.id)})`)
      }
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
      // The JSON is made of the rows that are sent, not of all that were sorted.
      const { rows } = await pool.query<{ id: string; at: string; json: string }>(
        `SELECT e.id, to_json(e."timestamp") #>> '{}' AS at, ${json} AS json
         FROM (SELECT * FROM ${table} e ${where} ORDER BY e."timestamp" DESC, e.id DESC LIMIT ${limit + 1}) e`,
        values,
      )
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        rows: page.map(row => exactNumbers(row.json)),
        nextCursor: rows.length > limit && last ? writeCursor(last.at, last.id) : null,
      }
    },
    async trace(traceId, { namespaces }) {
      const { rows } = await pool.query<{ json: string }>(
        `SELECT ${json} AS json FROM ${table} e
         WHERE e.trace_id = $1 AND ($2::text[] IS NULL OR e.ns = ANY ($2))
         ORDER BY coalesce(e.started_at, e."timestamp"), e."timestamp", e.id LIMIT ${MAX_TRACE_EVENTS + 1}`,
        [traceId, namespaces],
      )
      const kept = rows.slice(0, MAX_TRACE_EVENTS)
      return { rows: kept.map(row => exactNumbers(row.json)), isCut: rows.length > kept.length }
    },
  }
}

/** One value is compared by itself: behind `ANY` Postgres would not see that an index has the rest in the wanted order. */
function isOneOf(column: string, wanted: readonly string[], parameter: (value: unknown) => string): string {
  const [only] = wanted
  return only !== undefined && wanted.length === 1
    ? `${column} = ${parameter(only)}::text`
    : `${column} = ANY (${parameter(wanted)}::text[])`
}

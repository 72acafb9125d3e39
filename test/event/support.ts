import { readFileSync } from 'node:fs'
import type { EventRow } from '../../src/event/event-row.ts'
import { sources } from '../../src/event/registry.ts'
import type { Source, SourceContext } from '../../src/event/source.ts'
import { type Transformed, type TransformOptions, transformItems } from '../../src/event/transform-items.ts'
import { EVENT_COLUMNS } from '../../src/event/unified-event.ts'

export const RECEIVED_AT = '2026-11-21T12:00:00.000000Z'

/** One kind of payload, and the rows it becomes. */
export interface Fixture {
  name: string
  context?: Partial<SourceContext>
  input: unknown
  /** Every column that is not null, without what the server adds to all. */
  expected: Record<string, unknown>[]
}

export function readFixtures(source: string): Fixture[] {
  return JSON.parse(readFileSync(`test/fixtures/events/${source}.json`, 'utf8')) as Fixture[]
}

export const OPTIONS: TransformOptions = {
  receivedAt: RECEIVED_AT,
  latest: '2026-11-22T12:00:00.000000Z',
  arrivalOf: () => RECEIVED_AT,
  ipAddresses: 'truncate',
  batchId: null,
  namespaceOf: ns => ns,
}

/** Items of a source as rows, as the server makes them. */
export function transform(
  name: string,
  items: Iterable<unknown>,
  context: Partial<SourceContext> = {},
  options: Partial<TransformOptions> = {},
): Transformed<EventRow> {
  const source = sources.get(name) as Source
  return transformItems(
    source,
    items,
    { receivedAt: RECEIVED_AT, ns: 'default', ...context },
    { ...OPTIONS, ...options },
  )
}

const SERVERS_OWN = ['day', 'hour', 'ingested_at', 'schema_version']

/** A row to compare: JSON parsed, without empty columns and those that the server adds to all. */
export function readable(row: EventRow): Record<string, unknown> {
  const entries = Object.entries(row).filter(
    ([column, value]) => value !== null && value !== undefined && !SERVERS_OWN.includes(column),
  )
  return Object.fromEntries(
    entries.map(([column, value]) => {
      if (EVENT_COLUMNS[column as keyof EventRow] === 'jsonb') return [column, JSON.parse(value as string)]
      return [column, typeof value === 'bigint' ? String(value) : value]
    }),
  )
}

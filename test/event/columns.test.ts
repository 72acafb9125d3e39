import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documentationOf, metadataOf, readColumns, typescriptOf } from '../../scripts/event-columns.ts'
import { EVENT_COLUMNS } from '../../src/event/unified-event.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const METADATA = 'hasura-metadata/databases/observability/tables/event_detector_observability_events.yaml'

// The database itself is compared in test/db/schema.test.ts.
describe('the columns of the unified event table', () => {
  const columns = readColumns(read('model/unified-event.columns.csv'))

  it('are 175 in 23 groups, each once', () => {
    expect(columns).toHaveLength(175)
    expect(new Set(columns.map(column => column.name)).size).toBe(175)
    expect(new Set(columns.map(column => column.group)).size).toBe(23)
    expect(Object.keys(EVENT_COLUMNS)).toEqual(columns.map(column => column.name))
    expect(Object.values(EVENT_COLUMNS)).toEqual(columns.map(column => column.postgresType))
  })

  it('are the same in the type, the documentation and the metadata (after a change: npm run events:generate)', () => {
    expect(read('src/event/unified-event.ts')).toBe(typescriptOf(columns))
    expect(read('docs/event-columns.md')).toBe(documentationOf(columns))
    expect(read(METADATA)).toBe(metadataOf(columns, read(METADATA)))
  })

  it('name what is required', () => {
    expect(columns.filter(column => column.required).map(column => column.name)).toEqual([
      'id',
      'event_type',
      'event_name',
      'ns',
      'timestamp',
    ])
  })

  it('cannot be read from a list with a line of another form', () => {
    expect(() => readColumns('head\n1,id,Core,string,text,no\n')).toThrow('line 2 of the list of columns')
    expect(() => readColumns('head\n2,id,Core,string,text,no,Key\n')).toThrow('line 2 of the list of columns')
  })
})

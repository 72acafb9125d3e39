import { describe, expect, it } from 'vitest'
import { parseSearch, stringifySearch } from '../../dashboard/src/app/search-params.ts'
import { addNewest, appendOlder, mergeNewest, refreshRows } from '../../dashboard/src/model/merge-rows.ts'
import { newerRows, olderRows } from '../../dashboard/src/model/row-place.ts'
import { parseInvocationsSearch } from '../../dashboard/src/pages/invocations/url.ts'
import { toWhere, within } from '../../dashboard/src/pages/invocations/where.ts'
import { time } from './rows.ts'

describe('the address of the list', () => {
  it('comes back as it went', () => {
    const search = { status: ['failed', 'running'], table: ['public.orders'], roots: true as const, q: '10:42' }
    const text = stringifySearch(search)
    expect(text).toBe('?status=failed&status=running&table=public.orders&roots=true&q=10:42')
    expect(parseInvocationsSearch(parseSearch(text))).toEqual(search)
  })

  it('drops what it does not know', () => {
    expect(parseInvocationsSearch({ status: '', roots: '0', page: '3', q: ' ' })).toEqual({})
  })
})

describe('toWhere', () => {
  it('asks for everything without a filter', () => {
    expect(toWhere({})).toEqual({})
  })

  it('tells completed invocations with failed jobs from the others', () => {
    expect(toWhere({ status: ['completed'] })).toEqual({
      _and: [{ status: { _eq: 'completed' }, total_jobs_failed: { _eq: 0 } }],
    })
    expect(toWhere({ status: ['job_failed', 'failed'] })).toEqual({
      _and: [{ _or: [{ status: { _eq: 'completed' }, total_jobs_failed: { _gt: 0 } }, { status: { _eq: 'failed' } }] }],
    })
  })

  it('puts the search text beside the chosen filters', () => {
    expect(toWhere({ table: ['public.orders'], q: 'key:1042 nonsense:1' })).toEqual({
      _and: [{ source_table: { _in: ['public.orders'] } }, { source_record_id: { _in: ['1042'] } }],
    })
  })

  it('keeps to the time range, whose end is open while it is now', () => {
    const range = { from: 'a', to: 'b' }
    expect(within({}, range, true)).toEqual({ _and: [{}, { created_at: { _gte: 'a' } }] })
    expect(within({}, range, false)).toEqual({ _and: [{}, { created_at: { _gte: 'a', _lt: 'b' } }] })
  })

  it('continues after a row, and before it, without losing one of the same instant', () => {
    const row = { id: 'm', created_at: 't' }
    expect(olderRows(row, 'created_at')).toEqual({
      created_at: { _lte: 't' },
      _or: [{ created_at: { _lt: 't' } }, { id: { _lt: 'm' } }],
    })
    expect(newerRows(row, 'timestamp')).toEqual({
      timestamp: { _gte: 't' },
      _or: [{ timestamp: { _gt: 't' } }, { id: { _gt: 'm' } }],
    })
  })
})

describe('rows on screen', () => {
  const row = (at: number, change = {}) => ({ id: `r${at}`, created_at: time(at), ...change })
  const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)

  it('puts new rows above the known ones and keeps those below the window', () => {
    expect(ids(mergeNewest([row(3), row(2), row(1)], [row(4), row(3)], 2, 10))).toEqual(['r4', 'r3', 'r2', 'r1'])
  })

  it('drops a row of the window that no longer matches', () => {
    expect(ids(mergeNewest([row(4), row(3), row(2)], [row(4), row(2)], 2, 10))).toEqual(['r4', 'r2'])
  })

  it('drops old rows when rows between are unknown', () => {
    expect(ids(mergeNewest([row(2), row(1)], [row(9), row(8)], 2, 10))).toEqual(['r9', 'r8'])
  })

  it('keeps no more rows than pages were asked for', () => {
    expect(ids(mergeNewest([row(3), row(2), row(1)], [row(4), row(3)], 2, 3))).toEqual(['r4', 'r3', 'r2'])
  })

  it('shows all there is when the window is not full', () => {
    expect(ids(mergeNewest([row(3), row(2)], [row(3)], 2, 10))).toEqual(['r3'])
    expect(mergeNewest([row(3)], [], 2, 10)).toEqual([])
  })

  it('puts rows that were told of where their time says, each once, and keeps so many', () => {
    expect(ids(addNewest([row(4), row(2)], [row(3), row(5), row(4), row(5)], 10, true))).toEqual([
      'r5',
      'r4',
      'r3',
      'r2',
    ])
    expect(ids(addNewest([row(4), row(2)], [row(1), row(5)], 10, false))).toEqual(['r5', 'r4', 'r2'])
    expect(ids(addNewest([row(4), row(2)], [row(1), row(5)], 2, true))).toEqual(['r5', 'r4'])
    expect(ids(addNewest([], [row(1), row(2)], 10, false))).toEqual(['r2', 'r1'])
  })

  it('refreshes rows in their places, and appends older ones once', () => {
    expect(refreshRows([row(2), row(1)], [row(1, { status: 'completed' }), row(9)])).toEqual([
      row(2),
      row(1, { status: 'completed' }),
    ])
    expect(ids(appendOlder([row(3), row(2)], [row(2), row(1)]))).toEqual(['r3', 'r2', 'r1'])
  })
})

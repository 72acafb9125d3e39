import { describe, expect, it } from 'vitest'
import { durationChange } from '../../dashboard/src/model/compare/duration-change.ts'
import { formatMs } from '../../dashboard/src/model/duration.ts'
import { parseSearchQuery, searchTerm } from '../../dashboard/src/model/search-query.ts'
import { parseSort, sortRows } from '../../dashboard/src/model/sort-rows.ts'
import { uuidV7At } from '../../dashboard/src/model/uuid-v7.ts'
import { parseCompareSearch } from '../../dashboard/src/pages/compare/url.ts'
import { parseJobSearch, parseJobsSearch } from '../../dashboard/src/pages/jobs/url.ts'
import { parseModuleSearch, parseModulesSearch } from '../../dashboard/src/pages/modules/url.ts'

describe('sortRows', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 10 }, { n: 1 }]

  it('puts what has no value last in both directions', () => {
    expect(sortRows(rows, row => row.n, false).map(row => row.n)).toEqual([1, 2, 10, null])
    expect(sortRows(rows, row => row.n, true).map(row => row.n)).toEqual([10, 2, 1, null])
  })

  it('sorts texts as a person would, and keeps the order of equals', () => {
    const named = [
      { name: 'b', n: 1 },
      { name: 'B', n: 2 },
      { name: 'a', n: 3 },
      { name: 'b', n: 4 },
    ]
    expect(sortRows(named, row => row.name, false).map(row => row.n)).toEqual([3, 1, 4, 2])
  })

  it('takes only columns that there are from an address', () => {
    expect(parseSort('-runs', ['runs'])).toBe('-runs')
    expect(parseSort('--runs', ['runs'])).toBeUndefined()
    expect(parseSort('other', ['runs'])).toBeUndefined()
    expect(parseSort(1, ['runs'])).toBeUndefined()
  })
})

describe('addresses', () => {
  it('of lists and details keep what they know and leave out the rest', () => {
    expect(parseJobsSearch({ q: ' pay ', only: 'failing', sort: '-p95', x: 1 })).toEqual({
      q: 'pay',
      only: 'failing',
      sort: '-p95',
    })
    expect(parseJobsSearch({ q: '', only: 'never', sort: 'x' })).toEqual({})
    expect(parseJobSearch({ status: 'failed' })).toEqual({ status: 'failed' })
    expect(parseModulesSearch({ only: 'never', sort: 'share' })).toEqual({ only: 'never', sort: 'share' })
    expect(parseModuleSearch({ show: 'nonsense' })).toEqual({})
  })

  it('of a comparison name two ids, or what to look for', () => {
    expect(parseCompareSearch({ left: 'last-good', right: ' 1 ', kind: 'invocation' })).toEqual({
      left: 'last-good',
      right: '1',
    })
    expect(parseCompareSearch({ left: 'ann@example.com', kind: 'job', only: 'differences' })).toEqual({
      kind: 'job',
      only: 'differences',
    })
  })
})

describe('small words', () => {
  it('say a number of milliseconds, or that there is none', () => {
    expect([formatMs(null), formatMs(undefined), formatMs(0), formatMs(0.9), formatMs(1500)]).toEqual([
      '–',
      '–',
      '< 1 ms',
      '< 1 ms',
      '1.50 s',
    ])
  })

  it('write a condition that the search reads back', () => {
    for (const name of ['sendReceipt', 'send a receipt']) {
      expect(parseSearchQuery(searchTerm('job', name))).toEqual({
        conditions: [{ job_executions: { job_name: { _in: [name] } } }],
        problems: [],
      })
    }
  })

  it('make the smallest id of a moment', () => {
    expect(uuidV7At(Date.UTC(2026, 10, 21))).toBe('01a1fb67-1800-0000-0000-000000000000')
    expect(uuidV7At(-5)).toBe('00000000-0000-0000-0000-000000000000')
  })
})

describe('durationChange', () => {
  const took = (ms: number | null) => ({ created_at: '2026-11-21T00:00:00Z', ended_at: null, duration_ms: ms })

  it('tells noise from a change', () => {
    expect(durationChange(took(100), took(200))).toEqual({ text: '+100 %', large: true })
    expect(durationChange(took(10), took(40))).toEqual({ text: '+300 %', large: false })
    expect(durationChange(took(1_000), took(1_400))).toEqual({ text: '+40 %', large: false })
    expect(durationChange(took(100), took(null))).toEqual({ text: '', large: false })
    expect(durationChange(null, took(100))).toEqual({ text: '', large: false })
  })
})

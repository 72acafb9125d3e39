import { describe, expect, it } from 'vitest'
import { toCsvLine, toJsonLine } from '../../dashboard/src/model/export-rows.ts'
import { hasUnknownUser, hideUsers, type KnownUsers, revealUsers } from '../../dashboard/src/model/hidden-users.ts'
import { parseSearchQuery } from '../../dashboard/src/model/search-query.ts'
import { FAILED_OUTCOMES, parseTraceQuery } from '../../dashboard/src/model/trace-query.ts'

const conditions = (text: string) => parseSearchQuery(text).conditions
const problems = (text: string) => parseSearchQuery(text).problems

describe('a search text', () => {
  it('reads fields, comparisons and words together', () => {
    expect(conditions('status:failed table:orders key:123 >200ms changed:price')).toEqual([
      { status: { _eq: 'failed' } },
      { _or: [{ source_table: { _in: ['orders'] } }, { source_table: { _like: '%.orders' } }] },
      { source_record_id: { _in: ['123'] } },
      { total_duration_ms: { _gt: 200 } },
      { changed_columns: { _contains: ['price'] } },
    ])
  })

  it.each([
    ['function:shop_*', { source_function: { _like: 'shop\\_%' } }],
    ['fn:a,b', { source_function: { _in: ['a', 'b'] } }],
    ['op:update', { source_operation: { _in: ['UPDATE'] } }],
    ['user:ada@example.com', { source_user_email: { _eq: 'ada@example.com' } }],
    ['error:"card declined"', { error_message: { _ilike: '%card declined%' } }],
    ['duration:<=1.5s', { total_duration_ms: { _lte: 1500 } }],
    ['<2min', { total_duration_ms: { _lt: 120_000 } }],
    ['jobs_failed:>0', { total_jobs_failed: { _gt: 0 } }],
    ['detected:0', { events_detected_count: { _eq: 0 } }],
    ['is:root', { source_job_id: { _is_null: true } }],
    ['is:replay', { replay_of: { _is_null: false } }],
    ['-job:sendReceipt', { _not: { job_executions: { job_name: { _in: ['sendReceipt'] } } } }],
    [
      '-error:declined',
      { _not: { _and: [{ error_message: { _is_null: false } }, { error_message: { _ilike: '%declined%' } }] } },
    ],
    ['-is:root', { _not: { source_job_id: { _is_null: true } } }],
    ['module:orders.placed', { event_executions: { detected: { _eq: true }, event_name: { _in: ['orders.placed'] } } }],
    [
      'failed_job:capture',
      { job_executions: { status: { _in: ['failed', 'timeout', 'lost'] }, job_name: { _in: ['capture'] } } },
    ],
    ['STATUS:job_failed', { status: { _eq: 'completed' }, total_jobs_failed: { _gt: 0 } }],
  ])('%s', (text, condition) => {
    expect(parseSearchQuery(text)).toEqual({ conditions: [condition], problems: [] })
  })

  it('looks for a word in keys, names and errors, and for an id in ids', () => {
    expect(conditions('100%')).toEqual([
      {
        _or: [
          { source_record_id: { _eq: '100%' } },
          { source_function: { _ilike: '%100\\%%' } },
          { source_table: { _ilike: '%100\\%%' } },
          { error_message: { _ilike: '%100\\%%' } },
        ],
      },
    ])
    const id = '0199a5b0-0000-7000-8000-000000000001'
    expect(conditions(id)).toEqual([
      {
        _or: ['source_record_id', 'id', 'correlation_id', 'source_event_id', 'source_job_id'].map(c => ({
          [c]: { _eq: id },
        })),
      },
    ])
  })

  it('tells what it cannot read and where that stands, and keeps the rest', () => {
    expect(parseSearchQuery('status:broken key:1')).toEqual({
      conditions: [{ source_record_id: { _in: ['1'] } }],
      problems: [{ from: 0, to: 13, message: expect.stringContaining('No status is called broken') }],
    })
    expect(problems('key:1 stat:failed')).toEqual([
      { from: 6, to: 17, message: expect.stringContaining('did you mean status:') },
    ])
    expect(problems('xyz:7')[0]?.message).toContain('table:xyz key:7')
    expect(problems('duration:fast')[0]?.message).toContain('>200ms')
    expect(problems('jobs:many')[0]?.message).toContain('>0')
    expect(problems('id:12')[0]?.message).toContain('not a whole id')
    expect(problems('table:')[0]?.message).toContain('table:orders')
    expect(problems('is:odd')[0]?.message).toContain('is:root')
  })

  it('ends with anything one may type', () => {
    for (const text of ['', '   ', '"', '-', ':', '""', 'a:"b', '- -', 'key:"', '\\', '>', '>ms']) {
      expect(() => parseSearchQuery(text)).not.toThrow()
    }
    expect(parseSearchQuery('')).toEqual({ conditions: [], problems: [] })
  })
})

describe('a search of traces', () => {
  const failed = { outcome: { _in: FAILED_OUTCOMES } }
  it.each([
    ['status:FAILED', failed],
    ['status:ok', { _not: { _and: [{ outcome: { _is_null: false } }, failed] } }],
    ['service:web,api', { _or: [{ service_name: { _ilike: '%web%' } }, { service_name: { _ilike: '%api%' } }] }],
    ['name:get*card', { _or: [{ event_name: { _ilike: '%get%card%' } }] }],
    ['<=500µs', { duration_ms: { _lte: 0.5 } }],
    ['tries=2', { _or: [{ attributes: { _contains: { tries: '2' } } }, { attributes: { _contains: { tries: 2 } } }] }],
    ['http://shop', parseTraceQuery('"http://shop"').conditions[0]],
  ])('%s', (text, condition) => {
    expect(parseTraceQuery(text)).toEqual({ conditions: [condition], problems: [] })
  })

  it('tells what it cannot read and where that stands, and keeps the rest', () => {
    expect(parseTraceQuery('service:web colour:red')).toEqual({
      conditions: parseTraceQuery('service:web').conditions,
      problems: [{ from: 12, to: 22, message: expect.stringContaining('There is no colour') }],
    })
    for (const [text, says] of [
      ['status:odd', 'failed or ok'],
      ['trace:12', '32 hex digits'],
      ['>long', '>200ms'],
      ['key=', 'key=1'],
      ['constructor:x', 'There is no constructor'],
    ] as const) {
      expect(parseTraceQuery(text).problems[0]?.message, text).toContain(says)
    }
  })
})

describe('a user in a search', () => {
  let known: Record<string, string> = {}
  const users: KnownUsers = {
    read: () => known,
    write: next => {
      known = next
    },
  }

  it('never stands in the address, and is found again by this tab only', () => {
    const hidden = hideUsers('status:failed user:ada@example.com', users)
    expect(hidden).toMatch(/^status:failed user:~[a-z0-9]{6,}$/)
    expect(hidden).not.toContain('ada')
    expect(revealUsers(hidden, users)).toBe('status:failed user:"ada@example.com"')
    expect(hideUsers('user:"ada@example.com"', users)).toBe(hidden.replace('status:failed ', ''))
    expect(hideUsers('ada@example.com', users)).toBe(hideUsers('user:ada@example.com', users))
    expect(hasUnknownUser(hidden, users)).toBe(false)
    expect(hasUnknownUser('user:~zzzzzzzz', users)).toBe(true)
  })
})

describe('an exported row', () => {
  it('is one line, whatever it holds', () => {
    expect(toCsvLine(['a', 'b,c', 'say "hi"', 'two\nlines', null, 12, { x: 1 }])).toBe(
      'a,"b,c","say ""hi""","two\nlines",,12,"{""x"":1}"\r\n',
    )
    expect(toJsonLine({ a: 'two\nlines' })).toBe('{"a":"two\\nlines"}\n')
  })

  it('is no formula to a spreadsheet', () => {
    expect(toCsvLine(['=1+1', '@x', -5])).toBe("'=1+1,'@x,-5\r\n")
  })
})

import { describe, expect, it } from 'vitest'
import { parseLogQuery } from '../../dashboard/src/model/log-query.ts'

describe('parseLogQuery', () => {
  it.each([
    ['', {}],
    ['declined "two words"', { like: { text: ['%declined%', '%two words%'] } }],
    ['100%_* -quiet', { like: { text: ['%100\\%\\_%%'] }, unlike: { text: ['%quiet%'] } }],
    ['level:ERROR,fatal', { like: { level: ['error', 'fatal'] } }],
    ['job:send* -service:web', { like: { job: ['send%'] }, unlike: { service: ['web'] } }],
    ['logger:http', { like: { job: ['http'] } }],
    [`trace:${'AB'.repeat(16)}`, { trace: ['ab'.repeat(16)] }],
    ['correlation:a,b', { correlation: ['a', 'b'] }],
    ['https://api.example.com/v1', { like: { text: ['%https://api.example.com/v1%'] } }],
    ['user:ada@example.com', { like: { text: ['%ada@example.com%'] } }],
  ])('reads %s', (text, filters) => {
    expect(parseLogQuery(text)).toEqual({ filters, problems: [] })
  })

  it('tells what it cannot read with its place, and keeps the rest', () => {
    const text = 'colour:red level:error trace:12 level:warn job:'
    const { filters, problems } = parseLogQuery(text)
    expect(filters).toEqual({ like: { level: ['error'] } })
    expect(problems.map(({ from, to }) => text.slice(from, to))).toEqual([
      'colour:red',
      'trace:12',
      'level:warn',
      'job:',
    ])
    expect(problems[0]?.message).toContain('There is no colour')
    expect(problems[2]?.message).toContain('level:a,b')
  })
})

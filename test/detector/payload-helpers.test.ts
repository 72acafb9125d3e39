import { describe, expect, it } from 'vitest'
import { columnHasChanged, type HasuraEventPayload, parseHasuraEvent } from '../../src/detector/detector.ts'
import { orderChange } from './support.ts'

describe('parseHasuraEvent', () => {
  it('gives the parts that detectors ask for', () => {
    const payload = orderChange()
    expect(parseHasuraEvent(payload)).toEqual({
      hasuraEventId: payload.id,
      hasuraEventTime: payload.created_at,
      operation: 'UPDATE',
      dbEvent: payload.event.data,
      sessionVariables: payload.event.session_variables,
      role: 'user',
      user: 'ada@example.com',
    })
  })

  it('calls the role admin system, and nobody null', () => {
    const as = (session_variables: Record<string, string> | null): string | null => {
      const payload = orderChange()
      payload.event.session_variables = session_variables
      return parseHasuraEvent(payload).user
    }
    expect(as({ 'x-hasura-role': 'admin' })).toBe('system')
    expect(as({ 'x-hasura-role': 'user' })).toBeNull()
    expect(as(null)).toBeNull()
  })

  it('leaves out what a payload lacks', () => {
    expect(parseHasuraEvent({ event: { op: 'INSERT', data: { old: null, new: {} } } })).toEqual({
      operation: 'INSERT',
      dbEvent: { old: null, new: {} },
      user: null,
    })
    expect(parseHasuraEvent({} as HasuraEventPayload)).toEqual({ user: null })
  })
})

describe('columnHasChanged', () => {
  it('compares the old and the new value', () => {
    const dbEvent = { old: { status: 'new', total: 5 }, new: { status: 'paid', total: 5 } }
    expect(columnHasChanged('status', dbEvent)).toBe(true)
    expect(columnHasChanged('total', dbEvent)).toBe(false)
  })

  it('compares documents by value', () => {
    const dbEvent = { old: { tags: [1, { a: 2 }] }, new: { tags: [1, { a: 2 }] } }
    expect(columnHasChanged('tags', dbEvent)).toBe(false)
    dbEvent.new.tags = [1]
    expect(columnHasChanged('tags', dbEvent)).toBe(true)
  })

  it('is false for an insert, a delete, and a column that a row lacks', () => {
    expect(columnHasChanged('status', { old: null, new: { status: 'new' } })).toBe(false)
    expect(columnHasChanged('status', { old: { status: 'new' }, new: null })).toBe(false)
    expect(columnHasChanged('status', { old: {}, new: { status: 'new' } })).toBe(false)
    expect(columnHasChanged('toString', { old: {}, new: {} })).toBe(false)
    expect(columnHasChanged('status', undefined)).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { keepEqual } from '../../dashboard/src/model/keep-equal.ts'
import { diffPayload } from '../../dashboard/src/model/row-diff.ts'

const payload = (old: unknown, next: unknown) => ({ event: { op: 'X', data: { old, new: next } } })

describe('diffPayload', () => {
  it('puts changed columns first', () => {
    const diff = diffPayload(payload({ id: 1, state: 'a', n: null }, { id: 1, state: 'b', n: null }))
    expect(diff).toMatchObject({ operation: 'update', changedCount: 1 })
    expect(diff?.columns.map(change => [change.column, change.changed])).toEqual([
      ['state', true],
      ['id', false],
      ['n', false],
    ])
  })

  it('sees no change in JSON with another order of keys', () => {
    const diff = diffPayload(payload({ j: { a: 1, b: [1, 2] } }, { j: { b: [1, 2], a: 1 } }))
    expect(diff?.changedCount).toBe(0)
  })

  it('tells inserts and deletes by the missing side', () => {
    expect(diffPayload(payload(null, { id: 1 }))?.operation).toBe('insert')
    expect(diffPayload(payload({ id: 1 }, null))?.operation).toBe('delete')
  })

  it('gives null for what is no row change', () => {
    expect(diffPayload(null)).toBeNull()
    expect(diffPayload('text')).toBeNull()
    expect(diffPayload(payload(null, null))).toBeNull()
  })
})

describe('keepEqual', () => {
  it('keeps the identity of all that did not change', () => {
    const before = {
      rows: [
        { id: 'a', n: [1] },
        { id: 'b', n: [2] },
      ],
    }
    expect(keepEqual(before, structuredClone(before))).toBe(before)
    const after = keepEqual(before, {
      rows: [
        { id: 'c', n: [3] },
        { id: 'a', n: [1] },
        { id: 'b', n: [9] },
      ],
    })
    expect(after.rows[1]).toBe(before.rows[0])
    expect(after.rows[2]).toEqual({ id: 'b', n: [9] })
  })

  it('sees keys that went and arrays that shrank', () => {
    expect(keepEqual({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 })
    expect(keepEqual([1, 2], [1])).toEqual([1])
  })
})

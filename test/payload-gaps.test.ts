import { describe, expect, it } from 'vitest'
import { findPayloadGaps } from '../src/payload-gaps.ts'
import { capture } from '../src/record/capture.ts'
import { Redactor } from '../src/record/redact.ts'

const stored = (value: unknown, maxBytes = 100_000, maxDepth = 12) =>
  JSON.parse(capture(value, { maxBytes, maxDepth }, new Redactor()) ?? 'null')

describe('gaps of a stored payload', () => {
  it('are none in what was stored as it was', () => {
    expect(findPayloadGaps(stored({ a: [1, 'x [cut] y', null], b: { c: 'Object', d: '[1]', e: '' } }))).toEqual([])
  })

  it('are where the recorder took secrets out', () => {
    const payload = { new: { password: 'hush', url: 'postgres://me:hush@db/x', card: 'is 4111 1111 1111 1111' }, n: 1 }
    expect(findPayloadGaps(stored(payload))).toEqual([
      { path: 'new.password', kind: 'redacted' },
      { path: 'new.url', kind: 'redacted' },
      { path: 'new.card', kind: 'redacted' },
    ])
  })

  it('are where it cut what is too long or too deep', () => {
    expect(findPayloadGaps(stored({ text: 'x'.repeat(100_000) }))).toEqual([{ path: 'text', kind: 'cut' }])
    expect(findPayloadGaps(stored({ a: { b: { c: 1 }, d: [1] } }, 1_000, 2))).toEqual([
      { path: 'a.b', kind: 'cut' },
      { path: 'a.d', kind: 'cut' },
    ])
    const many = stored({ list: Array.from({ length: 500 }, (_, n) => `item ${n}`), after: 1, last: 2 }, 1_000)
    expect(findPayloadGaps(many).map(gap => gap.kind)).toEqual(['cut', 'cut'])
    const circular: { self?: unknown } = {}
    circular.self = circular
    expect(findPayloadGaps(stored(circular))).toEqual([{ path: 'self', kind: 'cut' }])
  })

  it('are found however deep, and only so many', () => {
    let deep: unknown = '[Redacted]'
    for (let n = 0; n < 50_000; n++) deep = { a: deep }
    expect(findPayloadGaps(deep)).toHaveLength(1)
    expect(findPayloadGaps(Array.from({ length: 100 }, () => '[Redacted]'))).toHaveLength(50)
  })
})

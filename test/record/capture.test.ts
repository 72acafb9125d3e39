import { describe, expect, it } from 'vitest'
import { capture, cleanText } from '../../src/record/capture.ts'

const captured = (value: unknown): unknown => JSON.parse(capture(value) ?? 'null')

describe('capturing a value', () => {
  it('keeps what JSON can hold as it is', () => {
    const value = { a: [1, 2.5, -0, true, null, 'ü "quoted" \n'], b: { c: {} } }
    expect(captured(value)).toEqual(JSON.parse(JSON.stringify(value)))
  })

  it('gives no row value for undefined', () => {
    expect(capture(undefined)).toBeNull()
    expect(captured({ a: undefined, b: 1 })).toEqual({ b: 1 })
  })

  it('describes what JSON cannot hold', () => {
    const circular: Record<string, unknown> = { name: 'loop' }
    circular.self = circular
    expect(captured(circular)).toEqual({ name: 'loop', self: '[Circular]' })
    expect(captured([123n, Number.NaN, Symbol('s'), () => 1])).toEqual([
      '123n',
      'NaN',
      'Symbol(s)',
      '[Function anonymous]',
    ])
    expect(captured(new Map([['k', new Set([1, 2])]]))).toEqual({ k: [1, 2] })
    expect(captured(new Date(0))).toBe('1970-01-01T00:00:00.000Z')
    expect(captured(new Date(Number.NaN))).toBe('Invalid Date')
    expect(captured(Buffer.from('abc'))).toBe('[Buffer: 3 bytes]')
    expect(captured(new Error('outer', { cause: new TypeError('inner') }))).toMatchObject({
      message: 'outer',
      cause: { name: 'TypeError', message: 'inner' },
    })
    expect(captured({ __typename: 'orders', id: 1 })).toEqual({ __typename: 'orders', id: 1 })
    expect(captured(new AbortController().signal)).toBe('[AbortSignal]')
  })

  it('survives objects that defend themselves', () => {
    const value = {
      get bad() {
        throw new Error('no entry')
      },
      good: 1,
    }
    expect(captured(value)).toEqual({ bad: '[Getter threw: no entry]', good: 1 })
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    expect(captured({ revoked: revoked.proxy })).toMatchObject({ revoked: expect.stringContaining('Unreadable') })
    expect(captured({ toJSON: () => ({ safe: true }) })).toEqual({ safe: true })
  })

  it('shares an object that appears twice, and only cuts real loops', () => {
    const shared = { x: 1 }
    expect(captured([shared, shared])).toEqual([{ x: 1 }, { x: 1 }])
  })

  it('replaces what Postgres refuses', () => {
    expect(captured({ 'k\0': 'a\0b', lone: '\ud800x' })).toEqual({ 'k\uFFFD': 'a\uFFFDb', lone: '\uFFFDx' })
  })

  it('cuts deep, long and large values, and says so', () => {
    let deep: unknown = 'bottom'
    for (let i = 0; i < 10_000; i++) deep = { deep }
    expect(JSON.stringify(captured(deep))).toContain('[Object]')
    const long = captured('x'.repeat(10_000_000)) as string
    expect(long.length).toBeLessThan(70_000)
    expect(long).toContain('[cut: 10000000 characters]')
    const large = capture(Array.from({ length: 100_000 }, (_, i) => ({ i }))) as string
    expect(large.length).toBeLessThan(300_000)
    expect(JSON.parse(large).at(-1)).toMatch(/^\[Cut: \d+ more\]$/)
    const wide = capture(Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`key${i}`, i]))) as string
    expect(JSON.parse(wide)).toMatchObject({ '[Cut]': true })
  })

  it('cleans plain text the same way', () => {
    expect(cleanText('a\0\udc00')).toBe('a\uFFFD\uFFFD')
    expect(cleanText('abcdef', 3)).toBe('abc… [cut: 6 characters]')
  })
})

import { describe, expect, it } from 'vitest'
import { capture, DEFAULT_CAPTURE_LIMITS } from '../../src/record/capture.ts'
import { cleanText } from '../../src/record/clean-text.ts'
import { Redactor } from '../../src/record/redact.ts'

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
    class Money {
      readonly amount = 5
      readonly #secret = 7
      get doubled(): number {
        return this.amount * 2 + this.#secret
      }
    }
    class Order extends Map<string, unknown> {}
    expect(captured([new Money(), new Order([['a', new Money()]]), Object.create(null)])).toEqual([
      { amount: 5 },
      { a: { amount: 5 } },
      {},
    ])
    expect(captured([new String('s'), new Number(1), new Boolean(false), Object(9n)])).toEqual(['s', 1, false, '9n'])
    expect(captured([new Uint8Array(3), new ArrayBuffer(8), /a+/g, new WeakMap(), Promise.resolve()])).toEqual([
      '[Uint8Array: 3 bytes]',
      '[ArrayBuffer: 8 bytes]',
      '/a+/g',
      '[WeakMap]',
      '[Promise]',
    ])
    expect(captured(new AggregateError([new TypeError('one')], 'all'))).toMatchObject({
      message: 'all',
      errors: [{ name: 'TypeError', message: 'one' }],
    })
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
    const no = (): never => {
      throw new Error('no')
    }
    for (const handler of [{ get: no }, { ownKeys: no }, { getPrototypeOf: no }, { getOwnPropertyDescriptor: no }]) {
      const unreadable = '[Unreadable: no]'
      expect(captured({ list: [new Proxy({ a: 1 }, handler), 2] })).toEqual({ list: [unreadable, 2] })
    }
    const watched = new Proxy({ a: 1 }, {})
    expect(captured([watched, { toJSON: no }])).toEqual([{ a: 1 }, '[Unreadable: no]'])
  })

  it('shares an object that appears twice, and only cuts real loops', () => {
    const shared = { x: 1 }
    expect(captured([shared, shared])).toEqual([{ x: 1 }, { x: 1 }])
  })

  it('replaces what Postgres refuses', () => {
    expect(captured({ 'k\0': 'a\0b', lone: '\ud800x' })).toEqual({ 'k\uFFFD': 'a\uFFFDb', lone: '\uFFFDx' })
  })

  it('cuts deep, long and large values, and says how large they were', () => {
    let deep: unknown = { bottom: [1, 2], at: new Date(0) }
    for (let i = 0; i < 11; i++) deep = { deep }
    const bottom = `{"deep":{"bottom":"[Array(2)]","at":"1970-01-01T00:00:00.000Z"}}`
    expect(capture(deep)).toContain(bottom)
    expect(JSON.stringify(captured({ deep }))).toContain('{"deep":"[Object(2)]"}')
    for (let i = 0; i < 10_000; i++) deep = { deep }
    expect(JSON.stringify(captured(deep))).toContain('"[Object(1)]"')
    const long = captured('x'.repeat(10_000_000)) as string
    expect(long.length).toBeLessThan(70_000)
    expect(long).toMatch(/^x{60000,}… \[cut: 10000000 characters\]$/)
    const large = captured(Array.from({ length: 100_000 }, (_, i) => ({ i }))) as unknown[]
    expect(large.length).toBeGreaterThan(10_000)
    expect(large.at(-1)).toBe(`[Cut: ${100_000 - large.length + 1} more]`)
    const entries = Array.from({ length: 40_000 }, (_, i): [string, number] => [`key${i}`, i])
    for (const wide of [
      Object.fromEntries(entries),
      new Map(entries),
      Object.assign(new Error('e'), { stack: '' }, Object.fromEntries(entries)),
    ]) {
      const fields = captured(wide) as Record<string, unknown>
      const own = Object.keys(fields).filter(key => key.startsWith('key')).length
      expect(own).toBeGreaterThan(10_000)
      expect(fields['[Cut]']).toBe(`${40_000 - own} more`)
    }
    // What comes when there is no room any more tells its size, too.
    const full = captured(['x'.repeat(70_000), 'y'.repeat(70_000), 'z'.repeat(70_000), 'x'.repeat(70_000), { a: 1 }])
    expect((full as unknown[]).at(-1)).toBe('[Cut: 1 more]')
  })

  it('stays within its limit of bytes, whatever the characters are', () => {
    const { maxBytes } = DEFAULT_CAPTURE_LIMITS
    const values: unknown[] = ['a', '漢', 'ß', '😀', '"', '\u0001', '\0', '\ud800', `${'a'.repeat(50_000)}漢`].flatMap(
      piece => {
        const text = piece.repeat(Math.ceil(400_000 / piece.length))
        return [
          text,
          Array.from({ length: 99 }, () => text),
          { [text]: text, list: [[text, text], { text }, text, text, text] },
        ]
      },
    )
    values.push(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`漢字の名前${n}`, null])))
    for (const value of values) {
      const json = capture(value, DEFAULT_CAPTURE_LIMITS, new Redactor()) as string
      JSON.parse(json)
      const bytes = Buffer.byteLength(json)
      expect(bytes).toBeLessThan(maxBytes + 8_192)
      // It is used, too: a text alone has a quarter of it.
      expect(bytes).toBeGreaterThan(maxBytes / 10)
    }
  })

  it('cleans plain text the same way', () => {
    expect(cleanText('a\0\udc00')).toBe('a\uFFFD\uFFFD')
    expect(cleanText('abcdef', 3)).toBe('abc… [cut: 6 characters]')
  })

  it('looks for secrets in what it keeps, not in ten million characters', () => {
    let looked = 0
    const redact = (text: string): string => {
      looked += text.length
      return text.replaceAll(/secret\w*/g, '[Redacted]')
    }
    // One that begins just before the cut is seen whole.
    const text = `${'x'.repeat(95)} secret${'y'.repeat(50)} ${'z'.repeat(10_000_000)}`
    expect(cleanText(text, 100, redact)).toBe(`${'x'.repeat(95)} [Red… [cut: ${text.length} characters]`)
    expect(looked).toBeLessThan(10_000)
    expect(cleanText('secret'.repeat(10_000), 100, redact)).toBe('[Redacted]… [cut: 60000 characters]')
  })
})

import { describe, expect, it } from 'vitest'
import { capture, DEFAULT_CAPTURE_LIMITS } from '../../src/record/capture.ts'
import { errorInfo } from '../../src/record/error-info.ts'
import { type RedactionRoot, Redactor } from '../../src/record/redact.ts'

const redacted = (value: unknown, redactor = new Redactor(), root: RedactionRoot = 'payload'): unknown =>
  JSON.parse(capture(value, DEFAULT_CAPTURE_LIMITS, redactor, root) ?? 'null')

describe('redacting captured values', () => {
  it.each([
    'password',
    'Password',
    'user_passwd',
    'password_hash',
    'passWord',
    'clientSecret',
    'access_token',
    'Authorization',
    'x-api-key',
    'API_KEY',
    'apikey',
    'Set-Cookie',
    'private-key',
    'cvv',
    'card_number',
  ])('hides what is called %s', key => {
    expect(redacted({ [key]: 'hush', kept: 1 })).toEqual({ [key]: '[Redacted]', kept: 1 })
  })

  it.each([
    'updated_by',
    'tracking_token',
    'sourceTrackingToken',
    'token_count',
    'secretary_id',
    'author',
    'has_token',
  ])('leaves what is called %s', key => {
    const value = key === 'has_token' ? true : 'shop|0f8fad5b-d9cb-469f-a165-70867728950e'
    expect(redacted({ [key]: value })).toEqual({ [key]: value })
  })

  it('hides whole objects, lists and numbers behind such a key, at any depth', () => {
    expect(
      redacted({ a: [{ credentials: { user: 'x', pin: 1 } }, { cvc: 123 }], b: new Map([['token', [1]]]) }),
    ).toEqual({
      a: [{ credentials: '[Redacted]' }, { cvc: '[Redacted]' }],
      b: { token: '[Redacted]' },
    })
    expect(redacted({ password: null })).toEqual({ password: null })
  })

  it('hides card numbers, and only those', () => {
    expect(
      redacted(['4242424242424242', '4242 4242 4242 4242', 'paid with 5555-5555-5555-4444.', 378282246310005]),
    ).toEqual(['[Redacted]', '[Redacted]', 'paid with [Redacted].', '[Redacted]'])
    const kept = ['4242424242424241', '22222222-2222-4222-8222-222222222222', 1_763_709_685_000, 'x4242424242424242']
    expect(redacted(kept)).toEqual(kept)
    expect(redacted('42'.repeat(40_000))).toContain('4242')
  })

  it('hides the password in an address', () => {
    expect(redacted({ url: 'postgres://me:hunter2@db/x' })).toEqual({ url: 'postgres://me:[Redacted]@db/x' })
  })

  it('hides the user’s own keys and places', () => {
    const redactor = new Redactor({
      keys: ['IBAN', 'tax-id'],
      paths: ['payload.event.data.*.notes', 'payload.list.1', 'result.items.*.code'],
    })
    expect(
      redacted(
        {
          iban: 'DE1',
          taxId: 7,
          event: { data: { new: { notes: 'n', notes2: 'm' }, old: { notes: { a: 1 } } } },
          list: [1, 2, 3],
          items: [{ code: 1 }],
        },
        redactor,
      ),
    ).toEqual({
      iban: '[Redacted]',
      taxId: '[Redacted]',
      event: { data: { new: { notes: '[Redacted]', notes2: 'm' }, old: { notes: '[Redacted]' } } },
      list: [1, '[Redacted]', 3],
      items: [{ code: 1 }],
    })
    expect(redacted({ items: [{ code: 1, n: 2 }] }, redactor, 'result')).toEqual({
      items: [{ code: '[Redacted]', n: 2 }],
    })
  })
})

describe('redacting text', () => {
  const redactor = new Redactor({ keys: ['iban'], paths: [] })

  it.each([
    ['login with password=hunter2 failed', 'login with password=[Redacted] failed'],
    ["{ user: 1, apiKey: 'abc', n: 2 }", '{ user: 1, apiKey: [Redacted], n: 2 }'],
    ['{"access_token":"a b","x":1}', '{"access_token":[Redacted],"x":1}'],
    ['Authorization: Bearer abcdefghijklmnop.qr', 'Authorization: [Redacted]'],
    ['sent Bearer abcdefghijklmnop.qr', 'sent Bearer [Redacted]'],
    ['?token=abc&page=2', '?token=[Redacted]&page=2'],
    ['iban: DE12', 'iban: [Redacted]'],
    ['card 4242 4242 4242 4242 declined', 'card [Redacted] declined'],
    ['connect postgres://me:pw@db/x', 'connect postgres://me:[Redacted]@db/x'],
    ['trackingToken: shop|1', 'trackingToken: shop|1'],
    ['Unexpected token < in JSON', 'Unexpected token < in JSON'],
    ['order 1200 took 35 ms', 'order 1200 took 35 ms'],
  ])('%s', (text, expected) => {
    expect(redactor.text(text)).toBe(expected)
  })

  it('hides secrets in errors, their stacks and causes', () => {
    const error = new Error('password=hunter2', { cause: new Error('token: abcdef') })
    const info = errorInfo(error, true, redactor)
    expect(`${info.message} ${info.stack}`).not.toMatch(/hunter2|abcdef/)
    expect(JSON.stringify(redacted(error))).not.toMatch(/hunter2|abcdef/)
  })

  it('does not stall on text that is made to stall it', () => {
    for (const piece of ['4 ', 'token', 'password: ', '://a:', '"', 'Bearer ', '4242-', 'a'])
      expect(redactor.text(piece.repeat(20_000)).length).toBeGreaterThan(0)
  })
})

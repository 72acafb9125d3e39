import { describe, expect, it } from 'vitest'
import { DEFAULT_CAPTURE_LIMITS } from '../../src/record/capture.ts'
import { Redactor } from '../../src/record/redact.ts'
import { type TakenPayload, takePayload } from '../../src/record/taken-payload.ts'
import { ValueCapture } from '../../src/record/value-capture.ts'

const values = new ValueCapture({
  captureErrorStacks: false,
  limits: DEFAULT_CAPTURE_LIMITS,
  redactor: new Redactor({ keys: [], paths: [] }),
})
const take = (payload: object, isRecorded = true): TakenPayload => takePayload(payload, null, values, isRecorded)

class Payload {}
/** The same payload, of a class: it is read at once, instead of copied. */
const ofClass = (payload: object): object => Object.assign(new Payload(), structuredClone(payload))

const change = (before: unknown, after: unknown, more: object = {}): object => ({
  id: '2e9f4a1c-0000-4000-8000-000000000001',
  created_at: '2026-01-02T03:04:05.678901',
  table: { schema: 'shop', name: 'orders' },
  trigger: { name: 'orders_changed' },
  event: {
    op: 'UPDATE',
    data: { old: before, new: after },
    session_variables: { 'X-Hasura-Role': 'clerk', 'x-hasura-user-email': 'ann@example.com' },
  },
  ...more,
})

describe('what an invocation takes from its payload', () => {
  it('is what the payload said when it came, whatever becomes of it', () => {
    const payload = change({ id: 7, status: 'new' }, { id: 7, status: 'paid' }) as {
      table: { name: string }
      event: { op: string; data: { new: { status: string } } }
    }
    const taken = take(payload)
    const atOnce = take(ofClass(payload))
    payload.table.name = 'others'
    payload.event.op = 'DELETE'
    payload.event.data.new.status = 'new'
    expect(taken.changedColumns).toBe('["status"]')
    expect(taken.source).toMatchObject({ table: 'shop.orders', operation: 'UPDATE', recordId: '7', userRole: 'clerk' })
    expect(taken.source).toEqual(atOnce.source)
    expect(taken.json).toBe(atOnce.json)
  })

  it('does not say beside the payload what is secret within it', () => {
    const person = '4111 1111 1111 1111'
    const secrets: ConstructorParameters<typeof Redactor>[0][] = [
      { keys: ['id', 'x-hasura-user-email'], paths: [] },
      { keys: [], paths: ['payload.event.data.*.id', 'payload.event.session_variables.x-hasura-user-email'] },
      { keys: [], paths: ['payload.event'] },
    ]
    for (const redaction of secrets) {
      const redactor = new Redactor(redaction)
      const hiding = new ValueCapture({ captureErrorStacks: false, limits: DEFAULT_CAPTURE_LIMITS, redactor })
      for (const payload of [change(null, { id: 'p-4711' }), change({ id: 'p-4711' }, null)]) {
        const { source, json } = takePayload(payload, null, hiding, true)
        expect(source).toMatchObject({ recordId: null, userEmail: null })
        expect(json).not.toMatch(/p-4711|ann@/)
      }
    }
    expect(take(change(null, { id: person })).source).toMatchObject({ recordId: null, userEmail: 'ann@example.com' })
    expect(take(change(null, { id: 'p-4711' })).source).toMatchObject({ recordId: 'p-4711', userRole: 'clerk' })
  })

  it.each([
    ['columns in another order', { a: 1, b: 2, c: 3 }, { c: 3, a: 1, b: 0 }, ['b']],
    ['a new column', { a: 1 }, { first: 0, a: 1 }, ['first']],
    ['a column that is gone', { gone: 1, a: 1, b: 2 }, { a: 1, b: 3 }, ['b', 'gone']],
    ['JSON columns', { a: { x: [1, { y: 2 }] }, b: [] }, { a: { x: [1, { y: 2 }] }, b: [0] }, ['b']],
    ['keys of JSON in another order', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, ['a']],
    ['fields without a value within JSON', { a: { x: undefined } }, { a: {} }, []],
    ['null and missing', { a: null, c: null }, { a: 0, b: null, c: null }, ['a', 'b']],
    ['names of methods', { a: 1 }, { a: 1, toString: 'x' }, ['toString']],
    ['__proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":2}'), ['__proto__']],
    ['lists instead of rows', ['a'], ['a', 'b'], ['1']],
    ['no row before', null, { a: 1 }, null],
    ['a text instead of a row', 'a', { a: 1 }, null],
  ])('names the columns that changed: %s', (_, before, after, expected) => {
    const payload = change(before, after)
    const columns = expected === null ? null : JSON.stringify(expected)
    expect(take(payload).changedColumns).toBe(columns)
    expect(take(ofClass(payload)).changedColumns).toBe(columns)
  })

  it('is what can be read, where getters and proxies throw', () => {
    const refuse = (): never => {
      throw new Error('no entry')
    }
    const throwing = (of: object, key: string): object =>
      Object.defineProperty(of, key, { enumerable: true, get: refuse })
    const closed = new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse, has: refuse })
    const row = { id: 7, status: 'new' }
    const hidden = take(change(row, throwing({ id: 7 }, 'status')))
    expect(hidden.source).toMatchObject({ table: 'shop.orders', recordId: '7' })
    expect(hidden.changedColumns).toBe('["status"]')
    expect(hidden.json).toContain('"status":"[Getter threw: no entry]"')
    const inside = change(row, closed) as { event: { session_variables: object }; table: object }
    inside.event.session_variables = closed
    throwing(inside, 'table')
    expect(take(inside).source).toMatchObject({ table: 'public.unknown', operation: 'UPDATE', userRole: null })
    expect(take(inside).json).toContain('"table":"[Getter threw: no entry]"')
    expect(take(closed)).toMatchObject({ source: { operation: 'MANUAL' }, changedColumns: null, json: '{}' })
  })

  it('leaves out what the detector put there, and the whole text where payloads are not recorded', () => {
    const at = new Date(0)
    const own = '"1970-01-01T00:00:00.000Z"'
    class Odd {
      a = 1
      toJSON(): string {
        return 'its own'
      }
    }
    const given = [{ a: { __b: 1 }, __c: 2 }, { a: 1, __c: at }, { a: at, __c: 1 }, new Odd(), { toJSON: () => 'own' }]
    const texts = given.map(payload => take(payload).json)
    expect(texts).toEqual(['{"a":{"__b":1}}', '{"a":1}', `{"a":${own}}`, '{"a":1}', '"own"'])
    expect(given.map(payload => take(payload, false).json)).toEqual([null, null, null, null, null])
    expect(take(change({ a: 1 }, { a: 2 }), false)).toMatchObject({ changedColumns: '["a"]', json: null })
  })
})

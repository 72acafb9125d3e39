import { expect, it } from 'vitest'
import { watchReads } from '../../src/record/watch-reads.ts'

const payload = () => ({
  table: { name: 'orders' },
  event: {
    op: 'UPDATE',
    data: { old: { status: 'new', meta: { a: 1 } }, new: { status: 'paid', meta: { a: 1 } } },
    session_variables: { 'x-hasura-role': 'clerk' },
  },
})

it('notes what is read while a detector runs, and hands the very objects to everyone else', () => {
  const given = payload()
  const { event } = given
  let reads: Set<string> | undefined = new Set()
  const restore = watchReads(given, () => reads)
  expect(given.table.name).toBe('orders')
  expect(given.event.op).toBe('UPDATE')
  expect(given.event.data.new.status).not.toBe(given.event.data.old.status)
  expect(given.event.data.new.meta.a).toBe(1)
  expect(given.event.session_variables['x-hasura-role']).toBe('clerk')
  expect(given.event.data.new).toBe(given.event.data.new)
  expect([...reads]).toEqual(['table', 'op', 'new.status', 'old.status', 'new.meta', 'session_variables.x-hasura-role'])
  reads = undefined
  expect(given.event).toBe(event)
  expect(structuredClone(given)).toEqual(payload())
  restore()
  expect(Object.getOwnPropertyDescriptor(given, 'event')).toMatchObject({ value: event, writable: true })
  expect(given).toEqual(payload())
})

it('notes that a row was looked at as a whole, that there was none, and questions for a key', () => {
  const given = { event: { data: { old: null, new: { a: 1 } as Record<string, unknown> } } }
  const reads = new Set<string>()
  watchReads(given, () => reads)
  expect(given.event.data.old).toBeNull()
  expect('b' in given.event.data.new).toBe(false)
  expect(Object.keys(given.event.data.new)).toEqual(['a'])
  expect([...reads]).toEqual(['old', 'new.b', 'new.*'])
})

it('leaves alone what cannot be watched', () => {
  const frozen = Object.freeze(payload())
  const reads = new Set<string>()
  watchReads(frozen, () => reads)()
  expect(frozen.event.op).toBe('UPDATE')
  const inner = { event: Object.freeze({ op: 'INSERT', data: Object.freeze({ new: Object.freeze({ a: 1 }) }) }) }
  watchReads(inner, () => reads)
  expect(inner.event.data.new.a).toBe(1)
  expect([...reads]).toEqual([])
})

it('keeps what is written to the payload meanwhile', () => {
  const given: { event: object; table?: object } = payload()
  const restore = watchReads(given, () => undefined)
  const replaced = { op: 'INSERT' }
  given.event = replaced
  restore()
  restore()
  expect(given.event).toBe(replaced)
})

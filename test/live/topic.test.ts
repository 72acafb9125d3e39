import { describe, expect, it } from 'vitest'
import { type EventLabels, matcherOf, parseTopic } from '../../src/live/topic.ts'

const labels = (changes: Partial<EventLabels> = {}): EventLabels => ({
  eventType: 'log',
  ns: 'shop',
  eventName: 'app.log',
  service: 'api',
  level: 'info',
  outcome: null,
  ...changes,
})

describe('topics', () => {
  it.each([
    ['*', {}, true],
    ['*', { ns: 'https://api.example.com' }, true],
    ['log', {}, true],
    ['log', { eventType: 'trace' }, false],
    ['Log', {}, false],
    ['shop', {}, true],
    ['https://api.example.com', { ns: 'https://api.example.com' }, true],
    ['workers://x', { ns: 'workers://x' }, true],
    ['app.log', {}, true],
    ['app', {}, false],
    ['orders.*', { eventName: 'orders.created' }, true],
    ['orders.*', { ns: 'orders.eu' }, true],
    ['orders.*', { eventName: 'orders' }, false],
    ['orders.*', { eventName: 'orders.' }, false],
    ['orders.*', { eventName: 'orders.created.late' }, false],
    ['orders.*', { eventName: 'ordersxcreated' }, false],
    ['orders.**', { eventName: 'orders' }, true],
    ['orders.**', { eventName: 'orders.created.late' }, true],
    ['orders.**', { ns: 'orders.eu.1' }, true],
    ['orders.**', { eventName: 'orderscreated' }, false],
    ['orders.**', { eventType: 'orders' }, false],
    // What a regular expression would read differently.
    ['a+b', { ns: 'aab' }, false],
    ['__proto__', {}, false],
  ])('%s of %o: %s', (topic, changes, expected) => {
    expect(parseTopic(topic)(labels(changes))).toBe(expected)
  })

  it.each([
    ['', /is empty/],
    ['x'.repeat(257), /more than 256 characters/],
    [undefined, /has to be text/],
    [7, /has to be text/],
    ['a b', /no spaces/],
    ['a\nb', /no spaces/],
    ['**', /only as its whole or as its last segment/],
    ['a*', /only as its whole or as its last segment/],
    ['*.a', /only as its whole or as its last segment/],
    ['a.*.b', /only as its whole or as its last segment/],
    ['a.***', /only as its whole or as its last segment/],
    ['.a', /empty segment/],
    ['a.', /empty segment/],
    ['.*', /empty segment/],
  ])('refuses %j', (topic, message) => {
    expect(() => parseTopic(topic)).toThrow(message)
    expect(() => parseTopic(topic)).toThrow(expect.objectContaining({ code: 'TOPIC_INVALID' }))
  })

  it('are narrowed down by service, level and outcome, all of them', () => {
    const matches = matcherOf(parseTopic('*'), { service: ['api', 'web'], level: ['warn', 'error'] })
    expect(matches(labels({ level: 'error' }))).toBe(true)
    expect(matches(labels({ level: 'error', service: 'web' }))).toBe(true)
    expect(matches(labels({ level: 'error', service: 'cron' }))).toBe(false)
    expect(matches(labels())).toBe(false)
    expect(matches(labels({ level: null }))).toBe(false)
    expect(matcherOf(parseTopic('*'), { outcome: ['error'] })(labels({ outcome: 'error' }))).toBe(true)
    expect(matcherOf(parseTopic('*'), { outcome: [] })(labels())).toBe(true)
  })
})

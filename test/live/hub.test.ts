import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LiveEvent } from '../../src/live/hot-window.ts'
import { Hub } from '../../src/live/hub.ts'
import type { Sink } from '../../src/live/reader.ts'
import { MINUTE } from '../../src/units.ts'

const START = Date.parse('2026-11-21T10:00:00Z')
let now = START

function event(id: string, changes: Partial<LiveEvent> = {}): LiveEvent {
  return {
    id,
    timestampMs: now,
    eventType: 'log',
    ns: 'shop',
    eventName: 'app.log',
    service: null,
    level: 'info',
    outcome: null,
    json: `{"id":"${id}"}`,
    ...changes,
  }
}
const events = (from: number, to: number): LiveEvent[] =>
  Array.from({ length: to - from + 1 }, (_, i) => event(String(from + i)))

class TestSink implements Sink {
  readonly seen: string[] = []
  room = Number.POSITIVE_INFINITY
  #drained: (() => void) | null = null
  send(events: readonly LiveEvent[]): number {
    const taken = events.slice(0, this.room)
    this.seen.push(...taken.map(({ id }) => id))
    this.room -= taken.length
    return taken.length
  }
  lagged(count: number): void {
    this.seen.push(`lagged ${count}`)
  }
  whenDrained(callback: () => void): void {
    this.#drained = callback
  }
  drain(room: number): void {
    this.room = room
    const callback = this.#drained
    this.#drained = null
    callback?.()
  }
}

describe('the hub', () => {
  let hub: Hub
  beforeEach(() => {
    now = START
    hub = new Hub({ now: () => now, maxBytes: 100 * 420 })
  })
  afterEach(() => hub.close())

  const read = (topics: string[], start = {}): TestSink => {
    const sink = new TestSink()
    const reader = hub.read(sink, start)
    reader.subscribe(topics.map(topic => ({ topic })))
    reader.pump()
    return sink
  }

  it('sends what is asked for once, from now on, in order', () => {
    hub.publish([event('before')])
    const sink = read(['log', 'shop', 'app.*'])
    hub.publish([event('1'), event('2', { eventType: 'trace', ns: 'other', eventName: 'GET /' }), event('3')])
    hub.publish([event('3'), event('4')])
    expect(sink.seen).toEqual(['1', '3', '4'])
    expect(hub.stats().messagesSent).toBe(3)
  })

  it('gives those who want the same the very same list, in pieces that are not too long', () => {
    const lists: (readonly LiveEvent[])[][] = [[], [], []]
    for (const [n, topic] of ['log', 'log', 'shop'].entries()) {
      const sink: Sink = {
        send: list => {
          lists[n]?.push(list)
          return list.length
        },
        lagged: () => {},
        whenDrained: () => {},
      }
      hub.read(sink, {}).subscribe([{ topic }])
    }
    hub.publish(events(1, 5))
    expect(lists.map(([list]) => list?.length)).toEqual([5, 5, 5])
    expect(lists[0]?.[0]).toBe(lists[1]?.[0])
    hub.publish(events(6, 9).map(each => ({ ...each, json: 'x'.repeat(40_000) })))
    expect(lists[0]?.map(list => list.length)).toEqual([5, 2, 2])
  })

  it('replays after an event, then goes on without a gap', () => {
    hub.publish(events(1, 10))
    const sink = read(['*'], { afterId: '7' })
    hub.publish(events(11, 12))
    expect(sink.seen).toEqual(['8', '9', '10', '11', '12'])
  })

  it('replays what happened since a time, and says so when that is not all', () => {
    hub.publish([event('old', { timestampMs: START - 60_000 }), event('new', { timestampMs: START + 5_000 })])
    const sink = read(['*'], { since: START + 1_000 })
    hub.publish([event('late', { timestampMs: START - 60_000 })])
    expect(sink.seen).toEqual(['new', 'late'])
    expect(hub.read(new TestSink(), { since: START + 1 }).truncatedBefore).toBe(null)
    expect(hub.read(new TestSink(), { since: START - 1 }).truncatedBefore).toBe(START)
    expect(hub.read(new TestSink(), { afterId: 'unknown' }).truncatedBefore).toBe(START)
  })

  it('knows more when it was given what was stored before', () => {
    hub.load([event('a', { timestampMs: START - 2 * MINUTE })], START - 5 * MINUTE)
    expect(hub.read(new TestSink(), { since: START - 4 * MINUTE }).truncatedBefore).toBe(null)
    expect(read(['*'], { since: START - 4 * MINUTE }).seen).toEqual(['a'])
  })

  it('lets a slow reader read on where it was', () => {
    const slow = read(['*'])
    const fast = read(['*'])
    slow.room = 2
    hub.publish(events(1, 6))
    expect(slow.seen).toEqual(['1', '2'])
    expect(fast.seen).toEqual(['1', '2', '3', '4', '5', '6'])
    slow.drain(3)
    expect(slow.seen).toEqual(['1', '2', '3', '4', '5'])
    slow.drain(10)
    expect(slow.seen).toEqual(['1', '2', '3', '4', '5', '6'])
  })

  it('tells a reader that is too slow how many of its events it has missed', () => {
    const slow = read(['shop'])
    slow.room = 1
    // A hundred fit; every other of these is for the reader.
    for (let i = 1; i <= 300; i++)
      hub.publish([event(String(i), { ns: i % 2 === 0 ? 'shop' : 'other', eventName: 'x' })])
    expect(slow.seen).toEqual(['2'])
    slow.drain(Number.POSITIVE_INFINITY)
    const [first, notice, ...rest] = slow.seen
    expect(first).toBe('2')
    const missed = Number(notice?.replace('lagged ', ''))
    expect(missed).toBeGreaterThan(90)
    // Missed and read together are all there were, and none is read twice.
    expect(1 + missed + rest.length).toBe(150)
    expect(rest.at(-1)).toBe('300')
    hub.publish([event('301', { ns: 'shop' })])
    expect(slow.seen.at(-1)).toBe('301')
  })

  it('holds events for some minutes and within some bytes', () => {
    hub.publish(events(1, 500))
    expect(hub.stats().windowEvents).toBeLessThanOrEqual(105)
    expect(hub.stats().windowBytes).toBeLessThanOrEqual(100 * 420)
    now += 6 * MINUTE
    hub.publish([event('next')])
    expect(hub.stats().windowEvents).toBe(1)
    expect(read(['*'], { afterId: '500' }).seen).toEqual(['next'])
  })

  it('holds one event that is larger than the window', () => {
    hub.publish([event('huge', { json: 'x'.repeat(1_000_000) })])
    const sink = read(['*'], { since: 0 })
    expect(sink.seen).toEqual(['huge'])
    hub.publish([event('small')])
    expect(hub.stats().windowEvents).toBe(1)
    expect(sink.seen).toEqual(['huge', 'small'])
  })

  it('tells everyone when stored events could not be read', () => {
    const sink = read(['*'])
    hub.missed(12)
    hub.publish([event('1')])
    expect(sink.seen).toEqual(['lagged 12', '1'])
  })

  it('forgets what was asked for, and keeps it when more is refused', () => {
    const sink = new TestSink()
    const reader = hub.read(sink, {})
    reader.subscribe([{ topic: 'log' }])
    expect(() => reader.subscribe([{ topic: 'trace' }, { topic: 'a*' }])).toThrow(/topic "a\*"/)
    hub.publish([event('1'), event('2', { eventType: 'trace' })])
    expect(reader.unsubscribe('log')).toBe(true)
    expect(reader.unsubscribe('log')).toBe(false)
    hub.publish([event('3')])
    expect(sink.seen).toEqual(['1'])
    hub.leave(reader)
  })

  it('shows readers only the namespaces they may see', () => {
    const sink = new TestSink()
    hub.read(sink, {}).subscribe([{ topic: '*', namespaces: ['shop'] }])
    hub.publish([event('1'), event('2', { ns: 'secret' })])
    expect(sink.seen).toEqual(['1'])
  })

  it('counts messages of the last minute', () => {
    read(['*'])
    hub.publish(events(1, 30))
    now += 10_000
    expect(hub.stats().messagesPerSecond).toBeCloseTo(3)
    now += 2 * MINUTE
    expect(hub.stats()).toMatchObject({ messagesSent: 30, messagesPerSecond: 0 })
  })
})

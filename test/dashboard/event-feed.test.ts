import { describe, expect, it } from 'vitest'
import { EventFeed, type FeedEvent, summaryOf } from '../../dashboard/src/model/event-feed.ts'

const event = (id: number, more: object = {}): FeedEvent => ({
  id: String(id),
  event_type: 'log',
  event_name: 'app.log',
  ns: 'shop',
  timestamp: '2026-11-21T10:00:00Z',
  ...more,
})
const events = (from: number, to: number): FeedEvent[] =>
  Array.from({ length: to - from + 1 }, (_, i) => event(from + i))

describe('the feed of events', () => {
  it('shows the newest first, and counts those that left', () => {
    const feed = new EventFeed(3)
    feed.receive(events(1, 2))
    feed.receive(events(3, 5))
    expect(feed.get()).toMatchObject({ received: 5, left: 2, waiting: 0, skipped: 0 })
    expect(feed.get().events.map(({ id }) => id)).toEqual(['5', '4', '3'])
  })

  it('lets what comes wait while it is paused; each event is shown, waits or has left', () => {
    const feed = new EventFeed(10)
    feed.receive(events(1, 5))
    feed.setPaused(true)
    feed.receive(events(6, 25))
    expect(feed.get().events.map(({ id }) => id)).toEqual(['5', '4', '3', '2', '1'])
    expect(feed.get()).toMatchObject({ received: 25, waiting: 10, left: 10 })
    feed.setPaused(false)
    const { events: shown, received, waiting, left } = feed.get()
    expect(shown.map(({ id }) => id)).toEqual(['25', '24', '23', '22', '21', '20', '19', '18', '17', '16'])
    expect(shown.length + waiting + left).toBe(received)
  })

  it('counts what never arrived apart, and begins anew when it is cleared', () => {
    const feed = new EventFeed(10)
    let told = 0
    const stop = feed.subscribe(() => told++)
    feed.skipped(3)
    feed.skipped(4)
    expect(feed.get()).toMatchObject({ skipped: 7, received: 0 })
    feed.clear()
    expect(feed.get()).toMatchObject({ skipped: 0, events: [] })
    stop()
    feed.receive(events(1, 1))
    expect(told).toBe(3)
  })

  it.each([
    [{ log_message: 'hello' }, 'hello'],
    [{ http_method: 'GET', http_url: '/orders', http_status: 200 }, 'GET /orders 200'],
    [{ db_operation: 'UPDATE', db_table: 'orders' }, 'UPDATE orders'],
    [{ metric_name: 'queue.depth', metric_value: 7 }, 'queue.depth = 7'],
    [{ vital_name: 'LCP', vital_value: 1200, vital_rating: 'good' }, 'LCP 1200 good'],
    [{ http_method: 'POST', error_message: 'card declined' }, 'POST: card declined'],
    [{ log_message: 'failed: card declined', error_message: 'card declined' }, 'failed: card declined'],
    [{ status_message: 'deadline exceeded' }, 'deadline exceeded'],
    [{}, ''],
  ])('says of %j: %s', (columns, text) => {
    expect(summaryOf(event(1, columns))).toBe(text)
  })
})

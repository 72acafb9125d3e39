import type { LiveEvent } from '../../../src/live/hot-window.ts'

const TYPES = ['log', 'trace', 'cdc', 'metric']
const LEVELS = ['debug', 'info', 'warn', 'error']

/** What clients of a dashboard, of services and of scripts ask for; a connection has one of these. */
const ASKED: readonly string[] = [
  ...TYPES.map(type => `topic=${type}`),
  ...Array.from({ length: 8 }, (_, n) => `topic=shop.${n}`),
  'topic=orders.**',
  'topic=orders.*&topic=payments.*',
  'topic=log&topic=trace&level=error',
  'topic=shop.1&topic=shop.2&level=warn,error',
]

/** What a connection asks for. */
export const askedBy = (connection: number): string => ASKED[connection % ASKED.length] as string

/** A typical log line, some 600 bytes; `sent` is when it was published, in milliseconds. */
export function typicalEvent(n: number, sent: number, changes: Partial<LiveEvent> = {}): LiveEvent {
  const labels = {
    eventType: TYPES[n % TYPES.length] as string,
    ns: `shop.${n % 8}`,
    eventName: n % 3 === 0 ? 'orders.created' : 'payments.settled.late',
    service: 'checkout',
    level: LEVELS[(n >> 1) % LEVELS.length] as string,
    outcome: null,
  }
  const id = `event-${sent}-${n}`
  const json = JSON.stringify({
    id,
    event_type: labels.eventType,
    event_name: labels.eventName,
    ns: labels.ns,
    timestamp: new Date(sent).toISOString(),
    service_name: labels.service,
    log_level: labels.level,
    log_message: `order ${n} was placed by a customer who has waited for it for a long time`.repeat(4),
    attributes: { sent, order: n, warehouse: 'north' },
  })
  return { id, timestampMs: sent, json, ...labels, ...changes }
}

export const nowMs = (): number => performance.timeOrigin + performance.now()

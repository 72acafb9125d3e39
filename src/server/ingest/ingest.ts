import type { EventRow } from '../../event/event-row.ts'
import { setTimestamp } from '../../event/finish-event.ts'
import type { IpAddresses } from '../../event/ip-addresses.ts'
import { ItemError } from '../../event/item-error.ts'
import { sources } from '../../event/registry.ts'
import type { Source, SourceContext } from '../../event/source.ts'
import { type RefusedItem, transformItems } from '../../event/transform-items.ts'
import type { Timestamp } from '../../event/unified-event.ts'
import { toTimestamp } from '../../record/clock.ts'
import type { EventIntake } from '../../store/event-intake.ts'
import { DAY } from '../../units.ts'
import { toHttpError } from '../http-error.ts'
import type { Sender } from './access.ts'
import type { ArrivalTimes } from './arrival-times.ts'
import type { RateLimit } from './rate-limit.ts'

export interface IngestOptions {
  intake: EventIntake
  arrivals: ArrivalTimes
  ipAddresses: IpAddresses
  perKey: RateLimit
  perAddress: RateLimit
  /** @default Date.now */
  nowMs?: () => number
}

export interface Ingested {
  accepted: number
  refused: (Omit<RefusedItem, 'code'> & { code: RefusedItem['code'] | 'EVENT_REFUSED' })[]
  /** Ids and types of the events, of the first few. */
  events: { id: string; event_type: string }[]
}

export interface Delivery {
  source: string
  items: readonly unknown[]
  sender: Sender
  address: string
  context?: Partial<SourceContext>
}

const SHOWN_EVENTS = 100

/** From items of a source to events that are safe: the one way in for every route. */
export class Ingest {
  readonly #options: IngestOptions

  constructor(options: IngestOptions) {
    this.#options = options
  }

  /** Throws HttpErrors when nothing of it can be taken now. */
  async accept({ source, items, sender, address, context = {} }: Delivery): Promise<Ingested> {
    const { intake, arrivals, ipAddresses, perKey, perAddress, nowMs = Date.now } = this.#options
    perAddress.take(address, items.length)
    if (sender.keyName !== null) perKey.take(sender.keyName, items.length)
    const now = nowMs()
    const receivedAt = toTimestamp(now)
    const timeless: string[] = []
    const { rows, refused, indexes } = transformItems(
      sources.get(source) as Source,
      items,
      { ns: sender.namespace ?? 'default', ...context, receivedAt },
      {
        receivedAt,
        latest: toTimestamp(now + DAY),
        arrivalOf: id => {
          const known = arrivals.known(id)
          if (known === undefined) timeless.push(id)
          return known ?? receivedAt
        },
        ipAddresses,
        batchId: null,
        namespaceOf: (ns, stated) => namespaceFor(sender, ns, stated),
      },
    )
    if (timeless.length > 0) setArrivals(rows, receivedAt, await arrivals.find(timeless, receivedAt))
    const events = rows.slice(0, SHOWN_EVENTS).map(({ id, event_type }) => ({ id, event_type }))
    try {
      const byPostgres = await intake.accept(rows)
      const lost = byPostgres.map(({ index, message }) => ({
        index: indexes[index] as number,
        code: 'EVENT_REFUSED' as const,
        message: `Postgres refused it: ${message}`,
      }))
      return { accepted: indexes.length - lost.length, refused: [...refused, ...lost], events }
    } catch (error) {
      throw toHttpError(error)
    }
  }
}

// Those whose time is that of this request, and which came before.
function setArrivals(rows: readonly EventRow[], receivedAt: Timestamp, arrivals: ReadonlyMap<string, Timestamp>): void {
  for (const row of rows) {
    if (row.timestamp !== receivedAt) continue
    // Equal items of one request have the key of the first, and a number.
    const first = arrivals.get(row.id) ?? arrivals.get(row.id.replace(/#\d+$/, ''))
    if (first !== undefined) setTimestamp(row, first)
  }
}

function namespaceFor({ namespace }: Sender, ns: string, stated: boolean): string {
  if (namespace === null || ns === namespace || ns.startsWith(`${namespace}.`)) return ns
  if (!stated) return namespace
  throw new ItemError(
    `ns is ${JSON.stringify(ns.slice(0, 200))}, and the API key may write to ${namespace} only`,
    'NAMESPACE_FORBIDDEN',
  )
}

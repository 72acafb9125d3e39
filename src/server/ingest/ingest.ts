import type { EventRow } from '../../event/event-row.ts'
import { setTimestamp } from '../../event/finish-event.ts'
import type { IpAddresses } from '../../event/ip-addresses.ts'
import { ItemError } from '../../event/item-error.ts'
import { sources } from '../../event/registry.ts'
import type { Source, SourceContext } from '../../event/source.ts'
import { type RefusedItem, transformSlices } from '../../event/transform-items.ts'
import type { Timestamp } from '../../event/unified-event.ts'
import { toTimestamp } from '../../record/clock.ts'
import { EncodedEvent } from '../../store/encoded-events.ts'
import type { EventIntake } from '../../store/event-intake.ts'
import { DAY } from '../../units.ts'
import { toHttpError } from '../http-error.ts'
import type { Sender } from './access.ts'
import type { ArrivalTimes } from './arrival-times.ts'
import type { RateLimit } from './rate-limit.ts'
import { Turns } from './turns.ts'

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
// So long others wait while items are read.
const SLICE_MS = 3
/** Requests with fewer items are read at once. */
const FEW_ITEMS = 32

/** From items of a source to events that are safe: the one way in for every route. */
export class Ingest {
  readonly #options: IngestOptions
  readonly #turns = new Turns()

  constructor(options: IngestOptions) {
    this.#options = options
  }

  /** Throws HttpErrors when nothing of it can be taken now. */
  async accept(delivery: Delivery): Promise<Ingested> {
    const { items, sender, address } = delivery
    const { intake, perKey, perAddress } = this.#options
    perAddress.take(address, items.length)
    if (sender.keyName !== null) perKey.take(sender.keyName, items.length)
    const { events, indexes, refused } = await this.#read(delivery)
    const shown = events.slice(0, SHOWN_EVENTS).map(({ id, eventType }) => ({ id, event_type: eventType }))
    try {
      const byPostgres = await intake.accept(events)
      const lost = byPostgres.map(({ index, message }) => ({
        index: indexes[index] as number,
        code: 'EVENT_REFUSED' as const,
        message: `Postgres refused it: ${message}`,
      }))
      return { accepted: indexes.length - lost.length, refused: [...refused, ...lost], events: shown }
    } catch (error) {
      throw toHttpError(error)
    }
  }

  async #read({ source, items, sender, context = {} }: Delivery): Promise<ReadItems> {
    const { intake, arrivals, ipAddresses, nowMs = Date.now } = this.#options
    const now = nowMs()
    const receivedAt = toTimestamp(now)
    // Ids of events without a time of their own of which it is not known whether they came before.
    const timeless: string[] = []
    let isTimeless = false
    let endsAt = items.length < FEW_ITEMS ? Number.POSITIVE_INFINITY : 0
    const slices = transformSlices(
      sources.get(source) as Source,
      items,
      { ns: sender.namespace ?? 'default', ...context, receivedAt },
      {
        receivedAt,
        latest: toTimestamp(now + DAY),
        arrivalOf: id => {
          const known = arrivals.known(id)
          isTimeless = known === undefined
          if (isTimeless) timeless.push(id)
          return known ?? receivedAt
        },
        ipAddresses,
        batchId: null,
        namespaceOf: (ns, stated) => namespaceFor(sender, ns, stated),
        // Encoded as soon as its time is known, it is no object any more.
        take: event => {
          const taken = isTimeless ? event.toRow() : intake.encode(event)
          isTimeless = false
          return taken
        },
        isTimeUp: () => performance.now() > endsAt,
      },
    )
    const taken: (EncodedEvent | EventRow)[] = []
    const indexes: number[] = []
    const refused: RefusedItem[] = []
    for (;;) {
      if (performance.now() > endsAt) {
        await this.#turns.next()
        endsAt = performance.now() + SLICE_MS
      }
      const slice = slices.next().value
      if (!slice) break
      for (const event of slice.rows) taken.push(event)
      for (const index of slice.indexes) indexes.push(index)
      for (const item of slice.refused) refused.push(item)
    }
    if (timeless.length === 0) return { events: taken as EncodedEvent[], indexes, refused }
    const found = await arrivals.find(timeless, receivedAt)
    const events = taken.map(event => {
      if (event instanceof EncodedEvent) return event
      setArrival(event, receivedAt, found)
      return intake.encodeRow(event)
    })
    return { events, indexes, refused }
  }
}

interface ReadItems {
  events: EncodedEvent[]
  /** Of each event the place of its item. */
  indexes: number[]
  refused: RefusedItem[]
}

// Of one whose time is that of this request, and which came before.
function setArrival(row: EventRow, receivedAt: Timestamp, arrivals: ReadonlyMap<string, Timestamp>): void {
  if (row.timestamp !== receivedAt) return
  // Equal items of one request have the key of the first, and a number.
  const first = arrivals.get(row.id) ?? arrivals.get(row.id.replace(/#\d+$/, ''))
  if (first !== undefined) setTimestamp(row, first)
}

function namespaceFor({ namespace }: Sender, ns: string, stated: boolean): string {
  if (namespace === null || ns === namespace || ns.startsWith(`${namespace}.`)) return ns
  if (!stated) return namespace
  throw new ItemError(
    `ns is ${JSON.stringify(ns.slice(0, 200))}, and the API key may write to ${namespace} only`,
    'NAMESPACE_FORBIDDEN',
  )
}

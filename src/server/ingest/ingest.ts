import type { EventRow } from '../../event/event-row.ts'
import { setTimestamp } from '../../event/finish-event.ts'
import type { IpAddresses } from '../../event/ip-addresses.ts'
import { ItemError } from '../../event/item-error.ts'
import { sources } from '../../event/registry.ts'
import type { Source, SourceContext } from '../../event/source.ts'
import { type RefusedItem, transformSlices } from '../../event/transform-items.ts'
import type { Timestamp } from '../../event/unified-event.ts'
import { toTimestamp } from '../../record/clock.ts'
import type { EncodedEvent } from '../../store/encoded-events.ts'
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
    const { encoded, indexes, refused, events } = await this.#read(delivery)
    try {
      const byPostgres = await intake.accept(encoded)
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

  async #read({ source, items, sender, context = {} }: Delivery): Promise<ReadItems> {
    const { intake, arrivals, ipAddresses, nowMs = Date.now } = this.#options
    const now = nowMs()
    const receivedAt = toTimestamp(now)
    const timeless: string[] = []
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
          if (known === undefined) timeless.push(id)
          return known ?? receivedAt
        },
        ipAddresses,
        batchId: null,
        namespaceOf: (ns, stated) => namespaceFor(sender, ns, stated),
      },
      () => performance.now() > endsAt,
    )
    const read: ReadItems = { encoded: [], indexes: [], refused: [], events: [] }
    // Encoded as soon as its time is known, a row's object does not outlive its slice.
    let rows: EventRow[] = []
    for (;;) {
      if (performance.now() > endsAt) {
        await this.#turns.next()
        endsAt = performance.now() + SLICE_MS
      }
      const slice = slices.next().value
      if (!slice) break
      for (const row of slice.rows) {
        if (read.events.length === SHOWN_EVENTS) break
        read.events.push({ id: row.id, event_type: row.event_type })
      }
      for (const index of slice.indexes) read.indexes.push(index)
      read.refused.push(...slice.refused)
      rows = rows.length === 0 ? slice.rows : rows.concat(slice.rows)
      if (timeless.length > 0) continue
      for (const row of rows) read.encoded.push(intake.encode(row))
      rows = []
    }
    if (timeless.length > 0) setArrivals(rows, receivedAt, await arrivals.find(timeless, receivedAt))
    for (const row of rows) read.encoded.push(intake.encode(row))
    return read
  }
}

interface ReadItems {
  encoded: EncodedEvent[]
  /** Of each event the place of its item. */
  indexes: number[]
  refused: RefusedItem[]
  events: Ingested['events']
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

/** What a writer tells after it stored events, within the same transaction (`NOTIFY`). */
export interface Announcement {
  readonly schema: string
  /** The transaction that wrote the rows, as the system column xmin shows it. */
  readonly xid: string
  readonly count: number
  /** Spans of the events' own time, first and last, in milliseconds since 1970. They lead to the rows by the primary key. */
  readonly spans: readonly (readonly [number, number])[]
  /** What the writing process itself calls these rows, which it still has: see OwnBatches. */
  readonly batch?: string
}

export const EVENTS_CHANNEL = 'observability_events'

// NOTIFY carries less than 8,000 bytes.
const MAX_SPANS = 150
// Events closer together than this share a span.
const GAP_MS = 1_000

/** The announcements of a batch of events, without their transaction: mostly one. */
export function announce(
  schema: string,
  timestamps: readonly number[],
  batch?: string,
): readonly Omit<Announcement, 'xid'>[] {
  const sorted = timestamps.filter(Number.isFinite).sort((a, b) => a - b)
  const announcements: { schema: string; count: number; spans: [number, number][] }[] = []
  let spans: [number, number][] = []
  let current = { schema, count: 0, spans }
  for (const time of sorted) {
    const last = spans.at(-1)
    if (last && time - last[1] <= GAP_MS) last[1] = time
    else {
      if (spans.length === MAX_SPANS) {
        announcements.push(current)
        spans = []
        current = { schema, count: 0, spans }
      }
      spans.push([time, time])
    }
    current.count++
  }
  if (current.count > 0) announcements.push(current)
  // All rows of a batch are taken at once, so only one of its announcements may name it.
  const [only, ...others] = announcements
  return batch === undefined || !only || others.length > 0 ? announcements : [{ ...only, batch }]
}

/** Null when it is not one of ours. */
export function readAnnouncement(payload: string): Announcement | null {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { schema, xid, count, spans, batch } = value as Partial<Record<keyof Announcement, unknown>>
  const isOurs =
    typeof schema === 'string' &&
    typeof xid === 'string' &&
    /^\d{1,10}$/.test(xid) &&
    typeof count === 'number' &&
    (batch === undefined || typeof batch === 'string') &&
    Array.isArray(spans) &&
    spans.every(span => Array.isArray(span) && span.length === 2 && span.every(Number.isFinite))
  return isOurs ? (value as Announcement) : null
}

import { quoteIdent } from '../db/identifiers.ts'
import { listen } from '../db/listen.ts'
import type { Pool } from '../db/pool.ts'
import { messageOf } from '../errors.ts'
import { type Announcement, EVENTS_CHANNEL, readAnnouncement } from '../event/announcement.ts'
import type { OwnBatches } from '../event/own-batches.ts'
import { eventJson } from '../event-query/event-json.ts'
import { exactNumbers } from '../event-query/exact-numbers.ts'
import type { Logger } from '../log.ts'
import { MINUTE } from '../units.ts'
import type { LiveEvent } from './hot-window.ts'
import type { Hub } from './hub.ts'

export interface FeedOptions {
  readonly hub: Hub
  readonly pool: Pool
  readonly connectionString: string
  readonly schema: string
  readonly logger: Logger
  /** How far back events are fetched at the start, in milliseconds. @default 300000 */
  readonly historyMs?: number
  /** What this process itself is storing: it is not read again. */
  readonly ownBatches?: OwnBatches
}

export interface Feed {
  close(): Promise<void>
}

interface Row {
  id: string
  event_type: string
  ns: string
  event_name: string
  service_name: string | null
  log_level: string | null
  outcome: string | null
  timestamp_ms: number
  json: string
}

// Announcements wait while rows are read. Beyond this readers are told of a gap instead: memory stays bounded.
const MAX_WAITING = 1_000
// What a hub fetches at most when it starts or after its connection was lost.
const MAX_HISTORY = 50_000

/**
 * Brings events into the hub once they are stored, whoever stored them: writers announce their batches, and the rows are
 * read by the announced transaction. When the connection was lost, the last minutes are read again.
 */
export async function startFeed({
  hub,
  pool,
  connectionString,
  schema,
  logger,
  historyMs = 5 * MINUTE,
  ownBatches,
}: FeedOptions): Promise<Feed> {
  const columns = `e.id, e.event_type, e.ns, e.event_name, e.service_name, e.log_level, e.outcome,
    extract(epoch FROM e."timestamp")::float8 * 1000 AS timestamp_ms, ${await eventJson(pool, schema)} AS json`
  const table = `${quoteIdent(schema)}.events`
  const waiting: Announcement[] = []
  let isBusy: Promise<void> | null = null
  let isClosed = false

  async function readHistory(): Promise<void> {
    const since = Date.now() - historyMs
    const { rows } = await pool.query<Row>(
      `SELECT * FROM (SELECT ${columns}, e."timestamp" FROM ${table} e
         WHERE e."timestamp" >= to_timestamp($1) ORDER BY e."timestamp" DESC, e.id LIMIT ${MAX_HISTORY}) newest
       ORDER BY "timestamp", id`,
      [since / 1000],
    )
    const oldest = rows[0]?.timestamp_ms
    hub.load(rows.map(toLiveEvent), rows.length === MAX_HISTORY && oldest !== undefined ? oldest : since)
  }

  async function readBatch({ xid, spans, batch }: Announcement): Promise<void> {
    const own = ownBatches?.take(batch)
    if (own) {
      hub.publish(own)
      return
    }
    const { rows } = await pool.query<Row>(
      `SELECT ${columns}
       FROM unnest($1::float8[], $2::float8[]) AS span (first, last)
       JOIN ${table} e ON e."timestamp" >= to_timestamp(span.first / 1000)
         AND e."timestamp" < to_timestamp((span.last + 1) / 1000)
       WHERE e.xmin = $3::xid
       ORDER BY e."timestamp", e.id`,
      [spans.map(([first]) => first), spans.map(([, last]) => last), xid],
    )
    hub.publish(rows.map(toLiveEvent))
  }

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined && !isClosed; next = waiting.shift()) {
      try {
        await readBatch(next)
      } catch (error) {
        if (isClosed) return
        hub.missed(next.count)
        logger.warn(
          { events: next.count, error: messageOf(error) },
          'stored events could not be read for the live stream',
        )
      }
    }
  }

  function start(): void {
    isBusy ??= work().finally(() => {
      isBusy = null
      // One may have come after the last was taken.
      if (waiting.length > 0 && !isClosed) start()
    })
  }

  const listener = await listen({
    connectionString,
    channel: EVENTS_CHANNEL,
    onNotify: payload => {
      if (payload === '') {
        readHistory().catch(error =>
          logger.warn(
            { error: messageOf(error) },
            'the live stream may lack events: the last minutes could not be read',
          ),
        )
        return
      }
      const announcement = readAnnouncement(payload)
      if (announcement?.schema !== schema) return
      if (waiting.length >= MAX_WAITING) hub.missed(waiting.shift()?.count ?? 0)
      waiting.push(announcement)
      start()
    },
    onError: error => logger.warn({ error: messageOf(error) }, 'the live stream lost its connection, reconnecting'),
  })
  try {
    await readHistory()
  } catch (error) {
    await listener.close()
    throw error
  }
  return {
    async close() {
      isClosed = true
      await listener.close()
      await isBusy
    },
  }
}

function toLiveEvent(row: Row): LiveEvent {
  return {
    id: row.id,
    timestampMs: row.timestamp_ms,
    eventType: row.event_type,
    ns: row.ns,
    eventName: row.event_name,
    service: row.service_name,
    level: row.log_level,
    outcome: row.outcome,
    json: exactNumbers(row.json),
  }
}

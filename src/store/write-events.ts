import { copyFrom } from '../db/copy-from.ts'
import type { Pool } from '../db/pool.ts'
import { withClient } from '../db/with-client.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import type { OwnBatches } from '../event/own-batches.ts'
import { announcementSql } from './announce.ts'
import { copyEvents } from './copy-events.ts'
import type { EncodedEvent } from './encoded-events.ts'
import type { WriteBatch } from './write-batch.ts'
import { writeFailure } from './write-failures.ts'

/** An event that Postgres does not take, and why. It is kept in `quarantined_rows`. */
export interface RefusedEvent {
  event: EncodedEvent
  message: string
}

/** Writes events; resolves with those that Postgres refused, and rejects when it could not be asked: none is lost then. */
export type WriteEvents = (events: readonly EncodedEvent[]) => Promise<RefusedEvent[]>

export interface WriteEventsOptions {
  /** Writes what COPY does not take as it is: events that are stored already, or that Postgres refuses. */
  writeBatch: WriteBatch
  /** Where events are kept for a live stream in this process until their announcement comes back. */
  ownBatches?: OwnBatches
}

/** Writes encoded events to the table of a schema, each batch by one COPY. The pool is asked for at each batch. */
export function createWriteEvents(
  pool: () => Pool,
  schema: string,
  { writeBatch, ownBatches }: WriteEventsOptions,
): WriteEvents {
  async function copy(events: readonly EncodedEvent[]): Promise<void> {
    const times = events.map(event => event.timestampMs)
    const batch = ownBatches?.add(events)
    try {
      await withClient(
        pool(),
        client => copyFrom(client, [copyEvents(schema, events)], announcementSql(schema, times, batch)),
        // COPY is a transaction by itself: refused, it leaves nothing behind.
        error => writeFailure(error, true).reaction !== 'wait',
      )
    } catch (error) {
      if (batch !== undefined) ownBatches?.forget(batch)
      throw error
    }
  }

  async function writeRows(events: readonly EncodedEvent[], again: boolean): Promise<RefusedEvent[]> {
    if (events.length === 0) return []
    const records = events.map(event => ({ table: 'events' as const, row: event.toRow() }))
    const places = new Map<unknown, number>(records.map((record, place) => [record, place]))
    const refused = await writeBatch(records, { again })
    return refused.map(({ record, error }) => ({
      event: events[places.get(record) as number] as EncodedEvent,
      message: messageOf(error),
    }))
  }

  return async events => {
    const encoded = events.filter(event => event.bytes !== null)
    const others = encoded.length === events.length ? [] : events.filter(event => event.bytes === null)
    let refused: RefusedEvent[] = []
    try {
      if (encoded.length > 0) await copy(encoded)
    } catch (cause) {
      const { reaction, advice } = writeFailure(cause, true)
      if (reaction === 'wait') {
        throw new ObservabilityError('DATABASE_WRITE_FAILED', `${advice} (${messageOf(cause)})`, { cause })
      }
      refused = await writeRows(encoded, reaction === 'overwrite')
    }
    return [...refused, ...(await writeRows(others, false))]
  }
}

import type { JournalCodec } from '../buffer/journal/codec.ts'
import type { Entry } from '../buffer/row-buffer.ts'
import { Pack } from './pack.ts'
import { decodePack, encodePack } from './pack-codec.ts'
import { type Held, recordBytes, type StoreRecord } from './store-record.ts'
import { WRITE_ORDER } from './tables.ts'

/** How recorded rows are kept in the journal, and what of them counts as detail when it is full. */
export const recordCodec: JournalCodec<Held, StoreRecord> = {
  // A record may have more to it than that.
  encode: held => (held instanceof Pack ? encodePack(held) : JSON.stringify({ table: held.table, row: held.row })),

  decode(text) {
    try {
      const record = parseRecord(text)
      return record && entryOf(record)
    } catch {
      return null
    }
  },

  decodeBlock: (head, bytes) => decodePack(head, bytes)?.map(entryOf) ?? null,

  // Lines of output, and packs, have one version only.
  version: held => (held instanceof Pack || held.table === 'events' ? '' : versionOf(held.row)),

  withoutDetail(record, what) {
    if (what === 'rows') return record.table === 'events' ? null : record
    switch (record.table) {
      case 'invocations': {
        const { row } = record
        if (row.source_event_payload === null && row.context_data === null) return record
        return { table: 'invocations', row: { ...row, source_event_payload: null, context_data: null } }
      }
      case 'job_executions': {
        const { row } = record
        if (row.job_options === null && row.result === null) return record
        return { table: 'job_executions', row: { ...row, job_options: null, result: null } }
      }
      case 'event_executions':
      case 'events':
        return record
      default:
        return record satisfies never
    }
  },
}

// Timestamps are text of one form, so their order is that of time. As in the database (upsert.ts), ended work does not run
// again: so the end counts also when the clock was set back between start and end.
function versionOf({ ended_at, updated_at }: { ended_at: string | null; updated_at: string }): string {
  return (ended_at === null ? '0 ' : '1 ') + updated_at
}

function entryOf(record: StoreRecord): Entry<StoreRecord> {
  return { key: record.row.id, row: record, bytes: recordBytes(record), since: cameAt(record) }
}

// In milliseconds of performance.now(), which began with this process: negative for rows of an earlier one.
function cameAt({ table, row }: StoreRecord): number {
  const recordedMs = Date.parse(table === 'events' ? row.timestamp : row.updated_at)
  return Math.floor(performance.now() - Math.max(0, Date.now() - recordedMs))
}

// The sum of its line was right, so it is what some version of this program wrote; its columns are Postgres' to judge.
function parseRecord(text: string): StoreRecord | null {
  const parsed: unknown = JSON.parse(text)
  const { table, row } = (parsed ?? {}) as { table?: unknown; row?: { id?: unknown } }
  const known = (WRITE_ORDER as readonly unknown[]).includes(table)
  if (!known || typeof row !== 'object' || typeof row?.id !== 'string') return null
  // Without a type and a time no table of events would take it.
  if (table === 'events' && !('event_type' in row && 'timestamp' in row)) return null
  return parsed as StoreRecord
}

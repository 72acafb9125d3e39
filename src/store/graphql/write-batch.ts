import { ObservabilityError } from '../../errors.ts'
import type { EventRow } from '../../event/event-row.ts'
import type { Row } from '../copy.ts'
import type { RefusedRow } from '../quarantine.ts'
import type { StoreRecord } from '../store-record.ts'
import { StoredChanges } from '../stored-changes.ts'
import type { TableName } from '../tables.ts'
import type { WriteBatch } from '../write-batch.ts'
import { writeFailure } from '../write-failures.ts'
import { GraphqlFailure } from './failures.ts'
import { encodeRow, type Mutations } from './mutations.ts'
import type { SendMutation } from './send.ts'

export interface GraphqlWriteOptions {
  send: SendMutation
  mutations: Mutations
  /** Most rows in one request. */
  maxRows: number
  /** Most bytes of one request; a row that is larger goes alone. */
  maxBytes: number
  quarantine: (record: StoreRecord, error: unknown) => Promise<RefusedRow>
}

/** A record on its way. */
interface Item {
  record: StoreRecord
  /** Its row as JSON text. */
  text: string
  bytes: number
  /** The row change behind it, as JSON text, once it was made. */
  changeText: string | null
}

interface Refusal {
  record: StoreRecord
  error: unknown
  /** Null where the row is at fault for certain; else what to send once more. */
  doubtful: Item | null
}

/** What is known of one call, to tell a row that is at fault from a database that is. */
interface Progress {
  readonly tablesStored: Set<TableName>
  /** Failures that may be the database's, since something was stored. */
  doubts: number
  readonly maxDoubts: number
}

// As over SQL: such quarrels are over at once, or a pause settles them better.
const MAX_REPEATS = 3

/**
 * Writes records through mutations: always as upserts, because what an endpoint answers says nothing about what was there.
 * Each request is a transaction of its own, in the order of the records, so that parents come before their children.
 */
export function createGraphqlWriteBatch({
  send,
  mutations,
  maxRows,
  maxBytes,
  quarantine,
}: GraphqlWriteOptions): WriteBatch {
  const changes = new StoredChanges()

  async function attempt(items: readonly Item[]): Promise<GraphqlFailure | null> {
    const rows = new Map<TableName, string[]>()
    const put = (table: TableName, text: string): void => {
      const texts = rows.get(table)
      if (texts) texts.push(text)
      else rows.set(table, [text])
    }
    // Two deliveries of one change make one event.
    const made = new Set<string>()
    for (const item of items) {
      const { record, text } = item
      put(record.table, text)
      if (record.table !== 'invocations') continue
      const change = changes.changeOf(record.row, made)
      if (change === null) continue
      made.add(record.row.source_event_id as string)
      item.changeText ??= encodeRow('events', change as EventRow as Row)
      put('events', item.changeText)
    }
    for (let repeats = 0; ; repeats++) {
      try {
        await send(mutations.write(rows))
        changes.stored(items.map(item => item.record))
        return null
      } catch (error) {
        if (!(error instanceof GraphqlFailure)) throw error
        if (error.reaction === 'wait') throw error
        if (error.reaction !== 'repeat') return error
        if (repeats === MAX_REPEATS) throw error
      }
    }
  }

  /** Halves what is refused until the row that is not taken stands alone; all others are stored. */
  async function store(items: readonly Item[], progress: Progress): Promise<Refusal[]> {
    const failure = await attempt(items)
    if (failure === null) {
      progress.doubts = 0
      for (const { record } of items) progress.tablesStored.add(record.table)
      return []
    }
    // Nothing gets through: the rows cannot all be at fault.
    if (failure.reaction === 'doubt' && ++progress.doubts > progress.maxDoubts) throw failure
    const [only] = items
    if (only && items.length === 1) {
      return [{ record: only.record, error: failure, doubtful: failure.reaction === 'doubt' ? only : null }]
    }
    const middle = items.length >> 1
    const first = await store(items.slice(0, middle), progress)
    return [...first, ...(await store(items.slice(middle), progress))]
  }

  return async records => {
    const { items, refusals } = encodeAll(records)
    const progress: Progress = {
      tablesStored: new Set(),
      doubts: 0,
      maxDoubts: 2 * Math.ceil(Math.log2(maxRows + 1)) + 2,
    }
    try {
      for (const request of requests(items, maxRows, maxBytes)) refusals.push(...(await store(request, progress)))
      const unproven = refusals.find(({ doubtful, record }) => doubtful && !progress.tablesStored.has(record.table))
      if (unproven) throw unproven.error
      const refused: RefusedRow[] = []
      for (const { record, error, doubtful } of refusals) {
        // The endpoint may have become well between this row and those that it took.
        if (doubtful && (await attempt([doubtful])) === null) continue
        refused.push(await quarantine(record, error))
      }
      return refused
    } catch (cause) {
      if (!(cause instanceof GraphqlFailure)) throw cause
      throw new ObservabilityError('DATABASE_WRITE_FAILED', `${cause.advice} (${cause.message})`, { cause })
    }
  }
}

function encodeAll(records: readonly StoreRecord[]): { items: Item[]; refusals: Refusal[] } {
  const items: Item[] = []
  const refusals: Refusal[] = []
  for (const record of records) {
    try {
      const text = encodeRow(record.table, record.row as object as Row)
      const bytes = Buffer.byteLength(text)
      // The row change behind an invocation repeats most of its payload.
      items.push({ record, text, bytes: record.table === 'invocations' ? 2 * bytes : bytes, changeText: null })
    } catch (error) {
      if (!(error instanceof SyntaxError) && writeFailure(error).reaction !== 'refuse') throw error
      refusals.push({ record, error, doubtful: null })
    }
  }
  return { items, refusals }
}

/** Parents before children, as far as requests go: records come in the order in which work began. */
function* requests(items: readonly Item[], maxRows: number, maxBytes: number): Generator<Item[]> {
  let request: Item[] = []
  let bytes = 0
  for (const item of items) {
    if (request.length > 0 && (request.length === maxRows || bytes + item.bytes > maxBytes)) {
      yield request
      request = []
      bytes = 0
    }
    request.push(item)
    bytes += item.bytes
  }
  if (request.length > 0) yield request
}

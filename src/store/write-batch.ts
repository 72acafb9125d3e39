import { hostname } from 'node:os'
import { copyFrom } from '../db/copy-from.ts'
import type { ClientBase, Pool } from '../db/pool.ts'
import { withClient } from '../db/with-client.ts'
import { messageOf, ObservabilityError } from '../errors.ts'
import type { EventRow } from '../event/event-row.ts'
import type { OwnBatches } from '../event/own-batches.ts'
import { rowEvent } from '../event/row-json.ts'
import { announcementSql } from './announce.ts'
import { copySource, type Row, usedColumns } from './copy.ts'
import { type CopyBatch, copyBatch, PartlyStored } from './copy-batch.ts'
import { copyPacks, type Pack, unpacked } from './pack.ts'
import { quarantine, type RefusedRow } from './quarantine.ts'
import { SentRows } from './sent-rows.ts'
import type { StoreRecord } from './store-record.ts'
import { StoredChanges } from './stored-changes.ts'
import { COLUMNS, type TableName, WRITE_ORDER } from './tables.ts'
import { upsertParameters, upsertSql } from './upsert.ts'
import { writeFailure } from './write-failures.ts'

/** Writes records; resolves with those that Postgres refused, and rejects when it could not be asked: none is lost then. */
export type WriteBatch = (records: readonly StoreRecord[], how?: HowToWrite) => Promise<RefusedRow[]>

export interface HowToWrite {
  /** Any of the records may be stored already. @default false */
  again?: boolean
  /** Packs that are to be written with them. A writer without a packer gets none. */
  packs?: readonly Pack[]
}

export interface WriteBatchOptions {
  /** Who writes, for `quarantined_rows`. @default '<host>:<process id>' */
  instance?: string
  /** Where rows are kept for a live stream in this process until their announcement comes back. */
  ownBatches?: OwnBatches
  /** Which row changes are stored, where somebody else makes packs with such. */
  changes?: StoredChanges
}

interface Refusal {
  record: StoreRecord
  error: unknown
}

// Deadlocks and the like are over at once, or they are a lasting quarrel that a pause settles better.
const MAX_REPEATS = 3
const EXECUTIONS = WRITE_ORDER.filter(table => table !== 'events')

/**
 * Writes to the tables of a schema; a batch is one transaction, or two (see copyBatch). New rows go by COPY, rows that may be
 * stored already by upsert: see docs/decisions/0003-copy-first.md. The pool is asked for at each batch.
 */
export function createWriteBatch(
  pool: () => Pool,
  schema: string,
  { instance = `${hostname()}:${process.pid}`, ownBatches, changes = new StoredChanges() }: WriteBatchOptions = {},
): WriteBatch {
  const upserts = new Map<TableName, string>(EXECUTIONS.map(table => [table, upsertSql(schema, table)]))
  const sent = new SentRows()

  /** What COPY brings: rows that are new, and packs. */
  function newRows(
    fresh: ReadonlyMap<TableName, readonly Row[]>,
    packs: readonly Pack[],
  ): Omit<CopyBatch, 'announcements'> {
    const copies = [...copyPacks(schema, packs), ...[...fresh].map(([table, rows]) => copySource(schema, table, rows))]
    return { copies, rows: sum([...fresh.values()], rows => rows.length) + sum(packs, pack => pack.rows) }
  }

  async function copyOnly(client: ClientBase, fresh: readonly StoreRecord[], packs: readonly Pack[]): Promise<void> {
    const rows = changes.addedTo(byTable(fresh), new Set())
    const batch = newRows(rows, packs)
    if (batch.copies.length === 0) return
    const events = eventsOf(rows)
    const packed = packedTimes(packs)
    // What COPY stores was not there before; of an upsert nobody knows which rows were.
    const own = events.length > 0 && packed.length === 0 ? ownBatches?.add(events.map(rowEvent)) : undefined
    try {
      const announcements = announcementSql(schema, [...timesOf(events), ...packed], own)
      await copyBatch(pool(), client, { ...batch, announcements })
    } catch (error) {
      if (own !== undefined) ownBatches?.forget(own)
      throw error
    }
  }

  /** In one transaction. */
  async function copyAndUpsert(
    client: ClientBase,
    fresh: readonly StoreRecord[],
    again: readonly StoreRecord[],
    packs: readonly Pack[],
  ): Promise<void> {
    // Conflicts within one COPY would be ours: two deliveries of one change make one event.
    const made = new Set<string>()
    const freshRows = changes.addedTo(byTable(fresh), made)
    const againRows = changes.addedTo(byTable(again), made)
    await client.query('BEGIN')
    const { copies } = newRows(freshRows, packs)
    if (copies.length > 0) await copyFrom(client, copies)
    for (const [table, rows] of againRows) {
      // Of the many columns of an event only those in use; an execution's are few, and their statement is always the same.
      const columns = table === 'events' ? usedColumns(table, rows) : Object.keys(COLUMNS[table])
      const sql = upserts.get(table) ?? upsertSql(schema, table, columns)
      await client.query(sql, upsertParameters(columns, rows))
    }
    const times = [...timesOf(eventsOf(freshRows)), ...timesOf(eventsOf(againRows)), ...packedTimes(packs)]
    for (const sql of announcementSql(schema, times)) await client.query(sql)
    await client.query('COMMIT')
  }

  /** Resolves with the error when the server answered with one that the rows, not the server, are the cause of. */
  function attempt(
    fresh: readonly StoreRecord[],
    again: readonly StoreRecord[],
    packs: readonly Pack[],
  ): Promise<unknown> {
    return withClient(pool(), async client => {
      try {
        if (again.length === 0) await copyOnly(client, fresh, packs)
        else await copyAndUpsert(client, fresh, again, packs)
        return null
      } catch (error) {
        const cause = error instanceof PartlyStored ? error.cause : error
        // Thrown on, it closes the connection, which rolls back.
        if (writeFailure(cause, fresh.length + packs.length > 0).reaction === 'wait') throw cause
        if (again.length > 0) await client.query('ROLLBACK')
        return error
      }
    })
  }

  async function store(
    records: readonly StoreRecord[],
    mayBeStored: (record: StoreRecord) => boolean,
    packs: readonly Pack[] = [],
  ): Promise<Refusal[]> {
    const again = records.filter(mayBeStored)
    const fresh = again.length === 0 ? records : records.filter(record => !mayBeStored(record))
    for (let repeats = 0; ; repeats++) {
      const error = await attempt(fresh, again, packs)
      if (error === null) {
        sent.stored(records)
        changes.stored(records)
        return []
      }
      if (error instanceof PartlyStored) return store(unpacked(packs, records), () => true)
      const { reaction } = writeFailure(error, fresh.length + packs.length > 0)
      switch (reaction) {
        case 'repeat':
          if (repeats === MAX_REPEATS) throw error
          continue
        case 'overwrite':
          if (fresh.length + packs.length > 0) return store(unpacked(packs, records), () => true)
          return refuse(records, error, mayBeStored)
        default:
          return refuse(unpacked(packs, records), error, mayBeStored)
      }
    }
  }

  // Halves a refused batch until the row that Postgres does not take stands alone; all others are stored.
  async function refuse(
    records: readonly StoreRecord[],
    error: unknown,
    mayBeStored: (record: StoreRecord) => boolean,
  ): Promise<Refusal[]> {
    const [only] = records
    if (only && records.length === 1) return [{ record: only, error }]
    const middle = records.length >> 1
    const first = await store(records.slice(0, middle), mayBeStored)
    return [...first, ...(await store(records.slice(middle), mayBeStored))]
  }

  return async (records, { again = false, packs = [] } = {}) => {
    try {
      const refused: RefusedRow[] = []
      const doubtful = again || packs.some(pack => pack.isDoubtful)
      const refusals = doubtful
        ? await store(unpacked(packs, records), () => true)
        : await store(records, record => sent.has(record), packs)
      for (const { record, error } of refusals) {
        refused.push(await quarantine(pool(), schema, record, error, instance))
      }
      return refused
    } catch (cause) {
      sent.uncertain(records)
      for (const pack of packs) pack.isDoubtful = true
      const { advice } = writeFailure(cause)
      throw new ObservabilityError('DATABASE_WRITE_FAILED', `${advice} (${messageOf(cause)})`, { cause })
    }
  }
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

// The rows of a table are of its type.
const eventsOf = (tables: ReadonlyMap<TableName, readonly Row[]>): readonly EventRow[] =>
  (tables.get('events') ?? []) as readonly object[] as readonly EventRow[]

/** When the row changes in packs were made. */
const packedTimes = (packs: readonly Pack[]): number[] => packs.flatMap(pack => pack.changes.map(({ atMs }) => atMs))

const timesOf = (events: readonly EventRow[]): number[] => events.map(event => Date.parse(event.timestamp))

function byTable(records: readonly StoreRecord[]): Map<TableName, Row[]> {
  const tables = new Map<TableName, Row[]>(WRITE_ORDER.map(table => [table, []]))
  for (const { table, row } of records) tables.get(table)?.push(row as object as Row)
  for (const [table, rows] of tables) if (rows.length === 0) tables.delete(table)
  return tables
}

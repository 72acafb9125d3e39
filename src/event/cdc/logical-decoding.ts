import { Fields, isObject } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import { ItemError } from '../item-error.ts'
import type { EventDraft, SourceContext } from '../source.ts'
import type { Timestamp } from '../unified-event.ts'
import { changeColumns, changeData, type Operation, type RowChange } from './row-change.ts'

type Row = Record<string, unknown>

const ACTIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    I: 'insert',
    U: 'update',
    D: 'delete',
    T: 'truncate',
    M: 'message',
  }),
)
const KINDS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    insert: 'insert',
    update: 'update',
    delete: 'delete',
    truncate: 'truncate',
    message: 'message',
  }),
)

export function isLogicalMessage(item: unknown): boolean {
  return isObject(item) && (Array.isArray(item.change) || (typeof item.action === 'string' && item.action.length === 1))
}

interface Transaction {
  lsn: string | null
  id: string | null
  timestamp: Timestamp | null
}

/**
 * A message of Postgres' logical decoding as the plugin wal2json writes it: one change (format 2), or a transaction with all
 * of its changes (format 1). The begin and the end of a transaction are no changes.
 */
export function logicalEvents(item: unknown, context: SourceContext): EventDraft[] {
  const fields = new Fields(item)
  const transaction: Transaction = {
    lsn: fields.text('lsn') ?? fields.text('nextlsn'),
    id: fields.text('xid'),
    timestamp: fields.time('timestamp'),
  }
  const changes = fields.list('change')
  if (changes !== null) {
    return changes.map((change, index) =>
      toEvent(readFormat1(new Fields(change, `change.${index}`)), transaction, index, context),
    )
  }
  const action = fields.requiredText('action')
  if (action === 'B' || action === 'C') return []
  const operation = ACTIONS.get(action)
  if (operation === undefined) throw fields.wrong('action', `one of ${[...ACTIONS.keys()].join(', ')}, B, C`)
  return [toEvent(readFormat2(operation, fields), transaction, 0, context)]
}

interface Change extends RowChange {
  more: Record<string, unknown>
}

function readFormat2(operation: Operation, fields: Fields): Change {
  const columns = namedValues(fields.list('columns'))
  const identity = namedValues(fields.list('identity'))
  const primary =
    fields
      .list('pk')
      ?.filter(isObject)
      .map(column => String(column.name)) ?? []
  const row = columns ?? identity
  const key = row !== null && primary.length > 0 ? Object.fromEntries(primary.map(name => [name, row[name]])) : null
  return {
    operation,
    schema: fields.text('schema'),
    table: operation === 'message' ? (fields.text('prefix') ?? 'message') : fields.requiredText('table'),
    database: null,
    before: operation === 'insert' ? null : identity,
    after: operation === 'delete' ? null : columns,
    key,
    more: { message: operation === 'message' ? fields.any('content') : null },
  }
}

function readFormat1(fields: Fields): Change {
  const operation = KINDS.get(fields.requiredText('kind'))
  if (operation === undefined) throw fields.wrong('kind', `one of ${[...KINDS.keys()].join(', ')}`)
  const old = fields.fields('oldkeys')
  const before = old ? zip(old.list('keynames'), old.list('keyvalues')) : null
  return {
    operation,
    schema: fields.text('schema'),
    table: operation === 'message' ? (fields.text('prefix') ?? 'message') : fields.requiredText('table'),
    database: null,
    before,
    after: zip(fields.list('columnnames'), fields.list('columnvalues')),
    key: null,
    more: { message: operation === 'message' ? fields.any('content') : null },
  }
}

function toEvent(change: Change, transaction: Transaction, index: number, context: SourceContext): EventDraft {
  const { operation, schema, table, before, after, more } = change
  return {
    ...changeColumns(change, context.ns),
    event_type: 'cdc',
    ns: context.ns,
    id: hashedId(
      'wal',
      transaction.lsn,
      transaction.id,
      transaction.timestamp,
      index,
      operation,
      schema,
      table,
      before,
      after,
      more,
    ),
    timestamp: transaction.timestamp,
    transaction_id: transaction.id,
    db_system: 'postgresql',
    db_lsn: transaction.lsn,
    data: changeData(change, more),
    event_source: 'logical_decoding',
  }
}

function namedValues(columns: readonly unknown[] | null): Row | null {
  if (columns === null) return null
  const row = Object.create(null) as Row
  for (const column of columns) {
    if (!isObject(column) || typeof column.name !== 'string') throw new ItemError('a column has no name')
    row[column.name] = column.value
  }
  return row
}

function zip(names: readonly unknown[] | null, values: readonly unknown[] | null): Row | null {
  if (names === null) return null
  if (values?.length !== names.length) throw new ItemError('a change has not as many values as columns')
  const row = Object.create(null) as Row
  for (const [index, name] of names.entries()) row[String(name)] = values[index]
  return row
}

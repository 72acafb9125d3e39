import { Fields, isObject } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import { ItemError } from '../item-error.ts'
import type { EventDraft, SourceContext } from '../source.ts'
import { changeColumns, changeData, rowOrNull } from './row-change.ts'

const OPERATIONS = ['insert', 'update', 'delete', 'truncate', 'read'] as const

export function isPlainChange(item: unknown): boolean {
  return isObject(item) && typeof item.operation === 'string' && typeof item.table === 'string'
}

/** A change as `{ operation, table, schema, primaryKey, before, after, transactionId, lsn, version, timestamp, dbSystem }`. */
export function plainChangeEvents(item: unknown, context: SourceContext): EventDraft[] {
  const fields = new Fields(item)
  const operation = OPERATIONS.find(each => each === fields.requiredText('operation').toLowerCase())
  if (operation === undefined) throw fields.wrong('operation', `one of ${OPERATIONS.join(', ')}`)
  const timestamp = fields.time('timestamp')
  if (timestamp === null) throw new ItemError('timestamp is missing')
  const primaryKey = fields.any('primaryKey')
  const change = {
    operation,
    schema: fields.text('schema'),
    table: fields.requiredText('table'),
    database: fields.text('database'),
    before: rowOrNull(fields.object('before')),
    after: rowOrNull(fields.object('after')),
    key: isObject(primaryKey) ? primaryKey : primaryKey === null ? null : { key: primaryKey },
  }
  const ns = fields.text('ns') ?? context.ns
  const transaction = fields.text('transactionId')
  const lsn = fields.text('lsn')
  const version = fields.whole('version')
  const { before, after } = change
  return [
    {
      ...changeColumns(change, ns),
      event_type: 'cdc',
      ns,
      id: hashedId(
        'cdc',
        ns,
        change.schema,
        change.table,
        operation,
        primaryKey,
        transaction,
        lsn,
        version,
        timestamp,
        before,
        after,
      ),
      timestamp,
      transaction_id: transaction,
      correlation_id: fields.text('correlationId'),
      db_system: fields.text('dbSystem'),
      db_lsn: lsn,
      db_version: version,
      data: changeData(change),
      attributes: fields.rest(),
      event_source: 'cdc',
    },
  ]
}

import { Fields, isObject, merged, toWhole } from '../fields.ts'
import { hashedId } from '../finish-event.ts'
import type { EventDraft, SourceContext } from '../source.ts'
import { nanosToTime, readNanos } from '../times.ts'
import { changeColumns, changeData, type Operation, rowOrNull } from './row-change.ts'

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    c: 'insert',
    u: 'update',
    d: 'delete',
    r: 'read',
    t: 'truncate',
    m: 'message',
  }),
)
const SYSTEMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    postgresql: 'postgresql',
    mysql: 'mysql',
    sqlserver: 'microsoft.sql_server',
  }),
)

const envelopeOf = (item: unknown): unknown => (isObject(item) && isObject(item.payload) ? item.payload : item)

export function isDebezium(item: unknown): boolean {
  const envelope = envelopeOf(item)
  return isObject(envelope) && typeof envelope.op === 'string' && isObject(envelope.source)
}

/** The envelope of Debezium, bare or below `payload` with its schema; `key` may stand beside it. */
export function debeziumEvents(item: unknown, context: SourceContext): EventDraft[] {
  const fields = new Fields(envelopeOf(item))
  const source = fields.fields('source') as Fields
  const operation = OPERATIONS.get(fields.requiredText('op'))
  if (operation === undefined) throw fields.wrong('op', `one of ${[...OPERATIONS.keys()].join(', ')}`)
  const key = rowOrNull(isObject(item) && isObject(item.key) ? (rowOrNull(item.key.payload) ?? item.key) : null)
  const change = {
    operation,
    schema: source.text('schema'),
    table: source.text('table') ?? source.text('collection') ?? '(none)',
    database: source.text('db'),
    before: rowOrNull(fields.object('before')),
    after: rowOrNull(fields.object('after')),
    key,
  }
  const connector = source.text('connector')
  // When it was committed in the source's database; when Debezium came to read it differs with each reading.
  const nanos = readNanos(source.any('ts_ns'))
  const micros = toWhole(source.any('ts_us'))
  const timestamp =
    nanos !== null
      ? nanosToTime(nanos)
      : typeof micros === 'number'
        ? nanosToTime(BigInt(micros) * 1_000n)
        : source.time('ts_ms')
  const file = source.text('file')
  const lsn =
    source.text('lsn') ?? (file === null ? null : `${file}:${source.text('pos') ?? ''}:${source.text('row') ?? ''}`)
  const transaction = source.text('txId') ?? source.text('gtid')
  const read = fields.fields('transaction')
  return [
    {
      ...changeColumns(change, context.ns),
      event_type: 'cdc',
      ns: context.ns,
      id: hashedId(
        'debezium',
        connector,
        source.text('name'),
        change.database,
        change.schema,
        change.table,
        lsn,
        transaction,
        operation,
        key,
        change.before,
        change.after,
      ),
      timestamp,
      timestamp_ns: nanos,
      transaction_id: transaction ?? read?.text('id') ?? null,
      db_system: connector === null ? null : (SYSTEMS.get(connector) ?? connector),
      db_lsn: lsn,
      data: changeData(change, { snapshot: source.any('snapshot'), message: fields.any('message') }),
      attributes: merged({ source: source.rest(), connector, server: source.text('name'), ...fields.rest() }),
      event_source: 'debezium',
    },
  ]
}

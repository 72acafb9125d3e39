import { extractCorrelation } from '../../correlation/extract.ts'
import { spanIdOf } from '../../correlation/trace-ids.ts'
import { Fields, isObject, merged } from '../fields.ts'
import { ItemError } from '../item-error.ts'
import type { EventDraft, SourceContext } from '../source.ts'
import { hasuraEventId } from './hasura-id.ts'
import { changeColumns, changeData, type Operation, rowOrNull } from './row-change.ts'

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    INSERT: 'insert',
    UPDATE: 'update',
    DELETE: 'delete',
    MANUAL: 'manual',
  }),
)

export function isHasuraPayload(item: unknown): boolean {
  return isObject(item) && isObject(item.event) && isObject(item.table) && 'op' in item.event
}

/** The payload of a Hasura event trigger. A redelivery has the same id and time, so it is the same event. */
export function hasuraEvents(item: unknown, context: SourceContext): EventDraft[] {
  const fields = new Fields(item)
  const event = fields.fields('event') as Fields
  const table = fields.fields('table') as Fields
  const operation = OPERATIONS.get(event.text('op') ?? '')
  if (operation === undefined) throw new ItemError('event.op is none of INSERT, UPDATE, DELETE, MANUAL')
  const id = fields.requiredText('id')
  const timestamp = fields.time('created_at')
  if (timestamp === null) throw new ItemError('created_at is missing')
  const data = event.fields('data')
  const change = {
    operation,
    schema: table.text('schema') ?? 'public',
    table: table.requiredText('name'),
    database: null,
    before: rowOrNull(data?.object('old')),
    after: rowOrNull(data?.object('new')),
    key: null,
  }
  const session = lowerCased(event.object('session_variables'))
  const correlation = extractCorrelation(item)
  const trigger = fields.fields('trigger')?.text('name') ?? null
  return [
    {
      ...changeColumns(change, context.ns),
      event_type: 'cdc',
      ns: context.ns,
      id: hasuraEventId(id),
      timestamp,
      trace_id: correlation.traceId,
      parent_id: correlation.sourceJobId === null ? correlation.parentSpanId : spanIdOf(correlation.sourceJobId),
      correlation_id: correlation.correlationId,
      actor_id: session['x-hasura-user-id'] ?? null,
      actor_type: session['x-hasura-role'] ?? null,
      db_system: 'postgresql',
      data: changeData(change, { trigger, source_job_id: correlation.sourceJobId }),
      attributes: merged({ ...session, delivery: fields.object('delivery_info') }),
      event_source: 'hasura',
    },
  ]
}

function lowerCased(session: Readonly<Record<string, unknown>> | null): Record<string, string> {
  const texts = Object.entries(session ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value]))
}

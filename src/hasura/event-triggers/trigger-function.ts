import { createHash } from 'node:crypto'
import { quoteIdent, quoteLiteral } from '../../db/identifiers.ts'
import { DELIVERY_CHANNEL, DELIVERY_SCHEMA } from './schema.ts'

export type RowOperation = 'INSERT' | 'UPDATE' | 'DELETE'

export type ColumnSelection = '*' | readonly string[]

/** One operation of one event trigger on one table. */
export interface RowTrigger {
  sourceName: string
  triggerName: string
  table: { schema: string; name: string }
  operation: RowOperation
  /** UPDATE only: the change of which columns counts. */
  columns: ColumnSelection
  /** Which columns are delivered. */
  payload: ColumnSelection
}

const MAX_IDENTIFIER_BYTES = 63

/**
 * The name of the trigger and of its function: readable at the front, unique through a hash at the end, so that long
 * names and equal names of two sources in one database stay apart.
 */
export function rowTriggerName(trigger: RowTrigger): string {
  const unique = createHash('sha256')
    .update(JSON.stringify([trigger.sourceName, trigger.triggerName, trigger.operation]))
    .digest('hex')
    .slice(0, 12)
  const end = `_${trigger.operation.toLowerCase()}_${unique}`
  return `${firstBytes(trigger.triggerName, MAX_IDENTIFIER_BYTES - end.length)}${end}`
}

/** The trigger's function, complete with its name. */
export function triggerFunctionSql(trigger: RowTrigger): string {
  const changed = trigger.operation === 'UPDATE' ? changedCondition(trigger.columns) : 'true'
  const body = `
BEGIN
  IF ${changed} THEN
    INSERT INTO ${quoteIdent(DELIVERY_SCHEMA)}.event_log
      (source_name, trigger_name, schema_name, table_name, op, data_old, data_new, session_variables, trace_context)
    VALUES (
      ${quoteLiteral(trigger.sourceName)},
      ${quoteLiteral(trigger.triggerName)},
      ${quoteLiteral(trigger.table.schema)},
      ${quoteLiteral(trigger.table.name)},
      ${quoteLiteral(trigger.operation)},
      ${trigger.operation === 'INSERT' ? 'NULL' : rowJson('OLD', trigger.payload)},
      ${trigger.operation === 'DELETE' ? 'NULL' : rowJson('NEW', trigger.payload)},
      nullif(current_setting('hasura.user', true), ''),
      nullif(current_setting('hasura.tracecontext', true), '')
    );
    PERFORM pg_notify(${quoteLiteral(DELIVERY_CHANNEL)}, '');
  END IF;
  RETURN NULL;
END
`
  // SECURITY DEFINER: whoever may write the table must be able to record the change without rights on our schema.
  return `CREATE OR REPLACE FUNCTION ${functionName(trigger)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS ${quoteLiteral(body)}`
}

export function createTriggerSql(trigger: RowTrigger): string {
  return `CREATE TRIGGER ${quoteIdent(rowTriggerName(trigger))}
AFTER ${trigger.operation} ON ${quoteIdent(trigger.table.schema)}.${quoteIdent(trigger.table.name)}
FOR EACH ROW EXECUTE FUNCTION ${functionName(trigger)}()`
}

function functionName(trigger: RowTrigger): string {
  return `${quoteIdent(DELIVERY_SCHEMA)}.${quoteIdent(rowTriggerName(trigger))}`
}

// The stored values are compared, so this works for types without an equality operator (json, xml, point). The
// function and not its operator *<>, which Postgres would take apart column by column.
function changedCondition(columns: ColumnSelection): string {
  if (columns === '*') return 'record_image_ne(OLD, NEW)'
  if (columns.length === 0) return 'false'
  const row = (record: 'OLD' | 'NEW'): string =>
    `ROW(${columns.map(column => `${record}.${quoteIdent(column)}`).join(', ')})`
  return `record_image_ne(${row('OLD')}, ${row('NEW')})`
}

function rowJson(record: 'OLD' | 'NEW', payload: ColumnSelection): string {
  if (payload === '*') return `row_to_json(${record})`
  // Through a subquery, because a function takes at most 100 arguments and a table may have more columns.
  const columns = payload.map(column => `${record}.${quoteIdent(column)} AS ${quoteIdent(column)}`)
  return columns.length === 0
    ? `'{}'::json`
    : `(SELECT row_to_json(selected) FROM (SELECT ${columns.join(', ')}) AS selected)`
}

function firstBytes(text: string, maxBytes: number): string {
  let kept = ''
  let bytes = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    kept += character
  }
  return kept
}

import { debeziumEvents, isDebezium } from '../cdc/debezium.ts'
import { hasuraEvents, isHasuraPayload } from '../cdc/hasura.ts'
import { isLogicalMessage, logicalEvents } from '../cdc/logical-decoding.ts'
import { isPlainChange, plainChangeEvents } from '../cdc/plain.ts'
import { ItemError } from '../item-error.ts'
import type { Source } from '../source.ts'

/**
 * A row change, in any of the forms it comes in: the payload of a Hasura event trigger, the envelope of Debezium, a message
 * of Postgres' logical decoding (wal2json, formats 1 and 2), or `{ operation, table, before, after, … }`.
 */
export const cdc: Source = {
  name: 'cdc',
  toEvents(item, context) {
    if (isHasuraPayload(item)) return hasuraEvents(item, context)
    if (isDebezium(item)) return debeziumEvents(item, context)
    if (isLogicalMessage(item)) return logicalEvents(item, context)
    if (isPlainChange(item)) return plainChangeEvents(item, context)
    throw new ItemError('it is no Hasura payload, Debezium envelope, wal2json message or { operation, table, … }')
  },
}

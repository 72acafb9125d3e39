import { EPOCH_MS } from '../db/binary-writer.ts'
import { InstantReader } from '../db/instant-reader.ts'
import { hasuraEventId } from '../event/cdc/hasura-id.ts'
import type { OpenInvocation } from '../record/open-invocation.ts'
import type { InvocationWriter } from './invocation-writer.ts'
import { memberStart, type Span, twoMembers } from './json-member.ts'
import { changeDataOf, OPERATIONS, tableNameOf } from './row-change.ts'
import { columnsOf, ROW_BYTES, WorkWriter } from './work-writer.ts'

/** The columns in the order of ChangeWriter.write. */
export const CHANGE_COLUMNS = columnsOf('events', [
  'id',
  'event_type',
  'event_name',
  'ns',
  'trace_id',
  'span_id',
  'parent_id',
  'correlation_id',
  'actor_id',
  'actor_type',
  'resource_type',
  'resource_id',
  'timestamp',
  'service_name',
  'db_system',
  'db_table',
  'db_operation',
  'db_row_id',
  'db_before',
  'db_after',
  'data',
  'day',
  'hour',
  'event_source',
  'ingested_at',
  'schema_version',
])

const MICROS_OF_HOUR = 3_600e6
const HOURS_OF_DAY = 24
const DATA = ['event', 'data']
const ROWS = ['old', 'new'] as const
const NO_ROWS = [null, null]

/** Writes the events that rowChangeOf makes, of invocations that were just written: their payload's bytes are there. */
export class ChangeWriter extends WorkWriter {
  readonly #times = new InstantReader()

  /** When the change was made, in milliseconds since 1970; null when nothing was written, because there is no row change to tell of. */
  write(invocation: OpenInvocation, written: InvocationWriter): number | null {
    const { start, source } = invocation
    const operation = OPERATIONS.get(source.operation)
    if (operation === undefined || source.eventId === null || start.replayOf !== null) return null
    const { eventTime: time } = source
    const micros = time === null ? invocation.startedUs - EPOCH_MS * 1_000 : this.#times.read(time)
    if (micros === null) return null
    const hours = Math.floor(micros / MICROS_OF_HOUR)
    this.reserve(ROW_BYTES)
    this.int16(CHANGE_COLUMNS.length)
    this.#text(hasuraEventId(source.eventId))
    this.#text('cdc')
    this.#text(`${tableNameOf(source.table)}.${operation}`)
    this.#text(source.functionName)
    this.#text(invocation.traceId)
    this.spanOf(invocation)
    this.#text(invocation.parentSpanId)
    this.#text(start.correlationId)
    this.#text(source.userEmail)
    this.#text(source.userRole)
    this.#text(source.table)
    this.#text(source.recordId)
    this.micros(micros)
    this.#text(source.functionName)
    this.#text('postgresql')
    this.#text(source.table)
    this.#text(operation)
    this.#text(source.recordId)
    this.#rows(invocation, written)
    this.text(changeDataOf(invocation.id, start.sourceJobId, start.payload.changedColumns), true, ROW_BYTES)
    const day = Math.floor(hours / HOURS_OF_DAY)
    this.integer(day)
    this.smallint(hours - day * HOURS_OF_DAY)
    this.#text('hasura')
    this.instant(invocation.startedUs)
    this.integer(1)
    return Math.floor(micros / 1_000) + EPOCH_MS
  }

  #rows(invocation: OpenInvocation, written: InvocationWriter): void {
    const payload = invocation.start.payload.json
    const data = payload === null ? null : memberStart(payload, DATA)
    for (const row of payload === null || data === null ? NO_ROWS : twoMembers(payload, data, ROWS)) {
      if (payload === null || row === null || payload.startsWith('null', row.start)) this.null()
      else this.#part(payload, row, written)
    }
  }

  #part(payload: string, { start, end }: Span, written: InvocationWriter): void {
    // Where each character took one byte, the bytes stand where the characters do.
    if (written.payloadBytes !== payload.length) {
      this.text(payload.slice(start, end), true, ROW_BYTES)
      return
    }
    const length = end - start
    this.reserve(5 + length + ROW_BYTES)
    this.int32(1 + length)
    this.bytes[this.at++] = 1
    written.bytes.copy(this.bytes, this.at, written.payloadAt + start, written.payloadAt + end)
    this.at += length
  }

  #text(text: string | null): void {
    this.textOrNull(text, false, ROW_BYTES)
  }
}

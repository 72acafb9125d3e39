import { InstantReader } from '../db/instant-reader.ts'
import { previousJobOf } from '../record/invocation-row.ts'
import type { OpenInvocation } from '../record/open-invocation.ts'
import { columnsOf, isInteger, ROW_BYTES, WorkWriter } from './work-writer.ts'

/** The columns in the order of InvocationWriter.write. */
export const INVOCATION_COLUMNS = columnsOf('invocations', [
  'id',
  'correlation_id',
  'trace_id',
  'span_id',
  'parent_span_id',
  'created_at',
  'updated_at',
  'ended_at',
  'instance_id',
  'correlation_source',
  'correlation_detail',
  'source_function',
  'source_table',
  'source_operation',
  'source_system',
  'source_record_id',
  'source_job_id',
  'previous_job_id',
  'replay_of',
  'source_event_id',
  'source_event_payload',
  'source_event_time',
  'source_user_email',
  'source_user_role',
  'changed_columns',
  'total_duration_ms',
  'events_detected_count',
  'total_jobs_run',
  'total_jobs_succeeded',
  'total_jobs_failed',
  'auto_load_modules',
  'event_modules_directory',
  'status',
  'error_message',
  'error_stack',
  'context_data',
])

export class InvocationWriter extends WorkWriter {
  /** Where the text of the payload stands that was written last, in bytes. */
  payloadAt = 0
  payloadBytes = 0
  readonly #times = new InstantReader()

  /** False when a value has no binary form. */
  write(invocation: OpenInvocation): boolean {
    if (!isInteger(invocation.durationMs)) return false
    const { start, source } = invocation
    const { eventTime: time } = source
    const micros = time === null ? null : this.#times.read(time)
    if (time !== null && micros === null) return false
    this.reserve(ROW_BYTES)
    this.int16(INVOCATION_COLUMNS.length)
    this.shared(invocation)
    this.spanOf(invocation)
    this.#text(invocation.parentSpanId)
    this.instant(invocation.startedUs)
    this.instant(invocation.updatedUs)
    this.instantOrNull(invocation.endedUs)
    this.uuid(start.instanceId)
    this.#text(start.origin.source)
    this.#text(start.origin.detail)
    this.#text(source.functionName)
    this.#text(source.table)
    this.#text(source.operation)
    this.#text('hasura')
    this.#text(source.recordId)
    this.uuidOrNull(start.sourceJobId)
    this.uuidOrNull(previousJobOf(start))
    this.uuidOrNull(start.replayOf)
    this.uuidOrNull(source.eventId)
    this.payloadAt = this.at + 5
    this.#json(start.payload.json)
    this.payloadBytes = this.at - this.payloadAt
    if (micros === null) this.null()
    else this.micros(micros)
    this.#text(source.userEmail)
    this.#text(source.userRole)
    this.#json(start.payload.changedColumns)
    this.integer(invocation.durationMs)
    this.integer(invocation.detectedCount)
    this.integer(invocation.jobsCount)
    this.integer(invocation.jobsSucceeded)
    this.integer(invocation.jobsFailed)
    this.boolean(start.autoLoadModules)
    this.#text(invocation.modulesDirectory)
    this.#text(invocation.status)
    this.#text(invocation.errorMessage)
    this.#text(invocation.errorStack)
    this.#json(start.context.json)
    return true
  }

  #text(text: string | null): void {
    this.textOrNull(text, false, ROW_BYTES)
  }

  #json(json: string | null): void {
    this.textOrNull(json, true, ROW_BYTES)
  }
}

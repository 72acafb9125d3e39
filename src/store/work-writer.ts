import { BinaryWriter } from '../db/binary-writer.ts'
import type { BinaryColumn } from '../db/copy-binary.ts'
import { NO_DETAIL, type OpenEvent } from '../record/open-event.ts'
import type { OpenInvocation } from '../record/open-invocation.ts'
import type { OpenJob } from '../record/open-job.ts'
import { COLUMNS, type PostgresType, type TableName } from './tables.ts'

/** The columns in the order of EventWriter.write. Events that have others take another way. */
export const EVENT_COLUMNS = columnsOf('event_executions', [
  'id',
  'invocation_id',
  'correlation_id',
  'trace_id',
  'parent_span_id',
  'span_id',
  'created_at',
  'updated_at',
  'detection_ended_at',
  'ended_at',
  'event_name',
  'detected',
  'detection_duration_ms',
  'handler_duration_ms',
  'jobs_count',
  'jobs_succeeded',
  'jobs_failed',
  'status',
])

/** The columns in the order of JobWriter.write. */
export const JOB_COLUMNS = columnsOf('job_executions', [
  'id',
  'invocation_id',
  'correlation_id',
  'trace_id',
  'event_execution_id',
  'parent_span_id',
  'span_id',
  'created_at',
  'updated_at',
  'ended_at',
  'job_name',
  'job_function_name',
  'job_options',
  'duration_ms',
  'status',
  'result',
  'error_message',
  'error_stack',
])

export function columnsOf(table: TableName, names: readonly string[]): readonly BinaryColumn[] {
  const types = COLUMNS[table] as Readonly<Record<string, PostgresType>>
  return names.map(name => ({ name, type: types[name] as PostgresType }))
}

// The values of a row besides its texts; trace ids and states are short.
export const ROW_BYTES = 512
const MAX_INTEGER = 2 ** 31 - 1

export const isInteger = (value: number | null): boolean => value === null || value <= MAX_INTEGER

/** Values that all rows of an invocation share are copied from the row before. */
export class WorkWriter extends BinaryWriter {
  /** Writes the same invocations before this one. */
  readonly #before: WorkWriter | null
  #invocation: OpenInvocation | null = null
  #sharedAt = 0
  #sharedBytes = 0

  constructor(bytes: Buffer, before: WorkWriter | null = null) {
    super(bytes)
    this.#before = before
  }

  /** What was written so far. The next bytes go elsewhere. */
  take(next: Buffer): Uint8Array {
    const taken = this.bytes.subarray(0, this.at)
    this.bytes = next
    this.at = 0
    this.#invocation = null
    return taken
  }

  /** Goes back to where it was when `at` was this. */
  rewind(at: number): void {
    this.at = at
    this.#invocation = null
  }

  /** Ids of the invocation, its correlation and its trace. */
  protected shared(invocation: OpenInvocation): void {
    if (this.#invocation === invocation) {
      this.bytes.copyWithin(this.at, this.#sharedAt, this.#sharedAt + this.#sharedBytes)
      this.at += this.#sharedBytes
      return
    }
    this.#sharedAt = this.at
    const before = this.#before
    if (before !== null && before.#invocation === invocation) {
      const end = before.#sharedAt + before.#sharedBytes
      this.at += before.bytes.copy(this.bytes, this.at, before.#sharedAt, end)
    } else {
      this.idOf(invocation)
      this.uuid(invocation.start.correlationId)
      this.text(invocation.traceId, false, ROW_BYTES)
    }
    this.#sharedBytes = this.at - this.#sharedAt
    this.#invocation = invocation
  }

  protected idOf(invocation: OpenInvocation): void {
    if (invocation.start.givenId === null) this.idParts(invocation)
    else this.uuid(invocation.id)
  }

  protected idParts({ idMs, idSequence, idHigh, idLow }: OpenInvocation | OpenEvent | OpenJob): void {
    this.uuidOf(idMs, idSequence, idHigh, idLow)
  }

  protected spanOf(invocation: OpenInvocation): void {
    if (invocation.start.givenId === null) this.hex64(invocation.idHigh, invocation.idLow)
    else this.text(invocation.spanId, false, ROW_BYTES)
  }

  protected uuidOrNull(id: string | null): void {
    if (id === null) this.null()
    else this.uuid(id)
  }

  protected instantOrNull(micros: number): void {
    if (micros === 0) this.null()
    else this.instant(micros)
  }
}

export class EventWriter extends WorkWriter {
  /** False when the event has something that its columns here are not for. */
  write(event: OpenEvent): boolean {
    if (event.detail !== NO_DETAIL || !isInteger(event.detectionMs) || !isInteger(event.handlerMs)) return false
    this.reserve(ROW_BYTES)
    this.int16(EVENT_COLUMNS.length)
    this.idParts(event)
    this.shared(event.invocation)
    this.spanOf(event.invocation)
    this.hex64(event.idHigh, event.idLow)
    this.instant(event.startedUs)
    this.instant(event.updatedUs)
    this.instantOrNull(event.detectionEndedUs)
    this.instantOrNull(event.endedUs)
    this.text(event.cleanName, false, ROW_BYTES)
    this.boolean(event.detected)
    this.integer(event.detectionMs)
    this.integer(event.handlerMs)
    this.integer(event.jobsCount)
    this.integer(event.jobsSucceeded)
    this.integer(event.jobsFailed)
    this.text(event.status, false, ROW_BYTES)
    return true
  }
}

export class JobWriter extends WorkWriter {
  /** False when a value has no binary form. */
  write(job: OpenJob): boolean {
    if (!isInteger(job.durationMs)) return false
    const { event } = job
    this.reserve(ROW_BYTES)
    this.int16(JOB_COLUMNS.length)
    this.idParts(job)
    this.shared(event.invocation)
    this.idParts(event)
    this.hex64(event.idHigh, event.idLow)
    this.hex64(job.idHigh, job.idLow)
    this.instant(job.startedUs)
    this.instant(job.updatedUs)
    this.instantOrNull(job.endedUs)
    this.text(job.name, false, ROW_BYTES)
    this.textOrNull(job.functionName, false, ROW_BYTES)
    this.textOrNull(job.jobOptions, true, ROW_BYTES)
    this.integer(job.durationMs)
    this.text(job.status, false, ROW_BYTES)
    this.textOrNull(job.result, true, ROW_BYTES)
    this.textOrNull(job.errorMessage, false, ROW_BYTES)
    this.textOrNull(job.errorStack, false, ROW_BYTES)
    return true
  }
}

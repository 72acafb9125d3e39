import type { OpenEvent } from './open-event.ts'
import type { OpenInvocation } from './open-invocation.ts'
import type { OpenJob } from './open-job.ts'
import type { Recorded } from './records.ts'

// A row object with some twenty short values.
const OBJECT_BYTES = 700

/** About how much memory a recorded row holds, in bytes: its long texts and a constant for the rest. */
export function rowBytes(record: Recorded): number {
  return OBJECT_BYTES + 2 * longTextLength(record)
}

function longTextLength({ table, row }: Recorded): number {
  switch (table) {
    case 'invocations':
      return length(row.source_event_payload) + length(row.context_data) + length(row.error_stack)
    case 'event_executions':
      return (
        length(row.detection_error_stack) +
        length(row.handler_error_stack) +
        length(row.detection_facts) +
        length(row.columns_read)
      )
    case 'job_executions':
      return length(row.job_options) + length(row.result) + length(row.error_stack)
    case 'events':
      return row.log_message.length
  }
}

/** The same of work, of which no row has to be made for that. */
export function workBytes(work: OpenInvocation | OpenEvent | OpenJob): number {
  switch (work.table) {
    case 'invocations': {
      const { payload, context } = work.start
      return OBJECT_BYTES + 2 * (length(payload.json) + length(context.json) + length(work.errorStack))
    }
    case 'event_executions': {
      const { detectionErrorStack, handlerErrorStack, detectionFacts, columnsRead } = work.detail
      const texts =
        length(detectionErrorStack) + length(handlerErrorStack) + length(detectionFacts) + length(columnsRead)
      return OBJECT_BYTES + 2 * texts
    }
    case 'job_executions':
      return OBJECT_BYTES + 2 * (length(work.jobOptions) + length(work.result) + length(work.errorStack))
    default:
      return work satisfies never
  }
}

function length(text: string | null): number {
  return text === null ? 0 : text.length
}

import { NO_DETAIL, type OpenEvent } from './open-event.ts'
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
      return (
        length(row.source_event_payload) +
        length(row.changed_columns) +
        length(row.context_data) +
        length(row.error_message) +
        length(row.error_stack)
      )
    case 'event_executions':
      return (
        length(row.detection_error) +
        length(row.detection_error_stack) +
        length(row.handler_error) +
        length(row.handler_error_stack) +
        length(row.detection_facts) +
        length(row.columns_read)
      )
    case 'job_executions':
      return length(row.job_options) + length(row.result) + length(row.error_message) + length(row.error_stack)
    case 'events':
      return row.log_message.length
  }
}

/** The same of work, of which no row has to be made for that. */
export function workBytes(work: OpenInvocation | OpenEvent | OpenJob): number {
  switch (work.table) {
    case 'invocations': {
      const { payload, context } = work.start
      const captured = length(payload.json) + length(payload.changedColumns) + length(context.json)
      return OBJECT_BYTES + 2 * (captured + length(work.errorMessage) + length(work.errorStack))
    }
    case 'event_executions': {
      const { detail } = work
      if (detail === NO_DETAIL) return OBJECT_BYTES
      const errors = length(detail.detectionError) + length(detail.handlerError)
      const stacks = length(detail.detectionErrorStack) + length(detail.handlerErrorStack)
      return OBJECT_BYTES + 2 * (errors + stacks + length(detail.detectionFacts) + length(detail.columnsRead))
    }
    case 'job_executions': {
      const captured = length(work.jobOptions) + length(work.result)
      return OBJECT_BYTES + 2 * (captured + length(work.errorMessage) + length(work.errorStack))
    }
    default:
      return work satisfies never
  }
}

function length(text: string | null): number {
  return text === null ? 0 : text.length
}

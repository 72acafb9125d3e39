import { spanIdOf } from '../correlation/trace-ids.ts'
import type { OpenJob } from './open-job.ts'
import type { LogLevel, LogRow } from './records.ts'

// The severity numbers of OpenTelemetry's log data model.
const SEVERITY: Record<LogLevel, number> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17 }
/** Most characters of one line that are stored. */
export const MAX_MESSAGE_LENGTH = 16 * 1_024

/** A line of a job's output, as Postgres accepts it, as a row of the unified event table. `job.lines` is the line's number. */
export function toLogRow(job: OpenJob, line: { level: LogLevel; message: string; logger: string; at: string }): LogRow {
  const { invocation } = job
  const { functionName: service } = invocation.source
  return {
    // From the job and the line's number: written twice it is still one row, and ids sort in the order of output.
    id: `${job.id}:${String(job.lines).padStart(6, '0')}`,
    event_type: 'log',
    event_name: `job.${line.logger}`,
    ns: service,
    timestamp: line.at,
    trace_id: invocation.traceId,
    span_id: spanIdOf(job.id),
    correlation_id: invocation.start.correlationId,
    service_name: service,
    log_level: line.level,
    log_level_num: SEVERITY[line.level],
    log_message: line.message,
    log_logger: job.name,
    event_source: line.logger,
  }
}

import { Link } from '@tanstack/react-router'
import { CornerDownRight, Zap } from 'lucide-react'
import { memo } from 'react'
import { OperationTag } from '../../components/OperationTag.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { DurationText, RelativeTime } from '../../components/TimeText.tsx'
import { formatMicros, toDuration } from '../../model/duration.ts'
import { shortId, shortTable } from '../../model/names.ts'
import { isFailed, isRunning, toInvocationStatus } from '../../model/status.ts'
import type { ListRow } from './queries.ts'

const MAX_CHIPS = 3

export const InvocationRow = memo(function InvocationRow({ row, scaleMicros }: { row: ListRow; scaleMicros: number }) {
  const status = toInvocationStatus(row)
  return (
    <tr data-invocation={row.id} data-tone={status.tone}>
      <td className="cell-status">
        <StatusMark status={status} />
      </td>
      <td className="cell-time">
        <RelativeTime at={row.created_at} />
      </td>
      <td className="cell-change">
        <Link to="/chains/$rootId" params={{ rootId: row.id }} className="row-link" data-row-link>
          <OperationTag operation={row.source_operation} />
          <span className="mono table-name">{shortTable(row.source_table)}</span>
          {row.source_record_id && (
            <span className="mono quiet" title={row.source_record_id}>
              {shortId(row.source_record_id)}
            </span>
          )}
        </Link>
      </td>
      <td className="cell-function mono" title={row.source_function}>
        {row.source_function}
      </td>
      <td className="cell-events">
        <Events row={row} />
      </td>
      <td className="cell-jobs">
        <Jobs row={row} />
      </td>
      <td className="cell-duration">
        <DurationText
          createdAt={row.created_at}
          endedAt={row.ended_at}
          fallbackMs={row.total_duration_ms}
          running={isRunning(row.status)}
        />
        <DurationBar row={row} scaleMicros={scaleMicros} />
      </td>
      <td className="cell-cause">
        <Cause row={row} />
      </td>
    </tr>
  )
})

function Events({ row }: { row: ListRow }) {
  const shown = row.event_executions.filter(event => event.detected || isFailed(event.status))
  const asking = row.event_executions.filter(event => !event.detected && isRunning(event.status)).length
  const undetected = row.event_executions.length - shown.length - asking
  return (
    <span className="events">
      {shown.slice(0, MAX_CHIPS).map(event => (
        <span
          key={event.event_name}
          className="event-chip"
          data-tone={isFailed(event.status) ? 'failed' : undefined}
          title={event.event_name}
        >
          {isFailed(event.status) ? <StatusShape tone="failed" /> : <Zap size={11} aria-hidden="true" />}
          <span>{event.event_name}</span>
        </span>
      ))}
      {shown.length > MAX_CHIPS && (
        <span
          className="quiet"
          title={shown
            .slice(MAX_CHIPS)
            .map(event => event.event_name)
            .join(', ')}
        >
          +{shown.length - MAX_CHIPS}
        </span>
      )}
      {undetected > 0 && <span className="quiet">{undetected} not detected</span>}
      {asking > 0 && <span className="quiet">{asking} being asked</span>}
    </span>
  )
}

function Jobs({ row }: { row: ListRow }) {
  const open = row.total_jobs_run - row.total_jobs_succeeded - row.total_jobs_failed
  if (row.total_jobs_run === 0) return <span className="quiet">none</span>
  return (
    <span className="job-counts">
      {row.total_jobs_failed > 0 && <JobCount tone="failed" amount={row.total_jobs_failed} word="failed" />}
      {open > 0 && <JobCount tone="running" amount={open} word="open" />}
      {row.total_jobs_succeeded > 0 && <JobCount tone="ok" amount={row.total_jobs_succeeded} word="ok" />}
    </span>
  )
}

function JobCount({ tone, amount, word }: { tone: 'ok' | 'failed' | 'running'; amount: number; word: string }) {
  return (
    <span className="status" data-tone={tone}>
      <StatusShape tone={tone} />
      {amount} {word}
    </span>
  )
}

function DurationBar({ row, scaleMicros }: { row: ListRow; scaleMicros: number }) {
  const duration = toDuration(row.created_at, row.ended_at, row.total_duration_ms)
  if (!duration || scaleMicros === 0) return <span className="bar" />
  const share = duration.micros / scaleMicros
  return (
    <span className="bar" data-over={share > 1.001 || undefined} title={`A full bar is ${formatMicros(scaleMicros)}`}>
      <span style={{ width: `${Math.min(100, Math.max(2, share * 100))}%` }} />
    </span>
  )
}

function Cause({ row }: { row: ListRow }) {
  if (!row.source_job_id) return <span className="quiet">root</span>
  const cause = row.source_job_execution
  if (!cause)
    return (
      <span className="quiet" title={row.source_job_id}>
        a job not recorded
      </span>
    )
  return (
    <Link
      to="/chains/$rootId"
      params={{ rootId: cause.invocation_id }}
      search={{ sel: `job:${cause.id}` }}
      className="cause-link"
      title={`Caused by the job ${cause.job_name}`}
    >
      <CornerDownRight size={12} aria-hidden="true" />
      <span className="mono">{cause.job_name}</span>
    </Link>
  )
}

import { Link } from '@tanstack/react-router'
import { CornerDownRight, Zap } from 'lucide-react'
import { StatusShape } from '../../components/StatusMark.tsx'
import { formatMicros, toDuration } from '../../model/duration.ts'
import { count } from '../../model/names.ts'
import { isFailed, isRunning } from '../../model/status.ts'
import type { ListRow } from './queries.ts'

const MAX_CHIPS = 3

/** What was detected, by name, and how many modules said no. */
export function Events({ row }: { row: ListRow }) {
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
      {undetected > 0 && (
        <span className="quiet" title={`${count(undetected, 'event module')} asked and not detected`}>
          {shown.length > 0 ? `+${undetected} not` : `${undetected} not detected`}
        </span>
      )}
      {asking > 0 && <span className="quiet">{asking} being asked</span>}
    </span>
  )
}

export function Jobs({ row }: { row: ListRow }) {
  const open = row.total_jobs_run - row.total_jobs_succeeded - row.total_jobs_failed
  if (row.total_jobs_run === 0) return <span className="quiet">none</span>
  return (
    <span className="job-counts">
      {row.total_jobs_failed > 0 && <JobCount tone="failed" amount={row.total_jobs_failed} word="failed" />}
      {open > 0 && <JobCount tone="running" amount={open} word="open" />}
      {row.total_jobs_succeeded > 0 && (
        <JobCount tone="ok" amount={row.total_jobs_succeeded} word="ok" wordless={row.total_jobs_failed + open > 0} />
      )}
    </span>
  )
}

interface JobCountProps {
  tone: 'ok' | 'failed' | 'running'
  amount: number
  word: string
  /** The word is not seen, where others need the room. */
  wordless?: boolean
}

function JobCount({ tone, amount, word, wordless = false }: JobCountProps) {
  return (
    <span className="status" data-tone={tone} title={wordless ? `${amount} ${word}` : undefined}>
      <StatusShape tone={tone} />
      {amount} <span className={wordless ? 'sr-only' : undefined}>{word}</span>
    </span>
  )
}

/** The duration against what most rows on screen took. */
export function DurationBar({ row, scaleMicros }: { row: ListRow; scaleMicros: number }) {
  const duration = toDuration(row.created_at, row.ended_at, row.total_duration_ms)
  if (!duration || scaleMicros === 0) return <span className="bar" />
  const share = duration.micros / scaleMicros
  return (
    <span className="bar" data-over={share > 1.001 || undefined} title={`A full bar is ${formatMicros(scaleMicros)}`}>
      <span style={{ width: `${Math.min(100, Math.max(2, share * 100))}%` }} />
    </span>
  )
}

/** The job whose write fired it. */
export function Cause({ row }: { row: ListRow }) {
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
      className="cause-link over-row"
      title={`Caused by the job ${cause.job_name}`}
    >
      <CornerDownRight size={12} aria-hidden="true" />
      <span className="mono">{cause.job_name}</span>
    </Link>
  )
}

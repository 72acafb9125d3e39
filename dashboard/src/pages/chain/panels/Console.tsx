import { useLiveQuery } from '../../../api/use-live-query.ts'
import { ReadFailure, Section } from '../../../components/detail/parts.tsx'
import { useZone } from '../../../components/use-zone.ts'
import { formatOffset } from '../../../model/duration.ts'
import { count } from '../../../model/names.ts'
import { formatAbsolute, parseMicros } from '../../../model/time.ts'
import { JOB_LOGS, type LogLine, MAX_LOG_LINES } from '../queries.ts'

/** What the job wrote to its console, with the time since it started. */
export function Console({ jobId, startedAt, running }: { jobId: string; startedAt: string; running: boolean }) {
  // Lines are written in batches and may come after the job's own end.
  const { data, failure } = useLiveQuery(JOB_LOGS, { id: jobId, limit: MAX_LOG_LINES }, { every: running ? 1 : 3 })
  const lines = data?.job_executions_by_pk?.logs
  return (
    <Section title="Console" aside={lines && lines.length > 0 ? count(lines.length, 'line') : undefined}>
      <ReadFailure what="The console" failure={failure} />
      {lines?.length === 0 && (
        <p className="quiet">{running ? 'Nothing written so far.' : 'The job wrote nothing to its console.'}</p>
      )}
      {lines && lines.length > 0 && (
        <ol className="console" data-testid="console">
          {lines.map(line => (
            <Line key={line.id} line={line} startedAt={startedAt} />
          ))}
        </ol>
      )}
      {lines?.length === MAX_LOG_LINES && (
        <p className="quiet">The first {MAX_LOG_LINES} lines are shown; there may be more.</p>
      )}
    </Section>
  )
}

function Line({ line, startedAt }: { line: LogLine; startedAt: string }) {
  const [zone] = useZone()
  const at = parseMicros(line.timestamp)
  const start = parseMicros(startedAt)
  const level = (line.log_level ?? 'log').toLowerCase()
  return (
    <li data-level={level}>
      <time title={at === null ? undefined : formatAbsolute(at, zone)}>
        {at !== null && start !== null ? formatOffset(at - start) : ''}
      </time>
      <span className="console-level">{level}</span>
      <span className="console-message">{line.log_message}</span>
    </li>
  )
}

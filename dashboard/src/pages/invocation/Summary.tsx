import { Link } from '@tanstack/react-router'
import { useApi } from '../../api/ApiProvider.tsx'
import { ErrorSection, Fact, Facts, IdFact, Section } from '../../components/detail/parts.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { AbsoluteTime, DurationText, RelativeTime } from '../../components/TimeText.tsx'
import { formatOffset } from '../../model/duration.ts'
import { count, shortId } from '../../model/names.ts'
import { isFailed, isRunning, toInvocationStatus, toStatus } from '../../model/status.ts'
import { parseMicros } from '../../model/time.ts'
import type { Invocation, InvocationPrivate } from './queries.ts'

/** What it was, what came of it, and what it belongs to. */
export function Summary({ invocation: row, secret }: { invocation: Invocation; secret: InvocationPrivate | null }) {
  const changed = parseMicros(row.source_event_time)
  const started = parseMicros(row.created_at)
  const cause = row.source_job_execution
  return (
    <>
      <ErrorSection title="Error" message={row.error_message} stack={secret?.error_stack} />
      <FailedParts invocation={row} />
      <div className="summary">
        <Section title="What happened">
          <Facts>
            <Fact name="Function">
              <span className="mono">{row.source_function}</span>
            </Fact>
            <Fact name="Table">
              <span className="mono">{row.source_table ?? 'not recorded'}</span>
            </Fact>
            {row.changed_columns && (
              <Fact name="Columns changed">
                <span className="mono">{row.changed_columns.join(', ') || 'none'}</span>
              </Fact>
            )}
            <Fact name="Started">
              <AbsoluteTime at={row.created_at} />
            </Fact>
            <Fact name="Duration">
              <DurationText
                createdAt={row.created_at}
                endedAt={row.ended_at}
                fallbackMs={row.total_duration_ms}
                running={isRunning(row.status)}
              />
            </Fact>
            {changed !== null && started !== null && (
              <Fact name="Delivered">
                <span className="number">{formatOffset(started - changed)}</span>
                <span className="quiet"> after the row changed</span>
              </Fact>
            )}
            <Fact name="Modules">
              {row.events_detected_count} detected
              <span className="quiet"> of {row.event_executions.length} asked</span>
            </Fact>
            <Fact name="Jobs">
              {row.total_jobs_run === 0 ? 'none' : count(row.total_jobs_run, 'job')}
              {row.total_jobs_failed > 0 && <span className="failed-text">, {row.total_jobs_failed} failed</span>}
            </Fact>
            <Fact name="Caused by">
              {cause ? (
                <Link
                  to="/chains/$rootId"
                  params={{ rootId: cause.invocation_id }}
                  search={{ sel: `job:${cause.id}` }}
                  className="mono link-button"
                >
                  {cause.job_name}
                </Link>
              ) : row.source_job_id ? (
                'a job that is not recorded'
              ) : (
                'no job: a change from outside'
              )}
            </Fact>
            {row.replay_of && (
              <Fact name="Replay of">
                <Link to="/invocations/$id" params={{ id: row.replay_of }} className="mono link-button">
                  {shortId(row.replay_of)}
                </Link>{' '}
                <Link to="/compare" search={{ left: row.replay_of, right: row.id }} className="link-button">
                  Compare
                </Link>
              </Fact>
            )}
            {row.replays.length > 0 && (
              <Fact name="Replayed as">
                <ul className="replay-list" data-testid="replays">
                  {row.replays.map(replay => (
                    <li key={replay.id}>
                      <Link to="/invocations/$id" params={{ id: replay.id }} className="mono link-button">
                        {shortId(replay.id)}
                      </Link>{' '}
                      <StatusMark status={toInvocationStatus(replay)} /> <RelativeTime at={replay.created_at} />{' '}
                      <Link to="/compare" search={{ left: row.id, right: replay.id }} className="link-button">
                        Compare
                      </Link>
                    </li>
                  ))}
                </ul>
              </Fact>
            )}
            {row.source_user_role && <Fact name="Role">{row.source_user_role}</Fact>}
          </Facts>
        </Section>
        <Section title="What it belongs to">
          <Facts>
            <IdFact name="Invocation id" id={row.id} />
            {row.source_record_id && <IdFact name="Record key" id={row.source_record_id} />}
            <IdFact name="Correlation id" id={row.correlation_id} />
            <Fact name="Correlation from">
              {row.correlation_source.replaceAll('_', ' ')}
              {row.correlation_detail && <span className="quiet"> {row.correlation_detail}</span>}
            </Fact>
            <Fact name="Correlated">
              <Link to="/correlations/$key" params={{ key: row.correlation_id }} className="link-button">
                All with this correlation id
              </Link>
            </Fact>
            <IdFact name="Event id" id={row.source_event_id} />
            <IdFact name="Trace id" id={row.trace_id} />
            <IdFact name="Recorded by" id={row.instance_id} />
          </Facts>
        </Section>
      </div>
    </>
  )
}

const MAX_PARTS = 10

/** What failed in it, each with its own error: modules, unless that is their job's, and jobs. */
function FailedParts({ invocation }: { invocation: Invocation }) {
  const { config } = useApi()
  const jobs = invocation.job_executions.filter(job => isFailed(job.status))
  const modules = invocation.event_executions.filter(
    module => isFailed(module.status) && !jobs.some(job => job.event_execution_id === module.id),
  )
  const parts = [
    ...modules.map(module => ({
      id: module.id,
      sel: `event:${module.id}`,
      name: module.event_name,
      status: module.status,
      error: module.detection_error ?? module.handler_error,
    })),
    ...jobs.map(job => ({
      id: job.id,
      sel: `job:${job.id}`,
      name: job.job_name,
      status: job.status,
      error: job.error_message,
    })),
  ]
  if (parts.length === 0) return null
  return (
    <Section title="What failed">
      <ul className="failed-parts" data-testid="failed-parts">
        {parts.slice(0, MAX_PARTS).map(({ id, sel, name, status, error }) => (
          <li key={id}>
            <StatusMark status={toStatus(status)} />
            {config.features.correlationChains ? (
              <Link
                to="/chains/$rootId"
                params={{ rootId: invocation.id }}
                search={{ sel }}
                className="mono link-button"
              >
                {name}
              </Link>
            ) : (
              <span className="mono">{name}</span>
            )}
            <span>{error ?? <span className="quiet">without a message</span>}</span>
          </li>
        ))}
      </ul>
      {parts.length > MAX_PARTS && <p className="quiet">and {count(parts.length - MAX_PARTS, 'other')}</p>}
    </Section>
  )
}

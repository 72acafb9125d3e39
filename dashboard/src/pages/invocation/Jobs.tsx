import { Link } from '@tanstack/react-router'
import { ErrorSection, JsonSection, Section } from '../../components/detail/parts.tsx'
import { Empty } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { DurationText } from '../../components/TimeText.tsx'
import { isRunning, toStatus } from '../../model/status.ts'
import type { Invocation, InvocationPrivate, JobRow } from './queries.ts'

/** Each job that ran: for which event, how it ended, with its options and result. */
export function Jobs({ invocation, secret }: { invocation: Invocation; secret: InvocationPrivate | null }) {
  if (invocation.job_executions.length === 0) {
    return (
      <Empty title="No job ran">
        {invocation.events_detected_count === 0
          ? 'No module detected its event, so there was nothing to do.'
          : 'The modules that detected their event start none.'}
      </Empty>
    )
  }
  const events = new Map(invocation.event_executions.map(event => [event.id, event.event_name]))
  const details = new Map(secret?.job_executions.map(job => [job.id, job]))
  return (
    <div data-testid="jobs">
      {invocation.job_executions.map(job => (
        <Job
          key={job.id}
          job={job}
          event={events.get(job.event_execution_id) ?? null}
          detail={details.get(job.id)}
          invocationId={invocation.id}
        />
      ))}
    </div>
  )
}

function Job({
  job,
  event,
  detail,
  invocationId,
}: {
  job: JobRow
  event: string | null
  detail: InvocationPrivate['job_executions'][number] | undefined
  invocationId: string
}) {
  return (
    <details className="job" open={job.status !== 'completed'}>
      <summary>
        <StatusMark status={toStatus(job.status)} />
        <span className="mono job-name">{job.job_name}</span>
        {event && (
          <span className="quiet">
            for <span className="mono">{event}</span>
          </span>
        )}
        <span className="job-end">
          <DurationText
            createdAt={job.created_at}
            endedAt={job.ended_at}
            fallbackMs={job.duration_ms}
            running={isRunning(job.status)}
          />
        </span>
      </summary>
      <ErrorSection title="Error" message={job.error_message} stack={detail?.error_stack} />
      {detail ? (
        <>
          <JsonSection title="Result" value={detail.result} none="It returned nothing." />
          <JsonSection title="Options" value={detail.job_options} none="It was given no options." />
        </>
      ) : (
        <Section title="Options and result">
          <p className="quiet">Your role does not see them, or they are switched off here.</p>
        </Section>
      )}
      <p className="job-link">
        <Link
          to="/chains/$rootId"
          params={{ rootId: invocationId }}
          search={{ sel: `job:${job.id}` }}
          className="link-button"
        >
          What it led to
        </Link>{' '}
        <Link to="/compare" search={{ kind: 'job', left: 'previous', right: job.id }} className="link-button">
          Compare with the run before
        </Link>{' '}
        <Link to="/jobs/$name" params={{ name: job.job_name }} className="link-button">
          All runs of this job
        </Link>
      </p>
    </details>
  )
}

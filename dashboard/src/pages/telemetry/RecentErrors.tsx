import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { toStatus } from '../../model/status.ts'
import { RECENT_ERRORS } from './queries.ts'
import type { TelemetryWindow } from './TelemetryPage.tsx'

const MAX_SHOWN = 8

interface Failure {
  id: string
  at: string
  status: string
  name: string
  message: string | null
  invocationId: string
  selected: string
}

/** What failed last, invocations and runs of jobs alike, and the way to it. */
export function RecentErrors({ window }: { window: TelemetryWindow }) {
  const query = useLiveQuery(
    RECENT_ERRORS,
    () => {
      const { since, until } = window.variables()
      return { since, until, limit: MAX_SHOWN }
    },
    { identity: ['errors', window.range.key], every: 3 },
  )
  return (
    <Panel
      title="Recent errors"
      className="telemetry-half"
      query={query}
      aside={
        <Link to="/analytics" search={{ tab: 'failures' }} className="link-button">
          What fails
        </Link>
      }
      empty={({ invocations, jobs }) =>
        invocations.length + jobs.length === 0 ? (
          <Empty title="No errors in this time">Failed, timed out and lost invocations and runs stand here.</Empty>
        ) : null
      }
    >
      {({ invocations, jobs }) => {
        const failures: Failure[] = [
          ...invocations.map(row => ({
            id: row.id,
            at: row.created_at,
            status: row.status,
            name: row.source_function,
            message: row.error_message,
            invocationId: row.id,
            selected: `invocation:${row.id}`,
          })),
          ...jobs.map(row => ({
            id: row.id,
            at: row.created_at,
            status: row.status,
            name: row.job_name,
            message: row.error_message,
            invocationId: row.invocation_id,
            selected: `job:${row.id}`,
          })),
        ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
        return (
          <ul className="errors" data-testid="recent-errors">
            {failures.slice(0, MAX_SHOWN).map(failure => (
              <li key={failure.id}>
                <Link
                  to="/chains/$rootId"
                  params={{ rootId: failure.invocationId }}
                  search={{ sel: failure.selected }}
                  className="error-link"
                >
                  <StatusMark status={toStatus(failure.status)} wordless={failure.status === 'failed'} />
                  <span className="mono">{failure.name}</span>
                  <span className="error-text">{failure.message ?? <span className="quiet">no message</span>}</span>
                  <span className="quiet error-time">
                    <RelativeTime at={failure.at} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )
      }}
    </Panel>
  )
}

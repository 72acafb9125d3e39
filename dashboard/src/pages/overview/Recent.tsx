import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { ChangedRow } from '../../components/ChangedRow.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { DurationText, RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { isRunning, toInvocationStatus } from '../../model/status.ts'
import { OVERVIEW_RECENT } from './queries.ts'

const SHOWN = 10

/** The newest invocations of the window, as they come. */
export function Recent({ range }: { range: Range }) {
  const query = useLiveQuery(
    OVERVIEW_RECENT,
    () => ({ since: range.variables().from, until: range.variables().to, limit: SHOWN }),
    { identity: range.key },
  )
  return (
    <Panel
      title="Recent invocations"
      className="overview-wide"
      query={query}
      aside={
        <Link to="/invocations" className="link-button">
          All
        </Link>
      }
      empty={({ invocations }) =>
        invocations.length === 0 ? <Empty title="No invocations in this time">Choose a longer time.</Empty> : null
      }
    >
      {({ invocations }) => (
        <ul className="recent" data-testid="recent">
          {invocations.map(row => (
            <li key={row.id}>
              <Link to="/chains/$rootId" params={{ rootId: row.id }}>
                <span className="recent-status">
                  <StatusMark status={toInvocationStatus(row)} />
                </span>
                <ChangedRow row={row} />
                <span className="mono quiet recent-function">{row.source_function}</span>
                <span className="recent-end">
                  <DurationText
                    createdAt={row.created_at}
                    endedAt={row.ended_at}
                    fallbackMs={row.total_duration_ms}
                    running={isRunning(row.status)}
                  />
                  <span className="quiet recent-time">
                    <RelativeTime at={row.created_at} />
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

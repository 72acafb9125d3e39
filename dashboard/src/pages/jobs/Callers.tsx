import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatCount } from '../../model/names.ts'
import { searchTerm } from '../../model/search-query.ts'
import { JOB_CALLERS } from './queries.ts'

/** The functions look at this many runs at most. */
const MAX_RUNS = 100_000

/** Which event modules run it, and from which functions. */
export function Callers({ name, range, every }: { name: string; range: Range; every: number }) {
  const query = useLiveQuery(JOB_CALLERS, () => ({ ...windowVariables(range), name }), {
    identity: [name, range.key],
    every,
  })
  return (
    <Panel
      title="Run by"
      className="entity-narrow"
      query={query}
      partial={({ callers }) =>
        callers.reduce((sum, row) => sum + row.runs, 0) >= MAX_RUNS
          ? `Of the newest ${formatCount(MAX_RUNS)} runs.`
          : null
      }
      empty={({ callers }) =>
        callers.length === 0 ? (
          <Empty title="Not known">The runs of this time are not kept any more: only their totals are.</Empty>
        ) : null
      }
    >
      {({ callers }) => (
        <div className="mini-scroll">
          <table className="mini-table" data-testid="callers">
            <thead>
              <tr>
                <th scope="col">Event module</th>
                <th scope="col">In function</th>
                <th scope="col">Runs</th>
                <th scope="col">Failed</th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {callers.map(row => (
                <tr key={`${row.event_name} ${row.source_function}`}>
                  <th scope="row">
                    <Link to="/modules/$name" params={{ name: row.event_name }} className="mono mini-link">
                      {row.event_name}
                    </Link>
                  </th>
                  <td>
                    <Link
                      to="/invocations"
                      search={{ function: [row.source_function], q: searchTerm('job', name) }}
                      className="mono mini-link"
                    >
                      {row.source_function}
                    </Link>
                  </td>
                  <td>{formatCount(row.runs)}</td>
                  <td>
                    {row.failed === 0 ? (
                      <span className="quiet">0</span>
                    ) : (
                      <Link
                        to="/invocations"
                        search={{ function: [row.source_function], q: searchTerm('failed_job', name) }}
                        className="status mini-link"
                        data-tone="failed"
                      >
                        <StatusShape tone="failed" />
                        {formatCount(row.failed)}
                      </Link>
                    )}
                  </td>
                  <td>
                    <RelativeTime at={row.last_run_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatCount } from '../../model/names.ts'
import { searchTerm } from '../../model/search-query.ts'
import { MODULE_JOBS, type ModuleTotals } from './queries.ts'

/** The jobs that it ran, and in which functions. */
export function JobsOfModule({
  name,
  range,
  every,
  totals,
}: {
  name: string
  range: Range
  every: number
  totals: ModuleTotals | undefined
}) {
  const query = useLiveQuery(MODULE_JOBS, () => ({ ...windowVariables(range), name }), {
    identity: [name, range.key],
    every,
  })
  return (
    <Panel
      title="Jobs it ran"
      className="entity-all"
      query={query}
      partial={({ jobs }) => {
        const known = jobs.reduce((sum, row) => sum + row.runs, 0)
        return totals && known > 0 && known < totals.jobs_run
          ? `${formatCount(known)} of ${formatCount(totals.jobs_run)} runs are kept; the others are in the totals only.`
          : null
      }}
      empty={({ jobs }) =>
        jobs.length > 0 ? null : totals && totals.jobs_run > 0 ? (
          <Empty title="Its runs are not kept any more">{formatCount(totals.jobs_run)} are in the totals.</Empty>
        ) : (
          <Empty title="It ran no job in this time">
            {totals && totals.detected > 0 ? 'It fired, and its handler ran none.' : 'It did not fire.'}
          </Empty>
        )
      }
    >
      {({ jobs }) => (
        <div className="mini-scroll">
          <table className="mini-table" data-testid="module-jobs">
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">In function</th>
                <th scope="col">Runs</th>
                <th scope="col">Failed</th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {jobs.map(row => (
                <tr key={`${row.job_name} ${row.source_function}`}>
                  <th scope="row">
                    <Link to="/jobs/$name" params={{ name: row.job_name }} className="mono mini-link">
                      {row.job_name}
                    </Link>
                  </th>
                  <td>
                    <Link
                      to="/invocations"
                      search={{ function: [row.source_function], q: searchTerm('module', name) }}
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
                        to="/jobs/$name"
                        params={{ name: row.job_name }}
                        search={{ status: 'failed' }}
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

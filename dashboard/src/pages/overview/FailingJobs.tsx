import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { DeltaText } from '../../components/DeltaText.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatShare, percentDelta } from '../../model/delta.ts'
import { count, formatCount } from '../../model/names.ts'
import { OVERVIEW_JOBS } from './queries.ts'

const MAX_SHOWN = 10

/** The jobs that failed most in the window. */
export function FailingJobs({ range, every }: { range: Range; every: number }) {
  const query = useLiveQuery(OVERVIEW_JOBS, () => windowVariables(range), { identity: range.key, every })
  return (
    <Panel
      title="Failing jobs"
      className="overview-narrow"
      query={query}
      aside={query.data && query.data.now.length > 0 && <span>{count(query.data.now.length, 'job')}</span>}
      partial={({ now }) => (now.length > MAX_SHOWN ? `The first ${MAX_SHOWN} of ${now.length}.` : null)}
      empty={({ now }) =>
        now.length === 0 ? (
          <Empty title="No job failed in this time">Failed, timed out and lost runs stand here.</Empty>
        ) : null
      }
    >
      {({ now, before }) => (
        <table className="mini-table" data-testid="failing-jobs">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">Failed runs</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {now.slice(0, MAX_SHOWN).map(row => (
              <tr key={row.name}>
                <th scope="row">
                  <Link to="/jobs/$name" params={{ name: row.name }} className="mono mini-link">
                    {row.name}
                  </Link>
                </th>
                <td>
                  <Link
                    to="/jobs/$name"
                    params={{ name: row.name }}
                    search={{ status: 'failed' }}
                    hash="runs"
                    className="status mini-link"
                    data-tone="failed"
                  >
                    <StatusShape tone="failed" />
                    {formatCount(row.failed)}
                    <span className="quiet">{formatShare(row.failed, row.total)}</span>
                  </Link>
                </td>
                <td>
                  <DeltaText
                    delta={percentDelta(row.failed, before.find(({ name }) => name === row.name)?.failed ?? 0)}
                    better="down"
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

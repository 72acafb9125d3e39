import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { InvocationCell } from '../../components/InvocationCell.tsx'
import { MoreRows } from '../../components/MoreRows.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { ClockTime, DurationText, RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { formatCount } from '../../model/names.ts'
import { toStatus } from '../../model/status.ts'
import { uuidV7At } from '../../model/uuid-v7.ts'
import { type ModuleTotals, VERDICTS, type Verdict } from './queries.ts'
import type { ModuleSearch } from './url.ts'

const route = getRouteApi('/modules/$name')
const PAGE = 25
/** The server gives a reader no more rows than this at once. */
const MAX_ROWS = 1_000

const FILTERS: { show: ModuleSearch['show']; label: string; where: Record<string, unknown> }[] = [
  { show: undefined, label: 'Detected', where: { detected: { _eq: true } } },
  {
    show: 'failed',
    label: 'Failed',
    where: { status: { _in: ['failed', 'detection_failed', 'handler_failed', 'lost'] } },
  },
  { show: 'all', label: 'All', where: {} },
]

/** Its newest verdicts: those that fired, those that failed, or all. */
export function Verdicts({
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
  const { show } = route.useSearch()
  const navigate = route.useNavigate()
  const [limit, setLimit] = useState(PAGE)
  const query = useLiveQuery(
    VERDICTS,
    () => {
      const { from, to } = range.span()
      const where = {
        event_name: { _eq: name },
        // Rows are kept in the order of their ids, which are times.
        id: { _gte: uuidV7At(from) },
        created_at: { _gte: new Date(from).toISOString(), _lt: new Date(to).toISOString() },
        ...FILTERS.find(filter => filter.show === show)?.where,
      }
      return { where, limit }
    },
    // Only what fired has an index.
    { identity: [name, range.key, show, limit], every: show === undefined ? 1 : every },
  )
  const total = show === 'all' ? totals?.asked : show === 'failed' ? totals?.failed : totals?.detected
  return (
    <Panel
      title="Last verdicts"
      anchor="verdicts"
      className="entity-all"
      query={query}
      aside={
        <fieldset className="segments" aria-label="Which verdicts are listed">
          {FILTERS.map(filter => (
            <button
              key={filter.label}
              type="button"
              aria-pressed={show === filter.show}
              onClick={() =>
                void navigate({ search: before => ({ ...before, show: filter.show }), resetScroll: false })
              }
            >
              {filter.label}
            </button>
          ))}
        </fieldset>
      }
      empty={({ verdicts }) =>
        verdicts.length > 0 ? null : total === 0 ? (
          <Empty title={show === 'failed' ? 'It did not fail in this time' : 'It did not fire in this time'}>
            {show === 'failed' ? 'Its detector, its handler and its jobs all ended well.' : 'Above stands why not.'}
          </Empty>
        ) : (
          <Empty title="The verdicts of this time are not kept any more">
            Their totals are: the numbers above stay.
          </Empty>
        )
      }
    >
      {({ verdicts }) => (
        <>
          <div className="mini-scroll">
            <table className="mini-table entity-rows" data-testid="verdicts">
              <thead>
                <tr>
                  <th scope="col">Asked</th>
                  <th scope="col">Verdict</th>
                  <th scope="col">Detector</th>
                  <th scope="col">Handler</th>
                  <th scope="col">Jobs</th>
                  <th scope="col">In the invocation</th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {verdicts.map(row => (
                  <VerdictRow key={row.id} row={row} />
                ))}
              </tbody>
            </table>
          </div>
          {total !== undefined && (
            <MoreRows shown={verdicts.length} total={total} limit={limit} most={MAX_ROWS} onLimit={setLimit} />
          )}
        </>
      )}
    </Panel>
  )
}

function VerdictRow({ row }: { row: Verdict }) {
  const why = row.detection_error ?? row.handler_error ?? row.not_detected_reason
  return (
    <tr>
      <th scope="row">
        <Link
          to="/chains/$rootId"
          params={{ rootId: row.invocation_id }}
          search={{ sel: row.detected ? `event:${row.id}` : `undetected:${row.invocation_id}` }}
          className="mini-link"
          title="Where it stands in its chain"
        >
          <RelativeTime at={row.created_at} />{' '}
          <span className="quiet">
            <ClockTime at={row.created_at} digits={0} />
          </span>
        </Link>
      </th>
      <td>
        <StatusMark
          status={row.detected && row.status === 'completed' ? { tone: 'ok', word: 'detected' } : toStatus(row.status)}
        />
      </td>
      <td>
        <DurationText
          createdAt={row.created_at}
          endedAt={row.detection_ended_at}
          fallbackMs={row.detection_duration_ms}
          running={row.status === 'detecting'}
        />
      </td>
      <td>
        {row.detected && row.detection_ended_at ? (
          <DurationText
            createdAt={row.detection_ended_at}
            endedAt={row.ended_at}
            fallbackMs={row.handler_duration_ms}
            running={row.status === 'handling'}
          />
        ) : (
          <span className="quiet">–</span>
        )}
      </td>
      <td>
        {row.jobs_count === 0 ? <span className="quiet">–</span> : formatCount(row.jobs_count)}
        {row.jobs_failed > 0 && <span className="failed-text"> {row.jobs_failed} failed</span>}
      </td>
      <td>
        <InvocationCell id={row.invocation_id} invocation={row.invocation} tab="modules" />
      </td>
      <td className="entity-text" title={why ?? undefined}>
        {why ?? <span className="quiet">–</span>}
      </td>
    </tr>
  )
}

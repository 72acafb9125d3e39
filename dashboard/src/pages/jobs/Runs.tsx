import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { InvocationCell } from '../../components/InvocationCell.tsx'
import { MoreRows } from '../../components/MoreRows.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { LinkedRunStrip } from '../../components/RunStrip.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { ClockTime, DurationText, RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { isRunning, toStatus } from '../../model/status.ts'
import { uuidV7At } from '../../model/uuid-v7.ts'
import { JOB_RUNS, type JobRun, type JobTotals, LAST_RUNS } from './queries.ts'

const route = getRouteApi('/jobs/$name')
const PAGE = 25
/** The server gives a reader no more rows than this at once. */
const MAX_RUNS = 1_000
const STRIP = 50
const FAILED = ['failed', 'timeout', 'lost']

/** Its newest runs: side by side, and each with what it ran for and how it ended. */
export function Runs({
  name,
  range,
  every,
  totals,
}: {
  name: string
  range: Range
  every: number
  totals: JobTotals | undefined
}) {
  const { status } = route.useSearch()
  const navigate = route.useNavigate()
  const [limit, setLimit] = useState(PAGE)
  const query = useLiveQuery(
    JOB_RUNS,
    () => {
      const { from, to } = range.span()
      const created_at = { _gte: new Date(from).toISOString(), _lt: new Date(to).toISOString() }
      const where = {
        job_name: { _eq: name },
        // Rows are kept in the order of their ids, which are times.
        id: { _gte: uuidV7At(from) },
        created_at,
        ...(status === 'failed' && { status: { _in: FAILED } }),
      }
      return { where, limit }
    },
    { identity: [name, range.key, status, limit] },
  )
  const strip = useLiveQuery(LAST_RUNS, () => ({ ...windowVariables(range), limit: STRIP }), {
    identity: ['strip', range.key],
    every,
  })
  const strips = strip.data?.last_job_runs.find(row => row.job_name === name)?.runs ?? []
  const total = status === 'failed' ? totals?.failed : totals?.total
  const choose = (chosen: 'failed' | undefined) =>
    void navigate({ search: before => ({ ...before, status: chosen }), resetScroll: false })
  return (
    <Panel
      title="Last runs"
      anchor="runs"
      className="entity-all"
      query={query}
      aside={
        <fieldset className="segments" aria-label="Which runs are listed">
          <button type="button" aria-pressed={status === undefined} onClick={() => choose(undefined)}>
            All
          </button>
          <button type="button" aria-pressed={status === 'failed'} onClick={() => choose('failed')}>
            Failed
          </button>
        </fieldset>
      }
      empty={({ runs }) =>
        runs.length > 0 ? null : status === 'failed' && (totals?.failed ?? 0) === 0 ? (
          <Empty title="No run failed in this time">All runs are listed under “All”.</Empty>
        ) : (
          <Empty title="The runs of this time are not kept any more">Their totals are: the numbers above stay.</Empty>
        )
      }
    >
      {({ runs }) => (
        <>
          {strips.length > 0 && <LinkedRunStrip runs={strips} />}
          <div className="mini-scroll">
            <table className="mini-table entity-rows" data-testid="runs">
              <thead>
                <tr>
                  <th scope="col">Started</th>
                  <th scope="col">Status</th>
                  <th scope="col">Duration</th>
                  <th scope="col">For the event</th>
                  <th scope="col">In the invocation</th>
                  <th scope="col">Error</th>
                  <th scope="col">
                    <span className="sr-only">Action</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {runs.map(run => (
                  <RunRow key={run.id} run={run} />
                ))}
              </tbody>
            </table>
          </div>
          {total !== undefined && (
            <MoreRows what="runs" shown={runs.length} total={total} limit={limit} most={MAX_RUNS} onLimit={setLimit} />
          )}
        </>
      )}
    </Panel>
  )
}

function RunRow({ run }: { run: JobRun }) {
  return (
    <tr data-run={run.id}>
      <th scope="row">
        <Link
          to="/chains/$rootId"
          params={{ rootId: run.invocation_id }}
          search={{ sel: `job:${run.id}` }}
          className="mini-link"
          title="What it did and led to"
        >
          <RelativeTime at={run.created_at} />{' '}
          <span className="quiet">
            <ClockTime at={run.created_at} digits={0} />
          </span>
        </Link>
      </th>
      <td>
        <StatusMark status={toStatus(run.status)} />
      </td>
      <td>
        <DurationText
          createdAt={run.created_at}
          endedAt={run.ended_at}
          fallbackMs={run.duration_ms}
          running={isRunning(run.status)}
        />
      </td>
      <td>
        {run.event_execution ? (
          <Link to="/modules/$name" params={{ name: run.event_execution.event_name }} className="mono mini-link">
            {run.event_execution.event_name}
          </Link>
        ) : (
          '–'
        )}
      </td>
      <td>
        <InvocationCell id={run.invocation_id} invocation={run.invocation} />
      </td>
      <td className="entity-text" title={run.error_message ?? undefined}>
        {run.error_message ?? <span className="quiet">–</span>}
      </td>
      <td>
        <Link
          to="/compare"
          search={{ kind: 'job', left: 'last-good', right: run.id }}
          className="link-button"
          title="Compare with the last run before it that went well"
        >
          Compare
        </Link>
      </td>
    </tr>
  )
}

import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { NamedList, type NamedListFilter } from '../../components/NamedList.tsx'
import { Empty } from '../../components/Panel.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { useTotalsInterval } from '../../components/use-totals-interval.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { count, formatCount } from '../../model/names.ts'
import { rateUnit } from '../../model/rate.ts'
import { type JobEntry, jobColumns, NarrowJob, SORT_VALUES } from './columns.tsx'
import { JOBS, LAST_RUNS } from './queries.ts'
import type { JobsSearch } from './url.ts'
import './jobs.css'

const route = getRouteApi('/jobs')
const STRIP = 20

const FILTERS: Record<NonNullable<JobsSearch['only']>, NamedListFilter<JobEntry>> = {
  failing: { label: 'Failing', takes: row => row.failed > 0, none: 'No job failed in this time' },
}

/** Every job that ran in the window: how often, how it ended, how long it took, and its last runs. */
export function JobsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const range = useRange()
  const every = useTotalsInterval()
  usePageTitle('Jobs')
  const totals = useLiveQuery(JOBS, () => windowVariables(range), { identity: range.key, every, leads: true })
  const strips = useLiveQuery(LAST_RUNS, () => ({ ...windowVariables(range), limit: STRIP }), {
    identity: range.key,
    every,
  })
  const spanMs = range.span().to - range.span().from
  const rows = useMemo<JobEntry[]>(() => {
    const last = new Map(strips.data?.last_job_runs.map(row => [row.job_name, row]))
    return (totals.data?.jobs ?? []).map(row => ({ ...row, last: last.get(row.name) }))
  }, [totals.data, strips.data])
  const unit = rateUnit(
    rows.map(row => row.total),
    spanMs,
  )
  const columns = useMemo(() => jobColumns(spanMs, unit), [spanMs, unit])
  return (
    <NamedList
      title="Jobs"
      noun="job"
      to="/jobs"
      testId="jobs"
      query={totals}
      rows={rows}
      nameOf={nameOf}
      hasFailed={row => row.failed > 0}
      search={search}
      onChange={(changes, replace = false) =>
        void navigate({ search: { ...search, ...changes } as JobsSearch, replace })
      }
      filters={FILTERS}
      sortValues={SORT_VALUES}
      columns={columns}
      narrow={row => <NarrowJob row={row} spanMs={spanMs} unit={unit} />}
      sums={shown => `${count(sum(shown, 'total'), 'run')}, ${formatCount(sum(shown, 'failed'))} failed`}
      elsewhere="Names are looked at, not what the jobs did: for that, search invocations."
      nothing={({ any }) => <NoJobs anyAtAll={any.length > 0} />}
      note={
        strips.failure &&
        !totals.failure && (
          <p role="status" className="quiet">
            The last runs cannot be read now: {strips.failure.message}.{' '}
            <button type="button" className="link-button" onClick={strips.refresh}>
              Retry
            </button>
          </p>
        )
      }
    />
  )
}

const nameOf = (row: JobEntry) => row.name

function sum(rows: readonly JobEntry[], what: 'total' | 'failed'): number {
  return rows.reduce((all, row) => all + row[what], 0)
}

function NoJobs({ anyAtAll }: { anyAtAll: boolean }) {
  return anyAtAll ? (
    <Empty
      title="No job ran in this time"
      action={
        <Link to="/jobs" search={{ from: 'now-7d' }} className="button">
          Look at the last 7 days
        </Link>
      }
    >
      Jobs did run at other times.
    </Empty>
  ) : (
    <Empty title="No job has been recorded yet">
      A job appears here when an event module that detects its event runs it with the detector's run().
    </Empty>
  )
}

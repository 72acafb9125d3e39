import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { columnsFor, DataTable } from '../../components/DataTable.tsx'
import { FindBox } from '../../components/FindBox.tsx'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { useTotalsInterval } from '../../components/use-totals-interval.ts'
import { useWidth } from '../../components/waterfall/use-width.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { count, formatCount } from '../../model/names.ts'
import { sortRows } from '../../model/sort-rows.ts'
import { type JobEntry, jobColumns, NarrowJob, SORT_VALUES } from './columns.tsx'
import { JOBS, LAST_RUNS } from './queries.ts'
import type { JobsSearch } from './url.ts'
import './jobs.css'

const route = getRouteApi('/jobs')
const STRIP = 20

/** Every job that ran in the window: how often, how it ended, how long it took, and its last runs. */
export function JobsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const range = useRange()
  const every = useTotalsInterval()
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  usePageTitle('Jobs')
  const totals = useLiveQuery(JOBS, () => windowVariables(range), { identity: range.key, every, leads: true })
  const strips = useLiveQuery(LAST_RUNS, () => ({ ...windowVariables(range), limit: STRIP }), {
    identity: range.key,
    every,
  })
  const change = (changes: Partial<Record<keyof JobsSearch, string | undefined>>, replace = false) =>
    void navigate({ search: { ...search, ...changes } as JobsSearch, replace })

  const spanMs = range.span().to - range.span().from
  const all = useMemo<JobEntry[]>(() => {
    const last = new Map(strips.data?.last_job_runs.map(row => [row.job_name, row]))
    return (totals.data?.jobs ?? []).map(row => ({ ...row, last: last.get(row.name) }))
  }, [totals.data, strips.data])
  const rows = useMemo(() => shownRows(all, search), [all, search])
  const columns = useMemo(() => jobColumns(spanMs), [spanMs])
  const sortColumn = search.sort?.replace(/^-/, '')
  return (
    <div className="list-page">
      <div className="list-page-head">
        <h1>Jobs</h1>
        <FindBox
          label="Find jobs by name"
          placeholder="Part of a name"
          value={search.q ?? ''}
          onChange={q => change({ q: q.trim() || undefined }, true)}
        />
        <fieldset className="segments" aria-label="Which jobs are listed">
          <button type="button" aria-pressed={!search.only} onClick={() => change({ only: undefined })}>
            All
          </button>
          <button type="button" aria-pressed={search.only === 'failing'} onClick={() => change({ only: 'failing' })}>
            Failing
          </button>
        </fieldset>
        {strips.failure && !totals.failure && (
          <p role="status" className="quiet">
            The last runs cannot be read now: {strips.failure.message}.{' '}
            <button type="button" className="link-button" onClick={strips.refresh}>
              Retry
            </button>
          </p>
        )}
        {totals.data && (
          <p className="list-page-count quiet" role="status" data-testid="list-count">
            {rows.length < all.length && `${formatCount(rows.length)} of `}
            {count(all.length, 'job')}
          </p>
        )}
      </div>
      <div ref={scroller} className="list-page-body" data-space-pauses data-scroll-restoration-id="jobs">
        <Answer
          query={totals}
          skeleton={<SkeletonRows rows={12} height={40} />}
          empty={data =>
            rows.length > 0 ? null : all.length > 0 ? (
              <Empty
                title={search.only && !search.q ? 'No job failed in this time' : 'No job matches'}
                action={
                  <Link to="/jobs" search={{}} className="button">
                    Show all {formatCount(all.length)}
                  </Link>
                }
              >
                Names are looked at, not what the jobs did: for that, search invocations.
              </Empty>
            ) : (
              <NoJobs anyAtAll={data.any.length > 0} />
            )
          }
        >
          {() => (
            <DataTable
              label="Jobs"
              testId="jobs"
              rows={rows}
              columns={columnsFor(columns, width)}
              rowKey={row => row.name}
              rowHeight={40}
              scroller={scroller}
              keys
              sort={sortColumn ? { column: sortColumn, descending: search.sort?.startsWith('-') ?? false } : undefined}
              onSort={({ column, descending }) => change({ sort: `${descending ? '-' : ''}${column}` })}
              rowProps={row => ({ 'data-tone': row.failed > 0 ? 'failed' : 'ok' })}
              narrow={{ height: 62, render: row => <NarrowJob row={row} spanMs={spanMs} /> }}
              isNarrow={isNarrow}
            />
          )}
        </Answer>
      </div>
    </div>
  )
}

function shownRows(all: readonly JobEntry[], { q, only, sort }: JobsSearch): JobEntry[] {
  const part = q?.toLowerCase()
  const found = all.filter(
    row => (!part || row.name.toLowerCase().includes(part)) && (only !== 'failing' || row.failed > 0),
  )
  const value = SORT_VALUES[sort?.replace(/^-/, '') ?? '']
  return value ? sortRows(found, value, sort?.startsWith('-') ?? false) : found
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

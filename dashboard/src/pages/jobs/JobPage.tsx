import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useEffect } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { rememberRecent } from '../../app/palette/recents.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Answer, Empty, SkeletonBlock } from '../../components/Panel.tsx'
import { Stat } from '../../components/Stat.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { type Range, useRange } from '../../components/use-range.ts'
import { useTotalsInterval } from '../../components/use-totals-interval.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatShare, percentDelta, pointsDelta } from '../../model/delta.ts'
import { formatMs } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import { formatRate } from '../../model/rate.ts'
import { searchTerm } from '../../model/search-query.ts'
import { windowAround } from '../../model/time-range.ts'
import { Callers } from './Callers.tsx'
import { Errors } from './Errors.tsx'
import { JobTrends } from './JobTrends.tsx'
import { JOB, type JobTotals, type LastRun } from './queries.ts'
import { Runs } from './Runs.tsx'
import '../../components/entity-page.css'
import './jobs.css'

const route = getRouteApi('/jobs/$name')

/** One job: how often it runs and fails, how long it takes, which errors it has, who runs it, and its last runs. */
export function JobPage() {
  const { name } = route.useParams()
  usePageTitle(name)
  return <KnownName key={name} name={name} />
}

function KnownName({ name }: { name: string }) {
  const range = useRange()
  const every = useTotalsInterval()
  const query = useLiveQuery(JOB, () => ({ ...windowVariables(range), name }), {
    identity: [name, range.key],
    every,
    leads: true,
  })
  const last = query.data?.last[0]
  useEffect(() => {
    if (last) rememberRecent({ href: `/jobs/${encodeURIComponent(name)}`, title: `Job ${name}` })
  }, [last, name])
  const ran = query.data === undefined || query.data.now.length > 0
  const parts = { name, range, every }
  return (
    <div className="page-scroll" data-space-pauses data-scroll-restoration-id="job">
      <div className="entity-page">
        <header className="entity-head">
          <Link to="/jobs" className="icon-button" aria-label="Back to the jobs">
            <ArrowLeft size={16} />
          </Link>
          <h1 className="mono">{name}</h1>
          <CopyButton text={name} what="job name" />
          {last?.job_function_name && last.job_function_name !== name && (
            <span className="quiet">
              runs <span className="mono">{last.job_function_name}</span>
            </span>
          )}
          <Link to="/invocations" search={{ q: searchTerm('job', name) }} className="button entity-head-end">
            Its invocations
          </Link>
        </header>
        <div className="entity-all">
          <Answer
            query={query}
            skeleton={<SkeletonBlock height={92} />}
            empty={data => (data.now.length > 0 ? null : <DidNotRun last={data.last[0]} />)}
          >
            {({ now, before }) =>
              now[0] && <Numbers now={now[0]} before={before[0] ?? null} range={range} last={last} />
            }
          </Answer>
        </div>
        {ran && (
          <>
            <JobTrends {...parts} />
            <Errors {...parts} />
            <Callers {...parts} />
            <Runs {...parts} totals={query.data?.now[0]} />
          </>
        )}
      </div>
    </div>
  )
}

function Numbers({
  now,
  before,
  range,
  last,
}: {
  now: JobTotals
  before: JobTotals | null
  range: Range
  last: LastRun | undefined
}) {
  const { from, to } = range.span()
  const share = (row: JobTotals) => row.failed / row.total
  const runsWith = (status: 'failed' | undefined) =>
    ({ to: '.', search: (search: object) => ({ ...search, status }), hash: 'runs' }) as never
  return (
    <div className="stats">
      <Stat
        label="Runs"
        value={formatCount(now.total)}
        delta={before && percentDelta(now.total, before.total)}
        note={formatRate(now.total, to - from)}
        link={runsWith(undefined)}
        testId="stat-runs"
      />
      <Stat
        label="Failed"
        tone={now.failed > 0 ? 'failed' : 'ok'}
        value={formatShare(now.failed, now.total)}
        delta={before && pointsDelta(share(now), share(before))}
        better="down"
        note={`${formatCount(now.failed)} of ${formatCount(now.total)}`}
        link={runsWith('failed')}
        testId="stat-failed"
      />
      {(['p50_ms', 'p95_ms', 'p99_ms'] as const).map(key => (
        <Stat
          key={key}
          label={LABELS[key]}
          value={formatMs(now[key])}
          delta={before && percentDelta(now[key], before[key])}
          better="down"
          note={key === 'p99_ms' ? `the longest ${formatMs(now.max_ms)}` : undefined}
          testId={`stat-${key}`}
        />
      ))}
      <Stat
        label="Last run"
        value={last ? <RelativeTime at={last.created_at} /> : '–'}
        note={last ? undefined : 'not kept any more'}
        testId="stat-last"
      />
    </div>
  )
}

const LABELS = { p50_ms: 'Duration p50', p95_ms: 'Duration p95', p99_ms: 'Duration p99' }

function DidNotRun({ last }: { last: LastRun | undefined }) {
  if (!last) {
    return (
      <div className="panel">
        <Empty
          title="No run of this job is kept"
          action={
            <Link to="/jobs" className="button">
              All jobs
            </Link>
          }
        >
          It has not run since recording began, its runs were removed with old data, or its name is another one.
        </Empty>
      </div>
    )
  }
  const at = new Date(last.created_at).getTime()
  return (
    <div className="panel">
      <Empty
        title="It did not run in this time"
        action={
          <Link
            to="."
            search={(before: object) => ({ ...before, ...windowAround(at, at) }) as never}
            className="button"
          >
            Look at its last run
          </Link>
        }
      >
        Its last run began <RelativeTime at={last.created_at} />.
      </Empty>
    </div>
  )
}

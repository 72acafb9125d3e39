import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useEffect } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { rememberRecent } from '../../app/palette/recents.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Answer, Empty, SkeletonBlock } from '../../components/Panel.tsx'
import { Stat } from '../../components/Stat.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { AbsoluteTime } from '../../components/TimeText.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { type Range, useRange } from '../../components/use-range.ts'
import { useTotalsInterval } from '../../components/use-totals-interval.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatShare, percentDelta, pointsDelta } from '../../model/delta.ts'
import { formatMicros, formatMs } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import { formatRate } from '../../model/rate.ts'
import { searchTerm } from '../../model/search-query.ts'
import { toRangeSearch } from '../../model/time-range.ts'
import { spentMs, toFiring } from './columns.tsx'
import { JobsOfModule } from './JobsOfModule.tsx'
import { ModuleTrends } from './ModuleTrends.tsx'
import { MODULE, MODULE_EVER, type ModuleTotals } from './queries.ts'
import { Reads } from './Reads.tsx'
import { Reasons } from './Reasons.tsx'
import { Verdicts } from './Verdicts.tsx'
import '../../components/entity-page.css'
import './modules.css'

const route = getRouteApi('/modules/$name')
const HOUR_MS = 3_600_000

/** One event module: how often it fires, why it does not, what it reads, which jobs it runs, and its last verdicts. */
export function ModulePage() {
  const { name } = route.useParams()
  usePageTitle(name)
  return <KnownName key={name} name={name} />
}

function KnownName({ name }: { name: string }) {
  const range = useRange()
  const every = useTotalsInterval()
  const query = useLiveQuery(MODULE, () => ({ ...windowVariables(range), name }), {
    identity: [name, range.key],
    every,
    leads: true,
  })
  const now = query.data?.now[0]
  useEffect(() => {
    if (now) rememberRecent({ href: `/modules/${encodeURIComponent(name)}`, title: `Event module ${name}` })
  }, [now, name])
  const parts = { name, range, every }
  return (
    <div className="page-scroll" data-space-pauses data-scroll-restoration-id="module">
      <div className="entity-page">
        <header className="entity-head">
          <Link to="/modules" className="icon-button" aria-label="Back to the event modules">
            <ArrowLeft size={16} />
          </Link>
          <h1 className="mono">{name}</h1>
          <CopyButton text={name} what="module name" />
          {now && <StatusMark status={toFiring(now)} />}
          <Link to="/invocations" search={{ q: searchTerm('module', name) }} className="button entity-head-end">
            Invocations that it detected
          </Link>
        </header>
        <div className="entity-all">
          <Answer
            query={query}
            skeleton={<SkeletonBlock height={92} />}
            empty={data => (data.now.length > 0 ? null : <NotAsked name={name} />)}
          >
            {data => data.now[0] && <Numbers now={data.now[0]} before={data.before[0] ?? null} range={range} />}
          </Answer>
        </div>
        {(query.data === undefined || now !== undefined) && (
          <>
            <ModuleTrends {...parts} />
            <Reasons {...parts} totals={now} />
            <Reads {...parts} />
            <JobsOfModule {...parts} totals={now} />
            <Verdicts {...parts} totals={now} />
          </>
        )}
      </div>
    </div>
  )
}

function Numbers({ now, before, range }: { now: ModuleTotals; before: ModuleTotals | null; range: Range }) {
  const { from, to } = range.span()
  const show = (what: 'failed' | undefined) =>
    ({ to: '.', search: (search: object) => ({ ...search, show: what }), hash: 'verdicts' }) as never
  return (
    <div className="stats">
      <Stat
        label="Asked"
        value={formatCount(now.asked)}
        delta={before && percentDelta(now.asked, before.asked)}
        note={formatRate(now.asked, to - from)}
        testId="stat-asked"
      />
      <Stat
        label="Detected"
        value={formatShare(now.detected, now.asked)}
        delta={before && pointsDelta(now.detected / now.asked, before.detected / before.asked)}
        note={`${formatCount(now.detected)} of ${formatCount(now.asked)}`}
        link={show(undefined)}
        testId="stat-detected"
      />
      <Stat
        label="Failed"
        tone={now.failed > 0 ? 'failed' : 'ok'}
        value={formatCount(now.failed)}
        delta={before && percentDelta(now.failed, before.failed)}
        better="down"
        note={`${formatShare(now.failed, now.asked)} of ${formatCount(now.asked)}`}
        link={show('failed')}
        testId="stat-failed"
      />
      <Stat
        label="Time spent"
        value={spentMs(now) < 1 ? '< 1 ms' : formatMicros(spentMs(now) * 1000)}
        delta={before && percentDelta(spentMs(now), spentMs(before))}
        better="down"
        note={spentMs(now) < 1 ? 'each time' : `handlers ${now.handler_sum_ms ? formatMs(now.handler_sum_ms) : 'none'}`}
        testId="stat-spent"
      />
      <Stat
        label="Detector p95"
        value={formatMs(now.detection_p95_ms)}
        delta={before && percentDelta(now.detection_p95_ms, before.detection_p95_ms)}
        better="down"
        note={`the longest ${formatMs(now.detection_max_ms)}`}
        testId="stat-detection"
      />
      <Stat
        label="Handler p95"
        value={formatMs(now.handler_p95_ms)}
        delta={before && percentDelta(now.handler_p95_ms, before.handler_p95_ms)}
        better="down"
        note={now.handler_p95_ms === null ? 'none ran' : `p50 ${formatMs(now.handler_p50_ms)}`}
        testId="stat-handler"
      />
    </div>
  )
}

/** Whether it was asked at another time, and when. */
function NotAsked({ name }: { name: string }) {
  const query = useLiveQuery(MODULE_EVER, { name }, { every: 0 })
  return (
    <div className="panel">
      <Answer query={query} skeleton={<SkeletonBlock height={92} />}>
        {({ asked, fired }) => {
          const last = [asked[0]?.hour_bucket, fired[0]?.created_at]
            .flatMap(at => (at ? [at] : []))
            .sort()
            .at(-1)
          if (!last) {
            return (
              <Empty
                title="No module of this name was asked"
                action={
                  <Link to="/modules" className="button">
                    All event modules
                  </Link>
                }
              >
                It has not been asked since recording began, or its name is another one.
              </Empty>
            )
          }
          const at = new Date(last).getTime()
          return (
            <Empty
              title="It was not asked in this time"
              action={
                <Link
                  to="."
                  search={
                    ((before: object) => ({
                      ...before,
                      ...toRangeSearch({ from: at - HOUR_MS, to: at + HOUR_MS }),
                    })) as never
                  }
                  className="button"
                >
                  Look at when it was
                </Link>
              }
            >
              It was asked around <AbsoluteTime at={last} />.
            </Empty>
          )
        }}
      </Answer>
    </div>
  )
}

import { useApi } from '../../api/ApiProvider.tsx'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Answer, Empty, SkeletonBlock } from '../../components/Panel.tsx'
import { Stat } from '../../components/Stat.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatShare, percentDelta } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import { formatRate } from '../../model/rate.ts'
import { OVERVIEW_TOTALS, type RunTotals, type Totals } from './queries.ts'

/** What runs for longer than this is shown as stuck; the link to it says the same with `to=now-5m`. */
const STUCK_AFTER_MS = 5 * 60_000
const NOTHING: Totals = {
  total: 0,
  completed: 0,
  failed: 0,
  lost: 0,
  events_detected: 0,
  p50_ms: null,
  p95_ms: null,
}
const NO_RUNS: RunTotals = { total: 0, failed: 0 }

/** The numbers of the window, each against the window before and with the way to its rows. */
export function Headline({ range, every }: { range: Range; every: number }) {
  const { config } = useApi()
  const query = useLiveQuery(
    OVERVIEW_TOTALS,
    () => ({ ...windowVariables(range), stuckBefore: new Date(Date.now() - STUCK_AFTER_MS).toISOString() }),
    { identity: range.key, every, leads: true },
  )
  return (
    <div className="headline">
      <Answer
        query={query}
        skeleton={<SkeletonBlock height={92} />}
        empty={({ any }) => (any.length === 0 ? <NothingYet shopUrl={config.shopUrl} /> : null)}
      >
        {({ now, before, jobs, jobsBefore, stuck }) => (
          <Numbers
            now={now[0] ?? NOTHING}
            // A window before anything was recorded has nothing to compare with.
            before={before[0] ?? null}
            runs={jobs[0] ?? NO_RUNS}
            runsBefore={jobsBefore[0] ?? null}
            stuck={stuck.aggregate?.count ?? 0}
            spanMs={range.span().to - range.span().from}
          />
        )}
      </Answer>
    </div>
  )
}

function Numbers({
  now,
  before,
  runs,
  runsBefore,
  stuck,
  spanMs,
}: {
  now: Totals
  before: Totals | null
  runs: RunTotals
  runsBefore: RunTotals | null
  stuck: number
  spanMs: number
}) {
  const delta = (name: 'total' | 'failed' | 'events_detected' | 'p95_ms' | 'lost') =>
    before ? percentDelta(now[name], before[name]) : null
  return (
    <div className="stats">
      <Stat
        label="Invocations"
        value={formatCount(now.total)}
        delta={delta('total')}
        note={formatRate(now.total, spanMs)}
        link={{ to: '/invocations' }}
        testId="stat-invocations"
      />
      <Stat
        label="Failed"
        tone={now.failed > 0 ? 'failed' : 'ok'}
        value={formatCount(now.failed)}
        delta={delta('failed')}
        better="down"
        note={`${formatShare(now.failed, now.total)} of ${formatCount(now.total)}`}
        link={{ to: '/invocations', search: { status: ['failed', 'timeout', 'lost'] } }}
        testId="stat-failed"
      />
      <Stat
        label="Duration p95"
        value={now.p95_ms === null ? '–' : formatMicros(now.p95_ms * 1000)}
        delta={delta('p95_ms')}
        better="down"
        note={now.p50_ms === null ? undefined : `p50 ${formatMicros(now.p50_ms * 1000)}`}
        link={{ to: '/invocations', search: { sort: 'duration' } }}
        testId="stat-p95"
      />
      <Stat
        label="Events detected"
        value={formatCount(now.events_detected)}
        delta={delta('events_detected')}
        note={now.total > 0 ? `${(now.events_detected / now.total).toFixed(2)} per invocation` : undefined}
        link={{ to: '/modules' }}
        testId="stat-events"
      />
      <Stat
        label="Job runs failed"
        tone={runs.failed > 0 ? 'failed' : 'ok'}
        value={formatCount(runs.failed)}
        delta={runsBefore ? percentDelta(runs.failed, runsBefore.failed) : null}
        better="down"
        note={`${formatShare(runs.failed, runs.total)} of ${formatCount(runs.total)}`}
        link={{ to: '/jobs', search: { only: 'failing' } }}
        testId="stat-jobs-failed"
      />
      <Stat
        label="Stuck"
        tone={stuck > 0 ? 'warning' : 'ok'}
        value={formatCount(stuck)}
        note="running over 5 min"
        link={{ to: '/invocations', search: { status: ['running'], from: 'now-30d', to: 'now-5m' } }}
        testId="stat-stuck"
      />
      <Stat
        label="Lost"
        tone={now.lost > 0 ? 'lost' : 'ok'}
        value={formatCount(now.lost)}
        delta={delta('lost')}
        better="down"
        note="their process is gone"
        link={{ to: '/invocations', search: { status: ['lost'] } }}
        testId="stat-lost"
      />
    </div>
  )
}

function NothingYet({ shopUrl }: { shopUrl: string | null }) {
  return (
    <div className="panel">
      <Empty
        title="Nothing has been recorded yet"
        action={
          shopUrl && (
            <a className="button" href={shopUrl} target="_blank" rel="noreferrer">
              Place an order in the example shop
            </a>
          )
        }
      >
        Numbers appear here with the first row change that Hasura delivers to a function whose detector has the plugin.
      </Empty>
    </div>
  )
}

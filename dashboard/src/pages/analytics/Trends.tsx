import { useLiveQuery } from '../../api/use-live-query.ts'
import { type Series, TimeSeries } from '../../components/chart/TimeSeries.tsx'
import { Answer, Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { Stat } from '../../components/Stat.tsx'
import { useSetRange } from '../../components/use-range.ts'
import { formatShare, percentDelta, pointsDelta } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import { type TimeSpan, toRangeSearch } from '../../model/time-range.ts'
import { AGAINST_LABELS, compareSteps } from './compare-steps.ts'
import { HourMap } from './HourMap.tsx'
import { type Both, type Step, type Totals, TREND_STEPS, TREND_TOTALS } from './queries.ts'
import type { Windows } from './use-windows.ts'

const HEIGHT = 150
const NOTHING: Totals = { total: 0, failed: 0, p50_ms: null, p95_ms: null }

/** Both windows over each other: how much, what share failed, how long it took. */
export function Trends({ windows }: { windows: Windows }) {
  return (
    <>
      <Numbers windows={windows} />
      <Steps windows={windows} kind="function" noun="Invocations" />
      <Steps windows={windows} kind="job" noun="Runs of jobs" />
      <HourMap windows={windows} />
    </>
  )
}

function Numbers({ windows }: { windows: Windows }) {
  const against = windows.against === 'week' ? 'the same time last week' : undefined
  const query = useLiveQuery(TREND_TOTALS, windows.variables, {
    identity: windows.key,
    every: windows.every,
    leads: true,
  })
  return (
    <div className="analytics-all">
      <Answer query={query} skeleton={<SkeletonBlock height={92} />}>
        {({ functions, functionsBefore, jobs, jobsBefore }) => {
          const calls = functions[0] ?? NOTHING
          const runs = jobs[0] ?? NOTHING
          // A window in which nothing happened has nothing to compare with.
          const callsBefore = functionsBefore[0] ?? null
          const runsBefore = jobsBefore[0] ?? null
          return (
            <div className="stats">
              <Stat
                against={against}
                label="Invocations"
                value={formatCount(calls.total)}
                delta={callsBefore && percentDelta(calls.total, callsBefore.total)}
                link={{ to: '/invocations' }}
                testId="stat-invocations"
              />
              <Stat
                against={against}
                label="Failed"
                tone={calls.failed > 0 ? 'failed' : 'ok'}
                value={formatShare(calls.failed, calls.total)}
                delta={callsBefore && pointsDelta(shareOf(calls), shareOf(callsBefore))}
                better="down"
                note={`${formatCount(calls.failed)} of ${formatCount(calls.total)}`}
                link={{ to: '/invocations', search: { status: ['failed', 'timeout', 'lost'] } }}
                testId="stat-failed"
              />
              <Stat
                against={against}
                label="Duration p95"
                value={calls.p95_ms === null ? '–' : formatMicros(calls.p95_ms * 1000)}
                delta={callsBefore && percentDelta(calls.p95_ms, callsBefore.p95_ms)}
                better="down"
                link={{ to: '/invocations', search: { sort: 'duration' } }}
                testId="stat-p95"
              />
              <Stat
                against={against}
                label="Job runs"
                value={formatCount(runs.total)}
                delta={runsBefore && percentDelta(runs.total, runsBefore.total)}
                link={{ to: '/jobs' }}
                testId="stat-runs"
              />
              <Stat
                against={against}
                label="Job runs failed"
                tone={runs.failed > 0 ? 'failed' : 'ok'}
                value={formatShare(runs.failed, runs.total)}
                delta={runsBefore && pointsDelta(shareOf(runs), shareOf(runsBefore))}
                better="down"
                note={`${formatCount(runs.failed)} of ${formatCount(runs.total)}`}
                link={{ to: '/jobs', search: { only: 'failing' } }}
                testId="stat-runs-failed"
              />
              <Stat
                against={against}
                label="Job runs p95"
                value={runs.p95_ms === null ? '–' : formatMicros(runs.p95_ms * 1000)}
                delta={runsBefore && percentDelta(runs.p95_ms, runsBefore.p95_ms)}
                better="down"
                testId="stat-runs-p95"
              />
            </div>
          )
        }}
      </Answer>
    </div>
  )
}

function Steps({ windows, kind, noun }: { windows: Windows; kind: 'function' | 'job'; noun: string }) {
  const setRange = useSetRange()
  const query = useLiveQuery(TREND_STEPS, () => ({ ...windows.variables(), kind, step: windows.interval }), {
    identity: [windows.key, kind],
    every: windows.every,
  })
  const parts = {
    query,
    skeleton: <SkeletonBlock height={HEIGHT + 20} />,
    empty: ({ now, before }: Both<Step>) =>
      now.length + before.length === 0 ? (
        <Empty title="Nothing in either time">Choose a longer time, or an earlier one.</Empty>
      ) : null,
  }
  const chart = {
    span: windows.span(),
    step: windows.step,
    height: HEIGHT,
    onBrush: (span: TimeSpan) => setRange(toRangeSearch(span)),
  }
  const before: Omit<Series, 'shape'> = { key: 'before', label: AGAINST_LABELS[windows.against], color: 'var(--quiet)' }
  return (
    <>
      <Panel title={noun} className="analytics-third" {...parts}>
        {data => (
          <TimeSeries
            {...chart}
            label={`${noun} over time`}
            points={compareSteps(data, windows, row => row?.total ?? 0)}
            series={[
              { key: 'now', label: 'Now', color: 'var(--chart-ok)', shape: 'bar' },
              { ...before, shape: 'line' },
            ]}
            format={formatCount}
          />
        )}
      </Panel>
      <Panel title={`${noun}: share that failed`} className="analytics-third" {...parts}>
        {data => (
          <TimeSeries
            {...chart}
            label={`Share of failed ${noun.toLowerCase()} over time`}
            points={compareSteps(data, windows, row => (row && row.total > 0 ? (row.failed / row.total) * 100 : null))}
            series={[
              { key: 'now', label: 'Now', color: 'var(--failed)', shape: 'area' },
              { ...before, shape: 'line' },
            ]}
            format={value => `${Number(value.toPrecision(3))} %`}
          />
        )}
      </Panel>
      <Panel title={`${noun}: duration p95`} className="analytics-third" {...parts}>
        {data => (
          <TimeSeries
            {...chart}
            label={`Duration p95 of ${noun.toLowerCase()} over time`}
            points={compareSteps(data, windows, row => row?.p95_ms ?? null)}
            series={[
              { key: 'now', label: 'Now', color: 'var(--running)', shape: 'area' },
              { ...before, shape: 'line' },
            ]}
            format={value => formatMicros(value * 1000)}
          />
        )}
      </Panel>
    </>
  )
}

function shareOf({ failed, total }: Totals): number | null {
  return total === 0 ? null : failed / total
}

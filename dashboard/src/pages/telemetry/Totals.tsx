import { useApi } from '../../api/ApiProvider.tsx'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { DeltaText } from '../../components/DeltaText.tsx'
import { Answer, Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { Stat } from '../../components/Stat.tsx'
import { formatShare, percentDelta, pointsDelta } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { formatCount } from '../../model/names.ts'
import { TELEMETRY_TOTALS, type Totals as WindowTotals } from './queries.ts'
import type { TelemetryWindow } from './TelemetryPage.tsx'

const NOTHING: WindowTotals = { total: 0, completed: 0, failed: 0, avg_ms: null, p95_ms: null }
const AGAINST = 'the same time last week'

/** The numbers of the window with their change since last week, and how well it was processed. */
export function Totals({ window }: { window: TelemetryWindow }) {
  const { config } = useApi()
  const query = useLiveQuery(TELEMETRY_TOTALS, window.variables, {
    identity: window.range.key,
    every: window.every,
    leads: true,
  })
  return (
    <>
      <div className="telemetry-all">
        <Answer
          query={query}
          skeleton={<SkeletonBlock height={92} />}
          empty={({ any }) => (any.length === 0 ? <NothingYet shopUrl={config.shopUrl} /> : null)}
        >
          {({ functions, functionsBefore, jobs, jobsBefore, running }) => {
            const calls = functions[0] ?? NOTHING
            const runs = jobs[0] ?? NOTHING
            const before = functionsBefore[0]
            const runsBefore = jobsBefore[0]
            return (
              <div className="stats">
                <Stat
                  label="Invocations"
                  value={formatCount(calls.total)}
                  delta={before ? percentDelta(calls.total, before.total) : null}
                  against={AGAINST}
                  link={{ to: '/invocations' }}
                  testId="stat-total"
                />
                <Stat
                  label="Completed"
                  value={formatCount(calls.completed)}
                  delta={before ? percentDelta(calls.completed, before.completed) : null}
                  against={AGAINST}
                  better="up"
                  note={`${formatShare(calls.completed, calls.total)} of ${formatCount(calls.total)}`}
                  link={{ to: '/invocations', search: { status: ['completed', 'job_failed'] } }}
                  testId="stat-completed"
                />
                <Stat
                  label="Running"
                  value={formatCount(running.aggregate?.count ?? 0)}
                  note="at this moment"
                  link={{ to: '/invocations', search: { status: ['running'], from: 'now-30d', to: 'now' } }}
                  testId="stat-running"
                />
                <Stat
                  label="Failed"
                  tone={calls.failed > 0 ? 'failed' : 'ok'}
                  value={formatCount(calls.failed)}
                  delta={before ? percentDelta(calls.failed, before.failed) : null}
                  against={AGAINST}
                  better="down"
                  link={{ to: '/invocations', search: { status: ['failed', 'timeout', 'lost'] } }}
                  testId="stat-failed"
                />
                <Stat
                  label="Job runs"
                  value={formatCount(runs.total)}
                  delta={runsBefore ? percentDelta(runs.total, runsBefore.total) : null}
                  against={AGAINST}
                  link={{ to: '/jobs' }}
                  testId="stat-runs"
                />
                <Stat
                  label="Job runs failed"
                  tone={runs.failed > 0 ? 'failed' : 'ok'}
                  value={formatCount(runs.failed)}
                  delta={runsBefore ? percentDelta(runs.failed, runsBefore.failed) : null}
                  against={AGAINST}
                  better="down"
                  link={{ to: '/jobs', search: { only: 'failing' } }}
                  testId="stat-runs-failed"
                />
              </div>
            )
          }}
        </Answer>
      </div>
      <Panel
        title="Processing performance"
        className="telemetry-all"
        query={query}
        skeleton={<SkeletonBlock height={96} />}
        empty={({ functions, jobs }) =>
          functions.length + jobs.length === 0 ? <Empty title="Nothing was processed in this time" /> : null
        }
      >
        {({ functions, functionsBefore, jobs, jobsBefore }) => (
          <div className="mini-scroll">
            <table className="mini-table" data-testid="performance">
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col">Processed</th>
                  <th scope="col">Success rate</th>
                  <th scope="col">Change</th>
                  <th scope="col">Average</th>
                  <th scope="col">Change</th>
                  <th scope="col">p95</th>
                  <th scope="col">Change</th>
                </tr>
              </thead>
              <tbody>
                <Performance name="Invocations" now={functions[0]} before={functionsBefore[0]} />
                <Performance name="Runs of jobs" now={jobs[0]} before={jobsBefore[0]} />
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </>
  )
}

interface PerformanceProps {
  name: string
  now: WindowTotals | undefined
  before: WindowTotals | undefined
}

function Performance({ name, now = NOTHING, before = NOTHING }: PerformanceProps) {
  const ended = now.completed + now.failed
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{formatCount(ended)}</td>
      <td>{formatShare(now.completed, ended)}</td>
      <td>
        <DeltaText delta={pointsDelta(rateOf(now), rateOf(before))} better="up" />
      </td>
      <td>{durationText(now.avg_ms)}</td>
      <td>
        <DeltaText delta={percentDelta(now.avg_ms, before.avg_ms)} better="down" />
      </td>
      <td>{durationText(now.p95_ms)}</td>
      <td>
        <DeltaText delta={percentDelta(now.p95_ms, before.p95_ms)} better="down" />
      </td>
    </tr>
  )
}

/** Of what has ended; null when nothing has. */
function rateOf({ completed, failed }: WindowTotals): number | null {
  return completed + failed === 0 ? null : completed / (completed + failed)
}

function durationText(ms: number | null): string {
  return ms === null ? '–' : formatMicros(ms * 1000)
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

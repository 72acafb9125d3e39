import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { useZone } from '../../components/use-zone.ts'
import { formatShare } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { count, formatCount } from '../../model/names.ts'
import { formatMinute, parseMicros, zoneLabel } from '../../model/time.ts'
import { toRangeSearch } from '../../model/time-range.ts'
import { SNAPSHOTS, type Snapshot } from './queries.ts'
import type { TelemetryWindow } from './TelemetryPage.tsx'

const MAX_SHOWN = 200
const HOUR_MS = 3_600_000

/** What maintenance counted of each hour. They stay when the rows are deleted. */
export function Snapshots({ window }: { window: TelemetryWindow }) {
  const [zone] = useZone()
  const query = useLiveQuery(
    SNAPSHOTS,
    () => {
      const { from, to } = window.range.span()
      // The hour in which the time begins belongs to it.
      const since = new Date(Math.floor(from / HOUR_MS) * HOUR_MS).toISOString()
      return { since, until: new Date(to).toISOString(), limit: MAX_SHOWN }
    },
    { identity: ['snapshots', window.range.key], every: window.every },
  )
  const state = query.data?.maintenance_state[0]
  return (
    <Panel
      title="Hourly snapshots"
      className="telemetry-all"
      query={query}
      aside={
        state?.last_run_at && (
          <span>
            last counted <RelativeTime at={state.last_run_at} />
          </span>
        )
      }
      partial={({ all }) =>
        (all.aggregate?.count ?? 0) > MAX_SHOWN
          ? `The newest ${MAX_SHOWN} of ${count(all.aggregate?.count ?? 0, 'hour')}.`
          : null
      }
      empty={({ snapshots }) =>
        snapshots.length === 0 ? (
          <Empty title="No hour of this time has been counted">
            Maintenance counts the hours; the server runs it by itself, or <code>hasura-observability maintain</code>{' '}
            does.
            {state?.last_run_at ? ' Nothing ran in these hours.' : ' It has not run yet.'}
          </Empty>
        ) : null
      }
    >
      {({ snapshots }) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="snapshots" tabIndex={0} aria-label="Hourly snapshots">
          <table className="mini-table" data-testid="snapshots">
            <thead>
              <tr>
                <th scope="col">Hour ({zoneLabel(Date.now() * 1000, zone)})</th>
                <th scope="col">Invocations</th>
                <th scope="col">Failed</th>
                <th scope="col">Lost</th>
                <th scope="col">Found their chain</th>
                <th scope="col">Modules asked</th>
                <th scope="col">Detected</th>
                <th scope="col">Runs of jobs</th>
                <th scope="col">Failed</th>
                <th scope="col">p50</th>
                <th scope="col">p95</th>
                <th scope="col">p99</th>
              </tr>
            </thead>
            <tbody>
              {snapshots.map(row => (
                <SnapshotRow
                  key={row.hour_bucket}
                  row={row}
                  hour={formatMinute(parseMicros(row.hour_bucket) ?? 0, zone)}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  )
}

function SnapshotRow({ row, hour }: { row: Snapshot; hour: string }) {
  const at = (parseMicros(row.hour_bucket) ?? 0) / 1000
  const time = (ms: number | null) => (ms === null ? '–' : ms < 1 ? '< 1 ms' : formatMicros(ms * 1000))
  return (
    <tr>
      <th scope="row">
        <Link to="/invocations" search={toRangeSearch({ from: at, to: at + HOUR_MS })} className="mini-link">
          {hour}
        </Link>
      </th>
      <td>{formatCount(row.total_invocations)}</td>
      <td>{formatCount(row.failed_invocations)}</td>
      <td>{formatCount(row.lost_invocations)}</td>
      <td>{formatShare(row.inherited_invocations, row.total_invocations)}</td>
      <td>{formatCount(row.total_events_asked)}</td>
      <td>{formatCount(row.total_events_detected)}</td>
      <td>{formatCount(row.total_jobs_run)}</td>
      <td>{formatCount(row.total_jobs_failed)}</td>
      <td>{time(row.p50_duration_ms)}</td>
      <td>{time(row.p95_duration_ms)}</td>
      <td>{time(row.p99_duration_ms)}</td>
    </tr>
  )
}

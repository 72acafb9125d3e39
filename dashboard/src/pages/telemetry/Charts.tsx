import { useLiveQuery } from '../../api/use-live-query.ts'
import { TimeSeries } from '../../components/chart/TimeSeries.tsx'
import { Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { useSetRange } from '../../components/use-range.ts'
import { fillSteps } from '../../model/fill-steps.ts'
import { count, formatCount } from '../../model/names.ts'
import { type TimeSpan, toRangeSearch } from '../../model/time-range.ts'
import { EVENTS, type EventsRow, VOLUME } from './queries.ts'
import type { TelemetryWindow } from './TelemetryPage.tsx'

const HEIGHT = 190
const COLORS: Record<string, string> = {
  trace: 'var(--running)',
  log: 'var(--chart-ok)',
  cdc: 'var(--lost)',
  metric: 'var(--warning)',
}

/** Invocations and runs of jobs over time. */
export function VolumeChart({ window }: { window: TelemetryWindow }) {
  const setRange = useSetRange()
  const query = useLiveQuery(VOLUME, () => ({ ...sinceUntil(window), step: window.interval }), {
    identity: ['volume', window.range.key],
    every: window.every,
  })
  return (
    <Panel
      title="Volume over time"
      className="telemetry-wide"
      query={query}
      skeleton={<SkeletonBlock height={HEIGHT + 20} />}
      empty={({ functions, jobs }) =>
        functions.length + jobs.length === 0 ? (
          <Empty title="Nothing ran in this time">Choose a longer time, or an earlier one.</Empty>
        ) : null
      }
    >
      {({ functions, jobs }) => {
        const span = window.range.span()
        const runs = fillSteps(jobs, span, window.step)
        return (
          <TimeSeries
            label="Invocations and runs of jobs over time"
            span={span}
            step={window.step}
            height={HEIGHT}
            onBrush={(brushed: TimeSpan) => setRange(toRangeSearch(brushed))}
            points={fillSteps(functions, span, window.step).map(({ at, row }, index) => ({
              at,
              values: { invocations: row?.total ?? 0, runs: runs[index]?.row?.total ?? 0 },
            }))}
            series={[
              { key: 'invocations', label: 'Invocations', color: 'var(--chart-ok)', shape: 'area' },
              { key: 'runs', label: 'Runs of jobs', color: 'var(--running)', shape: 'line' },
            ]}
            format={formatCount}
          />
        )
      }}
    </Panel>
  )
}

/** Everything else that is stored, by type. */
export function EventsChart({ window }: { window: TelemetryWindow }) {
  const setRange = useSetRange()
  const query = useLiveQuery(EVENTS, () => ({ ...sinceUntil(window), step: window.interval }), {
    identity: ['events', window.range.key],
    every: window.every,
  })
  const total = query.data?.events.reduce((sum, row) => sum + row.events, 0) ?? 0
  return (
    <Panel
      title="Events stored"
      className="telemetry-half"
      query={query}
      aside={query.data && <span data-testid="events-total">{count(total, 'event')}</span>}
      skeleton={<SkeletonBlock height={HEIGHT + 20} />}
      empty={({ events }) =>
        events.length === 0 ? (
          <Empty title="No event in this time">
            Lines of jobs, OpenTelemetry, row changes and analytics are stored as events, whoever sends them.
          </Empty>
        ) : null
      }
    >
      {({ events }) => {
        const span = window.range.span()
        const types = typesOf(events)
        return (
          <TimeSeries
            label="Events stored over time, by type"
            span={span}
            step={window.step}
            height={HEIGHT}
            onBrush={brushed => setRange(toRangeSearch(brushed))}
            points={fillSteps(toSteps(events), span, window.step).map(({ at, row }) => ({
              at,
              values: Object.fromEntries(types.map(type => [type, row?.counts.get(type) ?? 0])),
            }))}
            series={types.map(type => ({
              key: type,
              label: type,
              color: COLORS[type] ?? 'var(--edge)',
              shape: 'bar' as const,
            }))}
            format={formatCount}
          />
        )
      }}
    </Panel>
  )
}

function sinceUntil(window: TelemetryWindow): { since: string; until: string } {
  const { since, until } = window.variables()
  return { since, until }
}

/** The most frequent type first. */
function typesOf(rows: readonly EventsRow[]): string[] {
  const sums = new Map<string, number>()
  for (const { event_type, events } of rows) sums.set(event_type, (sums.get(event_type) ?? 0) + events)
  return [...sums].sort((a, b) => b[1] - a[1]).map(([type]) => type)
}

function toSteps(rows: readonly EventsRow[]): { bucket: string; counts: Map<string, number> }[] {
  const steps = new Map<string, { bucket: string; counts: Map<string, number> }>()
  for (const { bucket, event_type, events } of rows) {
    const step = steps.get(bucket) ?? { bucket, counts: new Map() }
    step.counts.set(event_type, events)
    steps.set(bucket, step)
  }
  return [...steps.values()]
}

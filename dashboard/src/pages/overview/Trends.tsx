import { useLiveQuery } from '../../api/use-live-query.ts'
import { type Point, TimeSeries } from '../../components/chart/TimeSeries.tsx'
import { Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { type Range, useSetRange } from '../../components/use-range.ts'
import { formatMicros } from '../../model/duration.ts'
import { fillSteps } from '../../model/fill-steps.ts'
import { formatCount } from '../../model/names.ts'
import { chartStep, type TimeSpan, toRangeSearch } from '../../model/time-range.ts'
import { OVERVIEW_STEPS, type StepRow } from './queries.ts'

const CHART_HEIGHT = 170

/** How many, how many failed and how long, over the window. Dragging over a chart chooses the time. */
export function Trends({ range, every }: { range: Range; every: number }) {
  const setRange = useSetRange()
  const span = range.span()
  const step = chartStep(span, 60)
  const query = useLiveQuery(
    OVERVIEW_STEPS,
    () => ({ since: range.variables().from, until: range.variables().to, step: `${step / 1000} seconds` }),
    { identity: range.key, every },
  )
  const parts = {
    query,
    skeleton: <SkeletonBlock height={CHART_HEIGHT + 20} />,
    empty: ({ steps }: { steps: StepRow[] }) =>
      steps.length === 0 ? (
        <Empty title="No invocations in this time">Choose a longer time, or an earlier one.</Empty>
      ) : null,
  }
  const chart = { span, step, height: CHART_HEIGHT, onBrush: (brushed: TimeSpan) => setRange(toRangeSearch(brushed)) }
  return (
    <>
      <Panel title="Invocations" className="overview-half" {...parts}>
        {({ steps }) => (
          <TimeSeries
            {...chart}
            label="Invocations over time"
            points={points(steps, span, step, row => ({
              ok: (row?.total ?? 0) - (row?.failed ?? 0),
              failed: row?.failed ?? 0,
            }))}
            series={[
              { key: 'ok', label: 'Not failed', color: 'var(--chart-ok)', shape: 'bar' },
              { key: 'failed', label: 'Failed', color: 'var(--failed)', shape: 'bar' },
            ]}
            format={formatCount}
          />
        )}
      </Panel>
      <Panel title="Duration" className="overview-half" {...parts}>
        {({ steps }) => (
          <TimeSeries
            {...chart}
            label="Duration of invocations over time"
            points={points(steps, span, step, row => ({ p95: row?.p95_ms ?? null, p50: row?.p50_ms ?? null }))}
            series={[
              { key: 'p95', label: 'p95', color: 'var(--running)', shape: 'area' },
              { key: 'p50', label: 'p50', color: 'var(--ink-2)', shape: 'line' },
            ]}
            format={value => formatMicros(value * 1000)}
          />
        )}
      </Panel>
    </>
  )
}

function points(
  steps: readonly StepRow[],
  span: TimeSpan,
  step: number,
  values: (row: StepRow | null) => Point['values'],
): Point[] {
  return fillSteps(steps, span, step).map(({ at, row }) => ({ at, values: values(row) }))
}

import { useLiveQuery } from '../../api/use-live-query.ts'
import { type Point, TimeSeries } from '../../components/chart/TimeSeries.tsx'
import { Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { type Range, useSetRange } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatMs } from '../../model/duration.ts'
import { fillSteps } from '../../model/fill-steps.ts'
import { formatCount } from '../../model/names.ts'
import { chartStep, type TimeSpan, toRangeSearch } from '../../model/time-range.ts'
import { JOB_STEPS, type JobStep } from './queries.ts'

const CHART_HEIGHT = 160

/** How often it ran and failed, and how long it took, over the window. */
export function JobTrends({ name, range, every }: { name: string; range: Range; every: number }) {
  const setRange = useSetRange()
  const span = range.span()
  const step = chartStep(span, 60)
  const query = useLiveQuery(JOB_STEPS, () => ({ ...windowVariables(range), name, step: `${step / 1000} seconds` }), {
    identity: [name, range.key],
    every,
  })
  const points = (steps: readonly JobStep[], values: (row: JobStep | null) => Point['values']): Point[] =>
    fillSteps(steps, span, step).map(({ at, row }) => ({ at, values: values(row) }))
  const parts = { query, className: 'entity-half', skeleton: <SkeletonBlock height={CHART_HEIGHT + 20} /> }
  const chart = { span, step, height: CHART_HEIGHT, onBrush: (brushed: TimeSpan) => setRange(toRangeSearch(brushed)) }
  return (
    <>
      <Panel title="Runs" {...parts}>
        {({ steps }) => (
          <TimeSeries
            {...chart}
            label="Runs over time"
            points={points(steps, row => ({ ok: (row?.total ?? 0) - (row?.failed ?? 0), failed: row?.failed ?? 0 }))}
            series={[
              { key: 'ok', label: 'Not failed', color: 'var(--chart-ok)', shape: 'bar' },
              { key: 'failed', label: 'Failed', color: 'var(--failed)', shape: 'bar' },
            ]}
            format={formatCount}
          />
        )}
      </Panel>
      <Panel title="Duration" {...parts}>
        {({ steps }) => (
          <TimeSeries
            {...chart}
            label="Duration of runs over time"
            points={points(steps, row => ({
              p99: row?.p99_ms ?? null,
              p95: row?.p95_ms ?? null,
              p50: row?.p50_ms ?? null,
            }))}
            series={[
              { key: 'p99', label: 'p99', color: 'var(--lost)', shape: 'line' },
              { key: 'p95', label: 'p95', color: 'var(--running)', shape: 'area' },
              { key: 'p50', label: 'p50', color: 'var(--ink-2)', shape: 'line' },
            ]}
            format={formatMs}
          />
        )}
      </Panel>
    </>
  )
}

import { useLiveQuery } from '../../api/use-live-query.ts'
import { type Point, TimeSeries } from '../../components/chart/TimeSeries.tsx'
import { Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { type Range, useSetRange } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { formatMs } from '../../model/duration.ts'
import { fillSteps } from '../../model/fill-steps.ts'
import { formatCount } from '../../model/names.ts'
import { chartStep, type TimeSpan, toRangeSearch } from '../../model/time-range.ts'
import { MODULE_STEPS, type ModuleStep } from './queries.ts'

const CHART_HEIGHT = 160

/** What it said, and how long it took, over the window. */
export function ModuleTrends({ name, range, every }: { name: string; range: Range; every: number }) {
  const setRange = useSetRange()
  const span = range.span()
  const step = chartStep(span, 60)
  const query = useLiveQuery(
    MODULE_STEPS,
    () => ({ ...windowVariables(range), name, step: `${step / 1000} seconds` }),
    { identity: [name, range.key], every },
  )
  const points = (steps: readonly ModuleStep[], values: (row: ModuleStep | null) => Point['values']): Point[] =>
    fillSteps(steps, span, step).map(({ at, row }) => ({ at, values: values(row) }))
  const parts = { query, className: 'entity-half', skeleton: <SkeletonBlock height={CHART_HEIGHT + 20} /> }
  const chart = { span, step, height: CHART_HEIGHT, onBrush: (brushed: TimeSpan) => setRange(toRangeSearch(brushed)) }
  return (
    <>
      <Panel title="Verdicts" {...parts}>
        {({ steps }) => (
          <TimeSeries
            {...chart}
            label="Verdicts over time"
            points={points(steps, row => ({
              detected: row?.detected ?? 0,
              not: (row?.asked ?? 0) - (row?.detected ?? 0),
              failed: row?.failed || null,
            }))}
            series={[
              { key: 'detected', label: 'Detected', color: 'var(--chart-ok)', shape: 'bar' },
              { key: 'not', label: 'Not detected', color: 'var(--edge)', shape: 'bar' },
              { key: 'failed', label: 'Of these failed', color: 'var(--failed)', shape: 'line' },
            ]}
            format={formatCount}
          />
        )}
      </Panel>
      <Panel title="Duration" {...parts}>
        {({ steps }) => (
          <TimeSeries
            {...chart}
            label="Duration of detector and handler over time"
            points={points(steps, row => ({
              handler95: row?.handler_p95_ms ?? null,
              handler50: row?.handler_p50_ms ?? null,
              detector: row?.detection_p95_ms ?? null,
            }))}
            series={[
              { key: 'handler95', label: 'Handler p95', color: 'var(--running)', shape: 'area' },
              { key: 'handler50', label: 'Handler p50', color: 'var(--ink-2)', shape: 'line' },
              { key: 'detector', label: 'Detector p95', color: 'var(--lost)', shape: 'line' },
            ]}
            format={formatMs}
          />
        )}
      </Panel>
    </>
  )
}

import type { LiveQuery } from '../../api/use-live-query.ts'
import { TimeSeries } from '../../components/chart/TimeSeries.tsx'
import { Answer, SkeletonBlock } from '../../components/Panel.tsx'
import { type Range, useSetRange } from '../../components/use-range.ts'
import { fillSteps } from '../../model/fill-steps.ts'
import { levelColor, levelStatus, sortLevels } from '../../model/log-level.ts'
import { formatCount } from '../../model/names.ts'
import { toRangeSearch } from '../../model/time-range.ts'
import type { LevelCount } from './queries.ts'

const HEIGHT = 96

interface LogChartProps {
  query: LiveQuery<{ levels: LevelCount[] }>
  range: Range
  /** In milliseconds. */
  step: number
  /** Only these; all when none is chosen. */
  levels: readonly string[] | undefined
}

/** Lines over time, by level. Dragging chooses the time. */
export function LogChart({ query, range, step, levels }: LogChartProps) {
  const setRange = useSetRange()
  return (
    <div className="log-chart">
      <Answer query={query} skeleton={<SkeletonBlock height={HEIGHT + 12} />}>
        {({ levels: counts }) => {
          const shown = counts.filter(({ value }) => !levels || levels.includes(value))
          const span = range.span()
          const present = sortLevels(shown.map(({ value }) => value))
          return (
            <TimeSeries
              label="Lines over time"
              span={span}
              step={step}
              height={HEIGHT}
              onBrush={brushed => setRange(toRangeSearch(brushed))}
              points={fillSteps(toSteps(shown), span, step).map(({ at, row }) => ({
                at,
                values: Object.fromEntries(present.map(level => [level, row?.lines.get(level) ?? 0])),
              }))}
              // What is severe stands at the foot of a bar, where it can be compared.
              series={present.map(level => ({
                key: level,
                label: levelStatus(level).word,
                color: levelColor(level),
                shape: 'bar',
              }))}
              format={formatCount}
            />
          )
        }}
      </Answer>
    </div>
  )
}

interface Step {
  bucket: string
  lines: Map<string, number>
}

function toSteps(counts: readonly LevelCount[]): Step[] {
  const steps = new Map<string, Step>()
  for (const { bucket, value, lines } of counts) {
    const step = steps.get(bucket) ?? { bucket, lines: new Map() }
    step.lines.set(value, lines)
    steps.set(bucket, step)
  }
  return [...steps.values()]
}

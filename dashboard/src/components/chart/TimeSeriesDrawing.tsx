import { useRef, useState } from 'react'
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { formatClock, formatDay, formatMinute, type Zone, zoneLabel } from '../../model/time.ts'
import { useZone } from '../use-zone.ts'
import type { Series, TimeSeriesProps } from './TimeSeries.tsx'
import { timeTicks } from './time-ticks.ts'

/** The drawing itself; loaded with the charts library. Dragging over it chooses a span. */
export default function TimeSeriesDrawing({
  points,
  series,
  span,
  step,
  height = 180,
  format = String,
  onBrush,
}: TimeSeriesProps) {
  const [zone] = useZone()
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const latestDrag = useRef(drag)
  latestDrag.current = drag
  // A bar stands in the middle of the time it counts.
  const data: Datum[] = points.map(point => ({ ...point.values, at: point.at + step / 2 }))
  // The first and the last step may reach beyond the span: the newest bar must be seen, although its time is not over.
  const domain = {
    from: Math.min(span.from, points[0]?.at ?? span.from),
    to: Math.max(span.to, (points.at(-1)?.at ?? span.to) + step),
  }
  const ticks = timeTicks(domain, 6)
  const finish = () => {
    const { current } = latestDrag
    setDrag(null)
    if (!current || !onBrush) return
    const from = Math.min(current.from, current.to) - step / 2
    const to = Math.max(current.from, current.to) + step / 2
    if (to - from > step) onBrush({ from, to })
  }
  const at = (event: { activeLabel?: string | number | undefined }) =>
    event.activeLabel === undefined ? null : Number(event.activeLabel)
  return (
    <ResponsiveContainer width="100%" height={height} debounce={60}>
      <ComposedChart
        data={data}
        margin={{ top: 6, right: 14, bottom: 0, left: 0 }}
        barCategoryGap={1}
        style={{ cursor: onBrush ? 'crosshair' : undefined, userSelect: 'none' }}
        onMouseDown={event => {
          const start = at(event)
          if (start !== null && onBrush) setDrag({ from: start, to: start })
        }}
        onMouseMove={event => {
          const to = at(event)
          if (to !== null && latestDrag.current) setDrag({ from: latestDrag.current.from, to })
        }}
        onMouseUp={finish}
        onMouseLeave={() => setDrag(null)}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="at"
          type="number"
          scale="time"
          domain={[domain.from, domain.to]}
          allowDataOverflow
          ticks={ticks.at}
          tickFormatter={tick => tickText(Number(tick), ticks.step, zone)}
          tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
          tickLine={false}
          axisLine={{ stroke: 'var(--line-strong)' }}
          height={22}
        />
        <YAxis
          width={58}
          tickFormatter={value => (Number(value) === 0 ? '0' : format(Number(value)))}
          tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
          tickLine={false}
          axisLine={false}
          // A low chart has no room for more words.
          tickCount={height < 120 ? 3 : 4}
          allowDecimals={false}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: 'var(--hover)', stroke: 'var(--line-strong)' }}
          content={({ active, payload, label }) =>
            active && payload && payload.length > 0 ? (
              <TooltipBox
                start={Number(label) - step / 2}
                step={step}
                zone={zone}
                rows={series.map(one => ({
                  one,
                  value: (payload[0]?.payload as Record<string, number | null> | undefined)?.[one.key] ?? null,
                }))}
                format={format}
              />
            ) : null
          }
        />
        {series.map(one => drawSeries(one, (step / (domain.to - domain.from)) * 100, data))}
        {drag && drag.from !== drag.to && (
          <ReferenceArea x1={drag.from} x2={drag.to} fill="var(--focus)" fillOpacity={0.12} ifOverflow="hidden" />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  )
}

type Datum = { at: number } & Record<string, number | null>

function drawSeries({ key, label, color, shape }: Series, barPercent: number, data: readonly Datum[]) {
  const common = { key, dataKey: key, name: label, isAnimationActive: false } as const
  if (shape === 'bar') {
    return <Bar {...common} stackId="bars" fill={color} barSize={`${Math.max(0.4, barPercent * 0.82)}%`} />
  }
  const isThere = (index: number) => typeof data[index]?.[key] === 'number'
  // A line needs two neighbours: what stands alone is a dot, or it would not be seen.
  const dot = ({ cx, cy, index }: { cx?: number; cy?: number; index: number }) =>
    isThere(index) && !isThere(index - 1) && !isThere(index + 1) ? (
      <circle key={index} cx={cx} cy={cy} r={2.5} fill={color} />
    ) : (
      <g key={index} />
    )
  if (shape === 'area') {
    return (
      <Area
        {...common}
        type="linear"
        stroke={color}
        strokeWidth={1.6}
        fill={color}
        fillOpacity={0.1}
        dot={dot}
        connectNulls={false}
      />
    )
  }
  return <Line {...common} type="linear" stroke={color} strokeWidth={1.6} dot={dot} connectNulls={false} />
}

function TooltipBox({
  start,
  step,
  zone,
  rows,
  format,
}: {
  start: number
  step: number
  zone: Zone
  rows: { one: Series; value: number | null }[]
  format: (value: number) => string
}) {
  return (
    <div className="chart-tooltip">
      <div className="chart-tooltip-time">
        {formatMinute(start * 1000, zone)} –{' '}
        {formatClock((start + step) * 1000, zone, 0).slice(0, step < 60_000 ? 8 : 5)}{' '}
        <span>{zoneLabel(start * 1000, zone)}</span>
      </div>
      {rows.map(({ one, value }) => (
        <div key={one.key} className="chart-tooltip-row">
          <span className="legend-mark" data-shape={one.shape} style={{ color: one.color }} />
          <span>{one.label}</span>
          <span className="number">{value === null ? '–' : format(value)}</span>
        </div>
      ))}
    </div>
  )
}

function tickText(at: number, step: number, zone: Zone): string {
  const clock = formatClock(at * 1000, zone, 0)
  if (step >= 86_400_000) return formatDay(at * 1000, zone)
  if (clock.startsWith('00:00')) return formatDay(at * 1000, zone)
  return step < 60_000 ? clock : clock.slice(0, 5)
}

import { lazy, type ReactNode, Suspense, useId, useState } from 'react'
import { count } from '../../model/names.ts'
import { formatMinute } from '../../model/time.ts'
import type { TimeSpan } from '../../model/time-range.ts'
import { SkeletonBlock } from '../Panel.tsx'
import { useZone } from '../use-zone.ts'
import './chart.css'

// Drawing charts takes a library as large as the rest of the page: it comes with the first chart.
const TimeSeriesDrawing = lazy(() => import('./TimeSeriesDrawing.tsx'))

export interface Series {
  key: string
  label: string
  /** A colour of the page, as a CSS variable: `var(--ok)`. */
  color: string
  shape: 'bar' | 'line' | 'area'
}

/** One moment: `at` in milliseconds, and a number for each series; null where nothing was measured. */
export interface Point {
  at: number
  values: Record<string, number | null>
}

export interface TimeSeriesProps {
  /** What the chart shows, in words. */
  label: string
  points: readonly Point[]
  series: readonly Series[]
  span: TimeSpan
  /** How long a bar lasts, in milliseconds. */
  step: number
  height?: number
  format?: (value: number) => string
  /** Told the span that was drawn with the pointer. */
  onBrush?: ((span: TimeSpan) => void) | undefined
  aside?: ReactNode
}

/** Numbers over time: drawn, or as a table for those who would rather read. Bars of one chart stand on each other. */
export function TimeSeries(props: TimeSeriesProps) {
  const { label, points, series, height = 180, format = String, aside } = props
  const [asTable, setAsTable] = useState(false)
  const [zone] = useZone()
  const id = useId()
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption className="chart-legend">
        <span id={id} className="sr-only">
          {label}
        </span>
        {series.map(one => (
          <span key={one.key} className="legend-item">
            <span className="legend-mark" data-shape={one.shape} style={{ color: one.color }} />
            {one.label}
          </span>
        ))}
        <span className="chart-aside">
          {aside}
          <button
            type="button"
            className="link-button quiet"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? 'Chart' : 'Table'}
          </button>
        </span>
      </figcaption>
      {asTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="chart-table" style={{ maxHeight: height }} tabIndex={0} aria-label={label}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                {series.map(one => (
                  <th key={one.key} scope="col">
                    {one.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map(point => (
                <tr key={point.at}>
                  <th scope="row">{formatMinute(point.at * 1000, zone)}</th>
                  {series.map(one => (
                    <td key={one.key}>{cellText(point.values[one.key], format)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <div style={{ height }} data-testid="chart" role="img" aria-label={`${label}, ${count(points.length, 'step')}`}>
          <Suspense fallback={<SkeletonBlock height={height - 14} />}>
            <TimeSeriesDrawing {...props} height={height} />
          </Suspense>
        </div>
      )}
    </figure>
  )
}

function cellText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}

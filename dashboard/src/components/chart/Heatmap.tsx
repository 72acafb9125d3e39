import { type ReactNode, useId, useState } from 'react'
import './heatmap.css'

export interface HeatCell {
  column: number
  row: number
  value: number
  /** What it counts, in words: shown when the pointer rests on it. */
  title: string
}

interface HeatmapProps {
  /** What the picture shows, in words. */
  label: string
  /** Below the columns; null where none is written. */
  columns: readonly (string | null)[]
  /** Beside the rows, from the top. */
  rows: readonly (string | null)[]
  cells: readonly HeatCell[]
  /** A colour of the page, as a CSS variable. */
  color: string
  rowHeight: number
  onPick?: (cell: HeatCell) => void
  /** The same numbers for those who would rather read. */
  table: ReactNode
  aside?: ReactNode
}

/** Counts in two directions: the more, the darker. Shades follow the logarithm, so that few are seen beside many. */
export function Heatmap(props: HeatmapProps) {
  const { label, columns, rows, cells, color, rowHeight, onPick, table, aside } = props
  const [asTable, setAsTable] = useState(false)
  const id = useId()
  const tableStyle = { maxHeight: rows.length * rowHeight + 40 }
  const most = Math.max(1, ...cells.map(cell => cell.value))
  const shade = (value: number) => 14 + 86 * (most === 1 ? 1 : Math.log(value) / Math.log(most))
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption className="chart-legend">
        <span id={id} className="sr-only">
          {label}
        </span>
        <span className="heat-legend">
          1
          <span
            className="heat-scale"
            style={{ background: `linear-gradient(90deg, color-mix(in srgb, ${color} 14%, var(--surface)), ${color})` }}
          />
          {most.toLocaleString('en-US')}
        </span>
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
        <section className="chart-table" style={tableStyle} tabIndex={0} aria-label={label}>
          {table}
        </section>
      ) : (
        <div className="heat" data-testid="heatmap">
          <div className="heat-rows" aria-hidden="true">
            {rows.map((row, at) => (
              <span key={at} style={{ height: rowHeight }}>
                {row}
              </span>
            ))}
          </div>
          <svg
            role="img"
            aria-label={`${label}, ${cells.length} cells. The table has the numbers.`}
            viewBox={`0 0 ${columns.length} ${rows.length}`}
            preserveAspectRatio="none"
            style={{ height: rows.length * rowHeight }}
          >
            {cells
              .filter(cell => cell.value > 0)
              .map(cell => (
                // biome-ignore lint/a11y/noStaticElementInteractions: the table has the same as buttons
                <rect
                  key={`${cell.column} ${cell.row}`}
                  x={cell.column + 0.04}
                  y={cell.row + 0.05}
                  width={0.92}
                  height={0.9}
                  fill={`color-mix(in srgb, ${color} ${shade(cell.value).toFixed(1)}%, var(--surface))`}
                  data-value={cell.value}
                  onClick={onPick && (() => onPick(cell))}
                  style={onPick && { cursor: 'pointer' }}
                >
                  <title>{cell.title}</title>
                </rect>
              ))}
          </svg>
          <div className="heat-columns" aria-hidden="true">
            {columns.map((column, at) => (
              <span key={at}>{column !== null && <span>{column}</span>}</span>
            ))}
          </div>
        </div>
      )}
    </figure>
  )
}

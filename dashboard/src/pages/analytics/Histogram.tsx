import { useId, useState } from 'react'
import type { Against } from '../../model/compared-windows.ts'
import { formatShare } from '../../model/delta.ts'
import { formatMicros } from '../../model/duration.ts'
import { countsOf, type DurationBin, FINE_BINS, usedBins } from '../../model/duration-histogram.ts'
import { formatCount } from '../../model/names.ts'
import { AGAINST_LABELS } from './compare-steps.ts'
import type { DurationRow } from './queries.ts'

interface HistogramProps {
  now: DurationRow
  before: DurationRow | undefined
  against: Against
}

/** Which share of all took how long: bars for this window, lines for the other. Each step to the right is 19 % longer. */
export function Histogram({ now, before, against }: HistogramProps) {
  const [asTable, setAsTable] = useState(false)
  const id = useId()
  const counts = countsOf(now.histogram, FINE_BINS)
  const countsBefore = countsOf(before?.histogram ?? [], FINE_BINS)
  const used = usedBins([counts, countsBefore])
  if (!used) return null
  const bins = FINE_BINS.slice(used.from, used.to + 1).map((bin, at) => ({
    bin,
    now: counts[used.from + at] ?? 0,
    before: countsBefore[used.from + at] ?? 0,
  }))
  const share = (part: number, whole: number | undefined) => (whole ? part / whole : 0)
  const most = Math.max(...bins.map(one => Math.max(share(one.now, now.measured), share(one.before, before?.measured))))
  const labelEvery = Math.max(1, Math.ceil(bins.length / 9))
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption className="chart-legend">
        <span id={id} className="sr-only">
          How many took how long
        </span>
        <span className="legend-item">
          <span className="legend-mark" style={{ color: 'var(--running)' }} />
          Now, up to {formatShare(most, 1)}
        </span>
        <span className="legend-item">
          <span className="legend-mark" data-shape="line" style={{ color: 'var(--ink-2)' }} />
          {AGAINST_LABELS[against]}
          {!before && <span className="quiet">(nothing)</span>}
        </span>
        <span className="chart-aside">
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
        <section className="chart-table" style={{ maxHeight: 190 }} tabIndex={0} aria-label="How many took how long">
          <table data-testid="histogram-table">
            <thead>
              <tr>
                <th scope="col">Took</th>
                <th scope="col">Now</th>
                <th scope="col">Share</th>
                <th scope="col">{AGAINST_LABELS[against]}</th>
                <th scope="col">Share</th>
              </tr>
            </thead>
            <tbody>
              {bins.map(one => (
                <tr key={one.bin.first}>
                  <th scope="row">{binText(one.bin)}</th>
                  <td>{formatCount(one.now)}</td>
                  <td>{formatShare(one.now, now.measured)}</td>
                  <td>{formatCount(one.before)}</td>
                  <td>{formatShare(one.before, before?.measured ?? 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <div
          className="histogram"
          role="img"
          aria-label={`How many took how long, ${bins.length} bars`}
          data-testid="histogram"
        >
          {bins.map((one, at) => (
            <div
              key={one.bin.first}
              className="histogram-bin"
              title={`${binText(one.bin)}: ${formatCount(one.now)} (${formatShare(one.now, now.measured)}), before ${formatCount(one.before)} (${formatShare(one.before, before?.measured ?? 0)})`}
            >
              <div className="histogram-bars">
                <span className="histogram-now" style={{ height: `${(share(one.now, now.measured) / most) * 100}%` }} />
                {one.before > 0 && (
                  <span
                    className="histogram-before"
                    style={{ bottom: `${(share(one.before, before?.measured) / most) * 100}%` }}
                  />
                )}
              </div>
              <span className="histogram-label">{at % labelEvery === 0 && startText(one.bin)}</span>
            </div>
          ))}
        </div>
      )}
    </figure>
  )
}

function startText(bin: DurationBin): string {
  return bin.fromMs === 0 ? '0' : formatMicros(bin.fromMs * 1000)
}

export function binText(bin: DurationBin): string {
  if (bin.fromMs === 0) return 'below 1 ms'
  if (bin.toMs === Number.POSITIVE_INFINITY) return `${startText(bin)} and more`
  return `${startText(bin)} to ${formatMicros(bin.toMs * 1000)}`
}

import type { Micros } from '../../model/time.ts'
import type { Segment } from '../../model/waterfall/critical-path.ts'
import { clusterMarks, type Mark, type MarkIndex, marksOf } from '../../model/waterfall/marks.ts'
import type { TimeScale } from '../../model/waterfall/time-scale.ts'

export const ROW_HEIGHT = 24
/** What a number beside a bar needs. */
const LABEL_ROOM = 68

interface Bar {
  scale: TimeScale
  start: Micros
  end: Micros
  look: string
  label: string
  /** Moments of the span; a number does not stand on one that comes before the bar. */
  marks?: readonly Mark[]
}

/** Drawn where it is; outside the window only the number says that there is something. */
export function drawBar({ scale, start, end, look, label, marks }: Bar) {
  const x0 = scale.toX(start)
  const x1 = scale.toX(end)
  if (x1 < 0 || x0 > scale.width) {
    const before = x1 < 0
    return (
      <>
        <span className="wf-bar is-away" />
        <span className="wf-length" style={before ? { left: 4 } : { right: 4 }}>
          {before ? `← ${label}` : `${label} →`}
        </span>
      </>
    )
  }
  const left = Math.max(0, x0)
  const right = Math.max(left + 2, Math.min(scale.width, x1))
  const isTaken = marks?.some(({ at }) => at < start && scale.toX(at) > left - LABEL_ROOM) === true
  const place = placeLabel(left, right, scale.width, isTaken && right - left >= LABEL_ROOM)
  return (
    <>
      <span className={`wf-bar ${look}`} style={{ left, width: right - left }} />
      <span className={place.isBeside ? 'wf-length' : `wf-length is-on-bar ${look}`} style={place.style}>
        {label}
      </span>
    </>
  )
}

/** Beside the bar where there is room, right first; else on it. */
function placeLabel(left: number, right: number, width: number, isTakenBefore: boolean) {
  if (right + LABEL_ROOM <= width) return { isBeside: true, style: { left: right + 5 } }
  if (left >= LABEL_ROOM && !isTakenBefore) return { isBeside: true, style: { right: width - left + 5 } }
  return { isBeside: false, style: { right: Math.max(6, width - right + 6) } }
}

/** The moments of a span that were logged, or changed a row. */
export function Marks({ marks, row, scale }: { marks: MarkIndex; row: number; scale: TimeScale }) {
  const own = marksOf(marks, row)
  if (own.length === 0) return null
  const clusters = clusterMarks(own, scale)
  if (clusters.length === 0) return null
  const changes = clusters.filter(cluster => cluster.changes > 0)
  const logs = clusters.filter(cluster => cluster.changes === 0)
  const loud = logs.filter(({ tone }) => tone === 'failed' || tone === 'warning')
  const quiet = logs.filter(cluster => !loud.includes(cluster))
  // One path for each look, however many marks there are.
  return (
    <svg className="wf-marks" aria-hidden="true">
      {quiet.length > 0 && <path className="wf-mark-log" d={quiet.map(({ x }) => diamond(x, 3)).join('')} />}
      {loud.length > 0 && <path className="wf-mark-loud" d={loud.map(({ x }) => diamond(x, 3.6)).join('')} />}
      {changes.length > 0 && <path className="wf-mark-change" d={changes.map(({ x }) => diamond(x, 4.4)).join('')} />}
    </svg>
  )
}

function diamond(x: number, size: number): string {
  const y = ROW_HEIGHT / 2
  return `M${x.toFixed(1)},${y - size}l${size},${size}l${-size},${size}l${-size},${-size}Z`
}

/** What of a bar the end of everything had to wait for. */
export function PathPiece({ segment, scale }: { segment: Segment; scale: TimeScale }) {
  const left = Math.max(0, scale.toX(segment.from))
  const right = Math.min(scale.width, scale.toX(segment.to))
  if (right < 0 || left > scale.width) return null
  return (
    <span
      className="wf-path"
      data-waiting={segment.waiting || undefined}
      style={{ left, width: Math.max(1, right - left) }}
    />
  )
}

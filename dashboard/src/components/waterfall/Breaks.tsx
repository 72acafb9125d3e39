import { formatMicros } from '../../model/duration.ts'
import type { TimeScale } from '../../model/waterfall/time-scale.ts'

/** The pauses that are folded, across all rows, each with its length. */
export function Breaks({ scale }: { scale: TimeScale }) {
  return scale.breaks.map(({ x, width, gap }) => (
    <div
      key={gap.from}
      className="wf-break"
      style={{ left: x, width }}
      title={`${formatMicros(gap.to - gap.from)} idle`}
    >
      <span>{formatMicros(gap.to - gap.from)} idle</span>
    </div>
  ))
}

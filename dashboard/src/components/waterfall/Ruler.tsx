import { useMemo } from 'react'
import { formatOffset } from '../../model/duration.ts'
import { formatClock, type Zone, zoneLabel } from '../../model/time.ts'
import { ticksOf } from '../../model/waterfall/ticks.ts'
import type { TimeScale } from '../../model/waterfall/time-scale.ts'

const SPACING = 118

/** Time since the start, and the time of day below it. */
export function Ruler({ scale, zone }: { scale: TimeScale; zone: Zone }) {
  const { step, ticks } = useMemo(() => ticksOf(scale, SPACING), [scale])
  const origin = scale.work.extent.from
  // As many digits as the distance between two ticks can show.
  const digits = step < 1000 ? 6 : step < 1_000_000 ? 3 : 0
  return (
    <div className="wf-ruler" aria-hidden="true">
      {ticks.map(({ x, at }) => (
        <span key={at} className="wf-tick" style={{ left: x }} data-last={x > scale.width - 60 || undefined}>
          <b>{at === origin ? '0' : formatOffset(at - origin)}</b>
          <small>{formatClock(at, zone, digits)}</small>
        </span>
      ))}
    </div>
  )
}

/** The day and the zone that the times of day belong to. */
export function Day({ scale, zone }: { scale: TimeScale; zone: Zone }) {
  const first = scale.toTime(0)
  return (
    <span className="wf-day">
      {dayOf(first, zone)} · {zoneLabel(first, zone)}
    </span>
  )
}

function dayOf(at: number, zone: Zone): string {
  const options = { day: 'numeric', month: 'short', year: 'numeric' } as const
  return new Date(at / 1000).toLocaleDateString('en-GB', zone === 'utc' ? { ...options, timeZone: 'UTC' } : options)
}

import type { Micros } from '../time.ts'
import type { TimeScale } from './time-scale.ts'

export interface Tick {
  x: number
  at: Micros
}

const STEPS: readonly Micros[] = [
  ...[1, 10, 100, 1e3, 1e4, 1e5].flatMap(unit => [unit, 2 * unit, 5 * unit]),
  ...[1, 2, 5, 10, 15, 30].map(seconds => seconds * 1e6),
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * 60e6),
  ...[1, 2, 3, 6, 12, 24].map(hours => hours * 3600e6),
]

/** Round distances from the start of everything, about so many pixels apart; none inside a folded gap. */
export function ticksOf(scale: TimeScale, spacing: number): { step: Micros; ticks: Tick[] } {
  const wanted = scale.microsPerPixel * spacing
  const step = STEPS.find(candidate => candidate >= wanted) ?? Math.ceil(wanted / 86_400e6) * 86_400e6
  const origin = scale.work.extent.from
  const ticks: Tick[] = []
  // From one break to the next: in a gap there may be thousands of round times, and none of them is drawn.
  let from = scale.toTime(0)
  const ends = [...scale.breaks.map(({ gap }) => gap), { from: scale.toTime(scale.width), to: 0 }]
  for (const end of ends) {
    for (let index = Math.ceil((from - origin) / step); origin + index * step <= end.from; index++) {
      const at = origin + index * step
      const x = scale.toX(at)
      const last = ticks[ticks.length - 1]
      if (!last || x - last.x >= spacing * 0.6) ticks.push({ x, at })
    }
    from = end.to
  }
  return { step, ticks }
}

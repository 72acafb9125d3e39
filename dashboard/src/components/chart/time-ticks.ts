import { chartStep, type TimeSpan } from '../../model/time-range.ts'

/** Round moments of a span, at most `max`, in local time: whole minutes, hours or days. */
export function timeTicks(span: TimeSpan, max: number): { at: number[]; step: number } {
  const step = chartStep(span, max)
  const offset = step >= 3_600_000 ? new Date(span.from).getTimezoneOffset() * 60_000 : 0
  const at: number[] = []
  for (let tick = Math.ceil((span.from - offset) / step) * step + offset; tick < span.to; tick += step) at.push(tick)
  return { at, step }
}

import { previousSpan, type TimeSpan } from './time-range.ts'

/** What a window is compared with: as long right before it, or the same a week earlier. */
export type Against = 'before' | 'week'

const WEEK_MS = 7 * 86_400_000

export function comparedSpan(span: TimeSpan, against: Against): TimeSpan {
  return against === 'week' ? { from: span.from - WEEK_MS, to: span.to - WEEK_MS } : previousSpan(span)
}

/** A window and the one it is compared with, as variables of a query. */
export interface ComparedWindows {
  since: string
  until: string
  beforeSince: string
  beforeUntil: string
  [name: string]: unknown
}

export function comparedWindows(span: TimeSpan, against: Against): ComparedWindows {
  const before = comparedSpan(span, against)
  const iso = (at: number) => new Date(at).toISOString()
  return {
    since: iso(span.from),
    until: iso(span.to),
    beforeSince: iso(before.from),
    beforeUntil: iso(before.to),
  }
}

/** Steps of a window: whole hours where it lasts half a day or more, so that hourly totals serve them. */
export function stepOf(span: TimeSpan, chartStep: (span: TimeSpan, max: number) => number): number {
  const step = chartStep(span, 60)
  return span.to - span.from >= 12 * 3_600_000 ? Math.max(3_600_000, step) : step
}

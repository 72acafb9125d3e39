import { parseMicros } from './time.ts'
import type { TimeSpan } from './time-range.ts'

/**
 * One entry for each step of a span, also where the database has nothing to tell. Steps begin where the database's
 * date_bin begins them: whole steps counted from 2000-01-01 UTC.
 */
export function fillSteps<TRow extends { bucket: string }>(
  rows: readonly TRow[],
  span: TimeSpan,
  stepMs: number,
): { at: number; row: TRow | null }[] {
  const origin = Date.UTC(2000, 0, 1)
  const byStart = new Map(rows.map(row => [Math.round((parseMicros(row.bucket) ?? 0) / 1000), row]))
  const steps: { at: number; row: TRow | null }[] = []
  for (let at = origin + Math.floor((span.from - origin) / stepMs) * stepMs; at < span.to; at += stepMs) {
    steps.push({ at, row: byStart.get(at) ?? null })
  }
  return steps
}

import { formatDay, formatMinute, parseMicros, type Zone } from './time.ts'
import type { TimeSpan } from './time-range.ts'

const HOUR_MS = 3_600_000

export interface HourCell<TRow> {
  /** Place in `days`. */
  day: number
  /** 0 to 23. */
  hour: number
  row: TRow
}

/**
 * Totals of hours as days and hours of the zone: every day of the span, the earliest first, also where nothing happened.
 * Of an hour that a day has twice (clocks set back) the later stays.
 */
export function hourCells<TRow extends { bucket: string }>(
  rows: readonly TRow[],
  span: TimeSpan,
  zone: Zone,
): { days: string[]; cells: HourCell<TRow>[] } {
  const days: string[] = []
  for (let at = Math.floor(span.from / HOUR_MS) * HOUR_MS; at < span.to; at += HOUR_MS) {
    const day = formatDay(at * 1000, zone)
    if (days.at(-1) !== day) days.push(day)
  }
  const cells = new Map<string, HourCell<TRow>>()
  for (const row of rows) {
    const at = parseMicros(row.bucket)
    const day = at === null ? -1 : days.indexOf(formatDay(at, zone))
    if (at === null || day === -1) continue
    const hour = Number(formatMinute(at, zone).slice(-5, -3))
    cells.set(`${day} ${hour}`, { day, hour, row })
  }
  return { days, cells: [...cells.values()] }
}

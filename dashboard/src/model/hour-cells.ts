import { formatDay, formatMinute, parseMicros, type Zone } from './time.ts'

export interface HourCell<TRow> {
  /** Place in `days`. */
  day: number
  /** 0 to 23. */
  hour: number
  row: TRow
}

/** Totals of hours as days and hours of the zone, the earliest day first. Hours that two days share (clocks set back) keep the later. */
export function hourCells<TRow extends { bucket: string }>(
  rows: readonly TRow[],
  zone: Zone,
): { days: string[]; cells: HourCell<TRow>[] } {
  const days: string[] = []
  const cells = new Map<string, HourCell<TRow>>()
  for (const row of rows) {
    const at = parseMicros(row.bucket)
    if (at === null) continue
    const day = formatDay(at, zone)
    if (days.at(-1) !== day) days.push(day)
    const hour = Number(formatMinute(at, zone).slice(-5, -3))
    cells.set(`${days.length} ${hour}`, { day: days.length - 1, hour, row })
  }
  return { days, cells: [...cells.values()] }
}

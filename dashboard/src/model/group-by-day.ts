import { formatDay, type Micros, parseMicros, type Zone } from './time.ts'

export interface Day<TRow> {
  label: string
  rows: TRow[]
}

/** Rows in their order, gathered by the day they happened on in a zone. */
export function groupByDay<TRow extends { created_at: string }>(
  rows: readonly TRow[],
  zone: Zone,
  now: Micros = Date.now() * 1000,
): Day<TRow>[] {
  const days: Day<TRow>[] = []
  for (const row of rows) {
    const label = formatDay(parseMicros(row.created_at) ?? 0, zone, now)
    const last = days[days.length - 1]
    if (last?.label === label) last.rows.push(row)
    else days.push({ label, rows: [row] })
  }
  return days
}

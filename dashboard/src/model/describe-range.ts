import { formatDay, formatMinute, type Zone } from './time.ts'
import { isMoving, RANGE_PRESETS, type RangeSearch, resolveRange } from './time-range.ts'

/** `Last 6 hours`, or both ends: `21 Nov 14:03 – 15:10`. */
export function describeRange(range: RangeSearch & { key: string }, zone: Zone): string {
  const [from = ''] = range.key.split('/')
  if (isMoving(range) && !/^\d/.test(from)) {
    return RANGE_PRESETS.find(preset => preset.from === from)?.label ?? `Last ${from.slice('now-'.length)}`
  }
  const span = resolveRange({ from, ...(range.to !== undefined && { to: range.to }) }, Date.now())
  const day = formatDay(span.from * 1000, zone)
  const start = `${day} ${formatMinute(span.from * 1000, zone).slice(-5)}`
  if (isMoving(range)) return `${start} – now`
  const endDay = formatDay(span.to * 1000, zone)
  return `${start} – ${endDay === day ? '' : `${endDay} `}${formatMinute(span.to * 1000, zone).slice(-5)}`
}

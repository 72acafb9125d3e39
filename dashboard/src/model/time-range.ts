/** A span of time as an address carries it: `now-6h`, `now`, or milliseconds since 1970. Missing parts mean the default. */
export interface RangeSearch {
  from?: string
  to?: string
}

/** A span of time with fixed ends, in milliseconds since 1970; `from` belongs to it, `to` does not. */
export interface TimeSpan {
  from: number
  to: number
}

export const DEFAULT_FROM = 'now-24h'

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const RELATIVE = /^now(?:-(\d{1,5})([smhdw]))?$/
const EPOCH_MS = /^\d{12,14}$/

export const RANGE_PRESETS = [
  { from: 'now-15m', label: 'Last 15 minutes' },
  { from: 'now-1h', label: 'Last hour' },
  { from: 'now-6h', label: 'Last 6 hours' },
  { from: 'now-24h', label: 'Last 24 hours' },
  { from: 'now-3d', label: 'Last 3 days' },
  { from: 'now-7d', label: 'Last 7 days' },
  { from: 'now-30d', label: 'Last 30 days' },
] as const

/** What an address says about time; what cannot be read is left out. */
export function parseRangeSearch(search: Record<string, unknown>): RangeSearch {
  const parsed: RangeSearch = {}
  for (const name of ['from', 'to'] as const) {
    const value = typeof search[name] === 'number' ? String(search[name]) : search[name]
    if (typeof value === 'string' && isTimePoint(value)) parsed[name] = value
  }
  return parsed
}

export function isTimePoint(text: string): boolean {
  return RELATIVE.test(text) || EPOCH_MS.test(text)
}

/** The span at the moment `now`. Ends in the wrong order change places; the span is never empty. */
export function resolveRange({ from, to }: RangeSearch, now: number, defaultFrom = DEFAULT_FROM): TimeSpan {
  const start = resolvePoint(from ?? defaultFrom, now)
  const end = resolvePoint(to ?? 'now', now)
  const span = { from: Math.min(start, end), to: Math.max(start, end) }
  return span.to > span.from ? span : { from: span.from, to: span.from + 1_000 }
}

/** Whether the span moves with the clock. */
export function isMoving({ to }: RangeSearch): boolean {
  return to === undefined || to.startsWith('now')
}

/** The span of equal length right before this one. */
export function previousSpan({ from, to }: TimeSpan): TimeSpan {
  return { from: from - (to - from), to: from }
}

/** The same span earlier (`-1`) or later (`1`), by half its length; never beyond `now`. */
export function shiftSpan({ from, to }: TimeSpan, direction: -1 | 1, now: number): TimeSpan {
  const length = to - from
  const end = Math.min(to + (direction * length) / 2, Math.max(to, now))
  return { from: Math.round(end - length), to: Math.round(end) }
}

/** Twice as long around the same middle; never beyond `now`. */
export function widenSpan({ from, to }: TimeSpan, now: number): TimeSpan {
  const length = to - from
  const end = Math.min(to + length / 2, Math.max(to, now))
  return { from: Math.round(end - 2 * length), to: Math.round(end) }
}

export function toRangeSearch({ from, to }: TimeSpan): Required<RangeSearch> {
  return { from: String(Math.round(from)), to: String(Math.round(to)) }
}

/** The window that a link to something that lasted from `start` to `end` carries: five minutes more on both sides. */
export function windowAround(startMs: number, endMs: number | null): Required<RangeSearch> {
  const margin = 5 * 60_000
  return toRangeSearch({ from: startMs - margin, to: (endMs ?? startMs) + margin })
}

/** Reads what a person types: `now-2h`, `2 h`, `2026-11-21 14:03`, `14:03`, milliseconds. Null when it is none of these. */
export function parseTypedTime(text: string, utc: boolean, now: number): string | null {
  const typed = text.trim()
  if (isTimePoint(typed)) return typed
  const ago = /^-?(\d{1,5})\s*([smhdw])[a-z]*$/i.exec(typed)
  if (ago) return `now-${ago[1]}${ago[2]?.toLowerCase()}`
  const clock = /^(?:(\d{4})-(\d\d)-(\d\d)(?:[T ]+)?)?(?:(\d{1,2}):(\d\d)(?::(\d\d))?)?$/.exec(typed)
  if (!clock || typed === '') return null
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = clock
  const today = new Date(now)
  const date = year
    ? [Number(year), Number(month) - 1, Number(day)]
    : utc
      ? [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()]
      : [today.getFullYear(), today.getMonth(), today.getDate()]
  const [y, mo, d] = date as [number, number, number]
  const time = [Number(hour), Number(minute), Number(second)] as const
  if (mo > 11 || d < 1 || d > 31 || time[0] > 23 || time[1] > 59 || time[2] > 59) return null
  return String(utc ? Date.UTC(y, mo, d, ...time) : new Date(y, mo, d, ...time).getTime())
}

/** Steps for bars of a chart: the smallest that needs at most `max` of them. In milliseconds. */
export function chartStep({ from, to }: TimeSpan, max = 60): number {
  const steps = [1, 2, 5, 10, 15, 30].flatMap(n => [n * 1_000, n * 60_000])
  const all = [...steps, ...[1, 2, 3, 6, 12].map(n => n * 3_600_000), 86_400_000, 604_800_000].sort((a, b) => a - b)
  return all.find(step => (to - from) / step <= max) ?? 30 * 86_400_000
}

function resolvePoint(point: string, now: number): number {
  const match = RELATIVE.exec(point)
  if (!match) return Number(point)
  const [, amount, unit] = match
  return amount && unit ? now - Number(amount) * (UNIT_MS[unit] ?? 0) : now
}

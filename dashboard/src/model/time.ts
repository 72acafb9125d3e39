/** Microseconds since 1970. A safe integer, where a Date would lose the last three digits. */
export type Micros = number

export type Zone = 'local' | 'utc'

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** Reads Postgres' ISO timestamps with all six digits; null for anything else. A missing offset means UTC. */
export function parseMicros(text: string | null | undefined): Micros | null {
  const match = text ? TIMESTAMP.exec(text) : null
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction = '', offset = 'Z'] = match
  const wholeSecondsMs = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  return wholeSecondsMs * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0')) - offsetMinutes(offset) * 60_000_000
}

function offsetMinutes(offset: string): number {
  if (offset === 'Z') return 0
  const sign = offset.startsWith('-') ? -1 : 1
  const digits = offset.slice(1).replace(':', '')
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || 0))
}

/** `14:03:22.123`, or with all six digits. */
export function formatClock(at: Micros, zone: Zone, digits: 0 | 3 | 6 = 3): string {
  const parts = dateParts(at, zone)
  return `${parts.hour}:${parts.minute}:${parts.second}${fraction(at, digits)}`
}

/** `2026-11-21 14:03:22.123456 UTC+1`: the zone is always printed. */
export function formatAbsolute(at: Micros, zone: Zone): string {
  const parts = dateParts(at, zone)
  return `${parts.year}-${parts.month}-${parts.day} ${formatClock(at, zone, 6)} ${zoneLabel(at, zone)}`
}

/** `2026-11-21 14:03`, as it is typed into a field. */
export function formatMinute(at: Micros, zone: Zone): string {
  const parts = dateParts(at, zone)
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `21 Nov`, with the year when it is not this one. */
export function formatDay(at: Micros, zone: Zone, now: Micros = Date.now() * 1000): string {
  const parts = dateParts(at, zone)
  const year = parts.year === dateParts(now, zone).year ? '' : ` ${parts.year}`
  return `${Number(parts.day)} ${MONTHS[Number(parts.month) - 1]}${year}`
}

export function zoneLabel(at: Micros, zone: Zone): string {
  if (zone === 'utc') return 'UTC'
  const minutes = -new Date(at / 1000).getTimezoneOffset()
  if (minutes === 0) return 'UTC+0'
  const rest = Math.abs(minutes) % 60
  const hours = Math.floor(Math.abs(minutes) / 60)
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`
}

/** `just now`, `12 s ago`, `4 min ago`, `3 h ago`, `2 d ago`. */
export function formatRelative(at: Micros, now: Micros): string {
  const seconds = Math.floor((now - at) / 1_000_000)
  if (seconds < 1) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

function fraction(at: Micros, digits: 0 | 3 | 6): string {
  if (digits === 0) return ''
  return `.${String(modulo(at, 1_000_000)).padStart(6, '0').slice(0, digits)}`
}

function dateParts(at: Micros, zone: Zone) {
  const date = new Date(Math.floor(at / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  return zone === 'utc'
    ? {
        year: String(date.getUTCFullYear()),
        month: two(date.getUTCMonth() + 1),
        day: two(date.getUTCDate()),
        hour: two(date.getUTCHours()),
        minute: two(date.getUTCMinutes()),
        second: two(date.getUTCSeconds()),
      }
    : {
        year: String(date.getFullYear()),
        month: two(date.getMonth() + 1),
        day: two(date.getDate()),
        hour: two(date.getHours()),
        minute: two(date.getMinutes()),
        second: two(date.getSeconds()),
      }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}

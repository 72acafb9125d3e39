import { type Micros, parseMicros } from './time.ts'

/** How long something took, and whether we know it to the microsecond. */
export interface Duration {
  micros: Micros
  /** False when only a whole number of milliseconds was recorded, so 0 means "less than one". */
  precise: boolean
}

/** `ended - created` where both are known, else the recorded milliseconds, else null: it still runs or was lost. */
export function toDuration(
  createdAt: string,
  endedAt: string | null | undefined,
  fallbackMs?: number | null,
): Duration | null {
  const start = parseMicros(createdAt)
  const end = parseMicros(endedAt)
  if (start !== null && end !== null) return { micros: Math.max(0, end - start), precise: true }
  return fallbackMs === null || fallbackMs === undefined ? null : { micros: fallbackMs * 1000, precise: false }
}

/** Three significant figures: `412 µs`, `1.23 ms`, `45.6 s`, `3 min 07 s`. Never `0 ms` for what took some time. */
export function formatDuration({ micros, precise }: Duration): string {
  if (!precise && micros < 1000) return '< 1 ms'
  return formatMicros(micros)
}

export function formatMicros(micros: Micros): string {
  const size = Math.max(0, micros)
  if (size < 999.5) return `${Math.round(size)} µs`
  if (size < 999_500) return `${threeFigures(size / 1000)} ms`
  if (size < 59_950_000) return `${threeFigures(size / 1_000_000)} s`
  const seconds = Math.round(size / 1_000_000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Whole milliseconds, or a percentile of them: `–` where nothing was measured, `< 1 ms` below that. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  return formatDuration({ micros: ms * 1000, precise: false })
}

/** For what still runs: coarse, so that digits do not flicker: `0.4 s`, `12.3 s`, `3 min 07 s`. */
export function formatElapsed(micros: Micros): string {
  const seconds = Math.max(0, micros) / 1_000_000
  return seconds < 59.95 ? `${seconds.toFixed(1)} s` : formatMicros(micros)
}

/** Time after the start of something: `+1.23 ms`; a minus sign tells of clocks that disagree. */
export function formatOffset(micros: Micros): string {
  return `${micros < 0 ? '−' : '+'}${formatMicros(Math.abs(micros))}`
}

function threeFigures(value: number): string {
  if (value >= 99.95) return value.toFixed(0)
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

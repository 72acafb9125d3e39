import type { Status } from './status.ts'

/** The levels of lines, the most severe first. `none`: a line that has none. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'none'] as const

const STATUS: Record<string, Status> = {
  fatal: { tone: 'failed', word: 'fatal' },
  error: { tone: 'failed', word: 'error' },
  warn: { tone: 'warning', word: 'warn' },
  none: { tone: 'quiet', word: 'no level' },
}

/** Colours of a chart, as CSS variables; what is severe stands out. */
const COLORS: Record<string, string> = {
  fatal: 'var(--lost)',
  error: 'var(--failed)',
  warn: 'var(--warning)',
  info: 'color-mix(in srgb, var(--running) 60%, var(--surface))',
}

export function levelOf(value: string | null): string {
  return value === null || value === '' ? 'none' : value.toLowerCase()
}

export function levelStatus(level: string): Status {
  return STATUS[level] ?? { tone: 'quiet', word: level }
}

export function levelColor(level: string): string {
  return COLORS[level] ?? 'var(--edge)'
}

/** All levels of a list in the order of their severity; those nobody knows come last. */
export function sortLevels(levels: readonly string[]): string[] {
  const place = (level: string) => {
    const at = LOG_LEVELS.indexOf(level as (typeof LOG_LEVELS)[number])
    return at === -1 ? LOG_LEVELS.length : at
  }
  return [...new Set(levels)].sort((a, b) => place(a) - place(b) || a.localeCompare(b))
}

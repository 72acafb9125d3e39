export interface Delta {
  /** `same`: nothing to compare, or no change. */
  direction: 'up' | 'down' | 'same'
  /** `+12 %`, `−3.4 points`, `new`, `no change`. */
  text: string
}

/** A number against the same number of the window before. Null where one of them is unknown. */
export function percentDelta(now: number | null, before: number | null): Delta | null {
  if (now === null || before === null) return null
  if (now === before) return { direction: 'same', text: 'no change' }
  // From nothing to something has no percentage.
  if (before === 0) return { direction: now > 0 ? 'up' : 'down', text: 'none before' }
  const change = (now - before) / Math.abs(before)
  return { direction: change > 0 ? 'up' : 'down', text: signed(change * 100, '%') }
}

/** The difference of two shares (0 to 1), in percentage points. */
export function pointsDelta(now: number | null, before: number | null): Delta | null {
  if (now === null || before === null) return null
  const change = (now - before) * 100
  if (Math.abs(change) < 0.005) return { direction: 'same', text: 'no change' }
  return { direction: change > 0 ? 'up' : 'down', text: signed(change, 'points') }
}

/** A share of a whole as a percentage with at most three figures; `–` of nothing. Never 0 % or 100 % for almost that. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (part / whole) * 100
  if (percent > 0 && percent < 0.01) return '< 0.01 %'
  if (percent < 100 && percent >= 99.995) return '> 99.99 %'
  return `${figures(percent)} %`
}

function signed(change: number, unit: string): string {
  return `${change < 0 ? '−' : '+'}${figures(Math.abs(change))} ${unit}`
}

function figures(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US')
  const text = value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

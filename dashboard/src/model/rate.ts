/** Units of a rate in seconds, the shortest first. */
const UNITS = { s: 1, min: 60, h: 3_600, d: 86_400 } as const

export type RateUnit = keyof typeof UNITS

/** The unit in which the most frequent reads best: rates that stand below each other are compared. */
export function rateUnit(amounts: readonly number[], spanMs: number): RateUnit {
  const perSecond = Math.max(0, ...amounts) / (spanMs / 1000)
  const units = Object.keys(UNITS) as RateUnit[]
  return units.find(unit => perSecond * UNITS[unit] >= 1) ?? 'd'
}

/** How often something happened in a span: `12.3 / min`, by default in the unit that reads best. */
export function formatRate(amount: number, spanMs: number, unit = rateUnit([amount], spanMs)): string {
  if (amount === 0) return '0'
  const rate = (amount / (spanMs / 1000)) * UNITS[unit]
  return `${rate < 0.005 ? '< 0.01' : figures(rate)} / ${unit}`
}

function figures(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}

/** `1.4 GB`, `312 kB`: powers of 1,000 as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : figures(value)} ${units[unit]}`
}

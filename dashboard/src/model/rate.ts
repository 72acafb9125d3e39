/** How often something happened in a span, per second, minute, hour or day, whichever reads best: `12.3 / min`. */
export function formatRate(amount: number, spanMs: number): string {
  if (amount === 0) return '0'
  const perSecond = amount / (spanMs / 1000)
  for (const [unit, seconds] of [
    ['s', 1],
    ['min', 60],
    ['h', 3600],
  ] as const) {
    const rate = perSecond * seconds
    if (rate >= 1) return `${figures(rate)} / ${unit}`
  }
  return `${figures(perSecond * 86_400)} / d`
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

/** One measure, in the form that `npm run bench -- --json` prints. */
export interface Measure {
  bench: string
  measure: string
  value: number
  unit: string
  /** What it is compared with, measured in the same run. */
  baseline: string
  baselineValue: number
  ratio: number
  /** What the ratio should be, as the issue that asked for the bench says; null when it only reports. */
  target: string | null
  holds: boolean | null
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Prints measures: a JSON object a line with `--json`, else a line for people. */
export function report(measures: Measure[]): void {
  const json = process.argv.includes('--json')
  for (const item of measures) {
    if (json) {
      console.log(JSON.stringify(item))
      continue
    }
    const verdict = item.holds === null ? '' : `  target ${item.target}: ${item.holds ? 'holds' : 'MISSED'}`
    console.log(
      `${item.bench}  ${item.measure}: ${item.value.toFixed(1)} ${item.unit}, ${item.ratio.toFixed(2)} × ${item.baseline} (${item.baselineValue.toFixed(1)})${verdict}`,
    )
  }
}

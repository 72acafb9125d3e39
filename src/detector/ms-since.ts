/** Whole milliseconds since a `performance.now()`. */
export function msSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt)
}

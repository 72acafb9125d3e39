/** What the live page says of its events. */
export interface LiveCounts {
  shown: number
  received: number
  /** Received, and no longer kept. */
  left: number
  /** Never received: the page read too slowly. */
  skipped: number
}

/** Reads the line of the live page: `connected · 5,000 shown of 12,000 · 7,000 left (…) · 3 skipped: …`. */
export function readLiveCounts(line: string): LiveCounts {
  const of = (pattern: RegExp): number => Number((pattern.exec(line)?.[1] ?? '0').replaceAll(',', ''))
  return {
    shown: of(/([\d,]+) shown of/),
    received: of(/shown of ([\d,]+)/),
    left: of(/([\d,]+) left/),
    skipped: of(/([\d,]+) skipped/),
  }
}

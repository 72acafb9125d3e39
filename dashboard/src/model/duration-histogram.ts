/** A stretch of durations, with the places of a histogram that it covers: from `first` to `last`, both included. */
export interface DurationBin {
  first: number
  last: number
  fromMs: number
  /** Infinity for the last. */
  toMs: number
}

/** Places of the database's histograms: below 1 ms, then four to each doubling, the last from 3.3 hours on. */
const PLACES = 97

function startOf(place: number): number {
  return place === 0 ? 0 : 2 ** ((place - 1) / 4)
}

function bin(first: number, last: number): DurationBin {
  return {
    first,
    last,
    fromMs: startOf(first),
    toMs: last === PLACES - 1 ? Number.POSITIVE_INFINITY : startOf(last + 1),
  }
}

/** One for each doubling: below 1 ms, 1 to 2, 2 to 4, and so on. */
export const DOUBLINGS: readonly DurationBin[] = [
  bin(0, 0),
  ...Array.from({ length: 24 }, (_, n) => bin(1 + 4 * n, n === 23 ? PLACES - 1 : 4 + 4 * n)),
]

/**
 * As fine as whole milliseconds allow: durations are recorded as such, so that below 4 ms four to a doubling would leave
 * most of them empty.
 */
export const FINE_BINS: readonly DurationBin[] = [
  bin(0, 0),
  bin(1, 4),
  bin(5, 6),
  bin(7, 8),
  ...Array.from({ length: PLACES - 9 }, (_, n) => bin(9 + n, 9 + n)),
]

export function countsOf(histogram: readonly number[], bins: readonly DurationBin[]): number[] {
  return bins.map(({ first, last }) => {
    let sum = 0
    for (let place = first; place <= last && place < histogram.length; place += 1) sum += histogram[place] ?? 0
    return sum
  })
}

/** The bins from the first to the last that any of these counts fills. */
export function usedBins(counts: readonly (readonly number[])[]): { from: number; to: number } | null {
  let from = Number.POSITIVE_INFINITY
  let to = -1
  for (const list of counts) {
    for (const [at, n] of list.entries()) {
      if (n === 0) continue
      from = Math.min(from, at)
      to = Math.max(to, at)
    }
  }
  return to === -1 ? null : { from, to }
}
